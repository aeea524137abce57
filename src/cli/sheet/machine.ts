import { KINDS } from '../../inventory/documents/kinds.ts'
import type { PlacedFault } from '../placed-faults.ts'
import { withoutDefaults } from '../inventory/defaults.ts'
import type { Located } from '../inventory/read.ts'
import { putBmc } from './bmc.ts'
import { Draft, type Machine } from './draft.ts'
import type { Entry } from './entry.ts'
import { putNics } from './nics.ts'
import type { Places } from './places.ts'
import type { Wishes } from './wishes.ts'

/**
 * The document of a row's machine: what the inventory has (if it has it), with what the row says put over it. What
 * a row does not say stays as it is; a MAC that is new becomes a new NIC.
 */
export async function toMachine(
  entry: Entry,
  places: Places,
  wishes: Wishes,
): Promise<{ located?: Located; faults: readonly PlacedFault[] }> {
  const existing = entry.name === undefined ? undefined : await places.machine(entry.name)
  const draft = new Draft(entry, existing ? (withoutDefaults(KINDS.machine.schema, existing) as Machine) : {})
  putPlain(draft)
  const datacenter = await putDatacenter(draft, places, wishes)
  // Without a datacenter nothing is known of its networks.
  if (datacenter === undefined) return { faults: draft.faults }
  await putNics(draft, places, datacenter)
  await putBmc(draft, places, { datacenter, bmcProtocol: wishes.bmcProtocol })
  return { located: draft.located(), faults: draft.faults }
}

const SAME_FIELDS = [
  'name',
  'serial',
  'systemUuid',
  'hostname',
  'rack',
  'vendor',
  'model',
  'profile',
  'service',
] as const

function putPlain(draft: Draft): void {
  const { entry, machine } = draft
  for (const field of SAME_FIELDS) {
    const value = entry[field]
    if (value !== undefined) machine[field] = value
    draft.cameFrom(field, field)
  }
  if (entry.position) machine.positionU = entry.position.positionU
  const heightU = entry.position?.heightU ?? entry.height
  if (heightU !== undefined) machine.heightU = heightU
  draft.cameFrom('positionU', 'position')
  draft.cameFrom('heightU', entry.height === undefined ? 'position' : 'height')
  if (Object.keys(entry.labels).length > 0) machine.labels = { ...machine.labels, ...entry.labels }
  for (const name of Object.keys(entry.labels)) draft.cameFrom(`labels.${name}`, `label:${name}`)
}

/** The row's own, else the caller's, else that of the rack, else the one that the machine has. */
async function putDatacenter(draft: Draft, places: Places, wishes: Wishes): Promise<string | undefined> {
  const { entry, machine } = draft
  const ofRack = entry.rack === undefined ? undefined : await places.datacenterOfRack(entry.rack)
  const datacenter = entry.datacenter ?? wishes.datacenter ?? ofRack ?? machine.datacenter
  draft.cameFrom('datacenter', entry.datacenter === undefined ? 'rack' : 'datacenter')
  if (datacenter !== undefined) machine.datacenter = datacenter
  else if (entry.rack === undefined) draft.refuse('rack', 'neither rack nor datacenter is given: add --datacenter')
  else draft.refuse('rack', `there is no rack '${entry.rack}': declare it first, or add --datacenter`)
  return datacenter
}
