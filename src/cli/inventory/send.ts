import { type Client, ProblemError } from '../../api/contract/client.ts'
import { apply, type Change, compare } from '../../api/contract/inventory.ts'
import { type Kind, KIND_NAMES, KINDS } from '../../inventory/documents/kinds.ts'
import type { Fault } from '../../lib/errors.ts'
import { pointerParts } from '../../lib/schema.ts'
import { keysAsWritten } from './canonical-order.ts'
import { placeFault, type Prepared } from './prepare.ts'
import type { PlacedFault } from '../placed-faults.ts'

/** Documents by the plural of their kind, in one order that pointers of the answer refer to. */
type Batch = Record<string, Prepared[]>

/** Those that are not in the inventory as they are here, or whose BMC has no password yet. Sends digests only. */
export async function differing(client: Client, prepared: readonly Prepared[]): Promise<Prepared[]> {
  const digests: { [K in Kind]?: Record<string, string> } = {}
  for (const kind of KIND_NAMES) {
    const ofKind = prepared.filter(one => one.located.kind === kind)
    if (ofKind.length > 0)
      digests[kind] = Object.fromEntries(ofKind.map(one => [one.located.name, one.digest] as [string, string]))
  }
  const withPassword = prepared.flatMap(one => (one.hasPassword && one.located.name ? [one.located.name] : []))
  const answer = await client.call(compare, { body: { digests, withPassword } })
  const names = new Map(Object.entries(answer.differing).map(([kind, found]) => [kind, new Set(found)]))
  return prepared.filter(({ located }) => names.get(located.kind)?.has(located.name ?? ''))
}

export type Sent = { changes: Change[] } | { faults: PlacedFault[] }

/** Applies documents, all or nothing. Faults come back with their places in the files. @throws ProblemError all other problems. */
export async function send(client: Client, prepared: readonly Prepared[], dryRun: boolean): Promise<Sent> {
  const batch: Batch = Object.groupBy(prepared, ({ located }) => KINDS[located.kind].plural) as Batch
  const body = Object.fromEntries(Object.entries(batch).map(([plural, list]) => [plural, list.map(one => one.body)]))
  try {
    return await client.call(apply, { query: { dryRun }, body })
  } catch (error) {
    if (error instanceof ProblemError && error.faults.length > 0)
      return { faults: error.faults.map(fault => placed(fault, batch)) }
    throw error
  }
}

function placed(fault: Fault, batch: Batch): PlacedFault {
  const [plural = '', index = '', ...keys] = pointerParts(fault.path)
  const one = batch[plural]?.[Number(index)]
  if (!one) return { place: { file: '(the inventory)', line: 1, column: 1 }, path: fault.path, message: fault.message }
  const written = one.digest === undefined ? keys : keysAsWritten(one.body, one.located.value, keys)
  return placeFault(one.located, written, fault)
}
