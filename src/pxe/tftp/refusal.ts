import { FAILURES, type Failure } from './events.ts'
import { normalizeName } from './names.ts'
import type { ErrorName, Request } from './packets.ts'

/** A request that is answered with an error: what the client is told, and what the timeline is told. */
export interface Refusal {
  reason: Failure
  code: ErrorName
  /** Goes over the wire to whoever asked: nothing of the host is in it. */
  words: string
  /** What only the operator may see. */
  details?: string
}

export const refusal = (reason: Failure, code: ErrorName, words: string = FAILURES[reason]): Refusal => ({
  reason,
  code,
  words,
})

/** What is wrong with a request in itself; or the name it asks for. */
export function readRequest({ kind, mode, file }: Request): Refusal | { name: string; netascii: boolean } {
  if (kind === 'wrq') return refusal('write-refused', 'accessViolation')
  const word = mode.toLowerCase()
  if (word !== 'octet' && word !== 'netascii')
    return refusal('bad-request', 'illegalOperation', `the mode is neither octet nor netascii`)
  const name = normalizeName(file)
  return name === undefined ? refusal('bad-name', 'accessViolation') : { name, netascii: word === 'netascii' }
}
