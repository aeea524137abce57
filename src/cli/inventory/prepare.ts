import type { TSchema } from 'typebox'
import { Default } from 'typebox/value'
import { canonical } from '../../inventory/documents/canonical.ts'
import { type Document, KINDS } from '../../inventory/documents/kinds.ts'
import { digestOf } from '../../lib/digest.ts'
import type { Fault } from '../../lib/errors.ts'
import { faultsOf, pointerParts } from '../../lib/schema.ts'
import type { Located } from './read.ts'
import type { PlacedFault } from '../placed-faults.ts'

/** A document that is ready to be sent. */
export interface Prepared {
  located: Located
  /** As it goes out: in its canonical form where it fits its schema, else as it was written. */
  body: unknown
  /** Of the canonical form, without the password: the controller has the same for what it keeps. */
  digest: string | undefined
  hasPassword: boolean
  faults: PlacedFault[]
}

export function prepare(located: Located): Prepared {
  const { kind, value } = located
  const input: TSchema = KINDS[kind].input
  const document: unknown = Default(input, value)
  const faults = faultsOf(input, document).map(fault => placeFault(located, pointerParts(fault.path), fault))
  if (faults.length > 0) return { located, body: value, digest: undefined, hasPassword: false, faults }
  const password = (document as { bmc?: { initialPassword?: string } }).bmc?.initialPassword
  const body = canonical(kind, document as Document)
  const digest = digestOf(body)
  if (password === undefined) return { located, body, digest, hasPassword: false, faults }
  const { bmc } = body as { bmc?: object }
  return { located, body: { ...body, bmc: { ...bmc, initialPassword: password } }, digest, hasPassword: true, faults }
}

/** A fault of a document, where it stands in the file. `keys` lead to it in the document as it was written. */
export function placeFault(
  located: Located,
  keys: readonly string[],
  { message }: Pick<Fault, 'message'>,
): PlacedFault {
  return {
    place: located.placeOf(keys),
    path: located.titleOf(keys),
    message: message + quoteHint(located, keys, message),
  }
}

/** `serial: 0012` is a number in YAML, and its zeros are lost. */
function quoteHint(located: Located, keys: readonly string[], message: string): string {
  if (!message.startsWith('expected string, got ')) return ''
  const source = located.sourceOf(keys)
  return source === undefined || source === '' || /^["'{[&*|>!]/.test(source) ? '' : `; write it in quotes: "${source}"`
}
