import type { Fault } from '../../lib/errors.ts'
import { faultsOf, FAULTS_TOLD, fillDefaults, inputError } from '../../lib/schema.ts'
import type { Sealer } from '../../lib/secrets.ts'
import { type Kind, KINDS } from '../documents/kinds.ts'
import type { Incoming } from '../check/known.ts'

/** What BMC passwords are sealed for. */
export const BMC_PASSWORD = 'BMC password'

export interface ReadDocument {
  incoming: Incoming
  sealedPasswords: Map<string, Buffer>
}

/** One document as it was sent. @throws AppError `invalid_input` with every fault of its form. */
export function readDocument(kind: Kind, input: unknown, sealer: Sealer): ReadDocument {
  const { faults, incoming, password } = readOne(kind, input, '')
  if (!incoming) throw inputError(`The ${kind}`, faults)
  return { incoming, sealedPasswords: sealAll([[incoming.document.name, password]], sealer) }
}

export interface ReadDocuments extends ReadAll {
  sealedPasswords: Map<string, Buffer>
}
interface ReadAll {
  incoming: Incoming[]
  faults: Fault[]
  /** Of documents whose form is wrong: others may refer to them, which is no fault of its own. */
  broken: { kind: Kind; name: string }[]
}

/** Documents by the plural of their kind, as in a file. Those with faults are left out and named in `broken`. */
export function readDocuments(input: Partial<Record<string, readonly unknown[]>>, sealer: Sealer): ReadDocuments {
  const all: ReadAll = { incoming: [], faults: [], broken: [] }
  const passwords: [string, string | undefined][] = []
  for (const [kind, { plural }] of Object.entries(KINDS) as [Kind, { plural: string }][]) {
    for (const [at, document] of (input[plural] ?? []).entries()) {
      // A file of nothing but faults is not looked at to its end.
      if (all.faults.length >= FAULTS_TOLD) break
      const { faults, incoming, password } = readOne(kind, document, `/${plural}/${at}`)
      all.faults.push(...faults)
      if (incoming) all.incoming.push(incoming)
      else if (hasName(document)) all.broken.push({ kind, name: document.name })
      if (incoming) passwords.push([incoming.document.name, password])
    }
  }
  return { ...all, sealedPasswords: sealAll(passwords, sealer) }
}

function readOne(
  kind: Kind,
  input: unknown,
  at: string,
): { faults: Fault[]; incoming?: Incoming; password?: string | undefined } {
  const { input: schema } = KINDS[kind]
  const document = fillDefaults(schema, input)
  const faults = faultsOf(schema, document).map(fault => ({ ...fault, path: at + fault.path }))
  if (faults.length > 0) return { faults }
  const [kept, password] = splitPassword(document)
  return { faults, incoming: { kind, document: kept, at } as Incoming, password }
}

/** Parts them at once, so that no later code can show or store it. The input stays whole: the transaction may run again. */
function splitPassword(document: unknown): [document: unknown, password: string | undefined] {
  const { bmc, ...machine } = document as { bmc?: { initialPassword?: string } }
  if (bmc?.initialPassword === undefined) return [document, undefined]
  const { initialPassword, ...rest } = bmc
  return [{ ...machine, bmc: rest }, initialPassword]
}

function sealAll(passwords: readonly (readonly [string, string | undefined])[], sealer: Sealer): Map<string, Buffer> {
  const given = passwords.flatMap(([name, password]) =>
    password === undefined ? [] : [[name, sealer.seal(password, BMC_PASSWORD)] as const],
  )
  return new Map(given)
}

const hasName = (document: unknown): document is { name: string } =>
  typeof document === 'object' && document !== null && 'name' in document && typeof document.name === 'string'
