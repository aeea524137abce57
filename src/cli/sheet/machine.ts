import { type Document, KINDS } from '../../inventory/documents/kinds.ts'
import type { PlacedFault } from '../failure.ts'
import { withoutDefaults } from '../inventory/defaults.ts'
import { titleOf, type Located } from '../inventory/read.ts'
import { letterOf } from './columns.ts'
import type { Entry } from './entry.ts'
import type { Field } from './fields.ts'
import type { Places } from './places.ts'

type Protocol = NonNullable<Document<'machine'>['bmc']>['protocol']
export const PROTOCOLS = ['redfish', 'ipmi', 'ssh'] as const satisfies readonly Protocol[]

export interface Wishes {
  /** For rows that do not say. */
  datacenter?: string | undefined
  bmcProtocol: Protocol
}

type Machine = Partial<Document<'machine'>> & { bmc?: Record<string, unknown> }

/** One row on its way to a machine document. */
interface Building {
  entry: Entry
  places: Places
  machine: Record<string, unknown>
  /** Which column a field of the document came from, by its path. */
  origins: Map<string, Field>
  faults: PlacedFault[]
}

/**
 * The document of a row's machine: what the inventory has (if it has it), with what the row says put over it. What
 * a row does not say stays as it is; a MAC that is new becomes a new NIC.
 */
export async function toMachine(
  entry: Entry,
  places: Places,
  wishes: Wishes,
): Promise<{ located: Located; faults: PlacedFault[] }> {
  const existing = entry.name === undefined ? undefined : await places.machine(entry.name)
  const machine = (existing ? withoutDefaults(KINDS.machine.schema, existing) : {}) as Record<string, unknown>
  const building: Building = { entry, places, machine, origins: new Map(), faults: [] }
  putPlain(building)
  await putDatacenter(building, wishes)
  await putNics(building)
  await putBmc(building, wishes)
  return { located: located(building), faults: building.faults }
}

const PLAIN_FIELDS = [
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

function putPlain({ entry, machine, origins }: Building): void {
  const put = (path: string, value: unknown, field: Field) => {
    if (value === undefined) return
    machine[path] = value
    origins.set(path, field)
  }
  for (const field of PLAIN_FIELDS) put(field, entry[field], field)
  put('positionU', entry.position?.positionU, 'position')
  put('heightU', entry.position?.heightU ?? entry.height, entry.height === undefined ? 'position' : 'height')
  if (Object.keys(entry.labels).length > 0)
    machine.labels = { ...(machine.labels as object | undefined), ...entry.labels }
  for (const name of Object.keys(entry.labels)) origins.set(`labels.${name}`, `label:${name}`)
}

async function putDatacenter(
  { entry, places, machine, origins, faults }: Building,
  { datacenter }: Wishes,
): Promise<void> {
  const found = entry.datacenter ?? datacenter ?? (entry.rack ? await places.datacenterOfRack(entry.rack) : undefined)
  origins.set('datacenter', entry.datacenter === undefined ? 'rack' : 'datacenter')
  if (found !== undefined) machine.datacenter = found
  else if (machine.datacenter === undefined)
    faults.push(
      faultAt(
        entry,
        'rack',
        entry.rack === undefined
          ? 'no rack and no datacenter: give --datacenter'
          : `there is no rack '${entry.rack}': declare it first, or give --datacenter`,
      ),
    )
}

interface Nic {
  mac: string
  switch?: string
  switchPort?: string
  addresses?: { network: string; ip?: string }[]
}

async function putNics({ entry, places, machine, origins, faults }: Building): Promise<void> {
  if (entry.nics.size === 0) return
  const nics = [...((machine.nics as Nic[] | undefined) ?? [])]
  for (const [number, { mac, ip, switch: name, port }] of entry.nics) {
    const known = nics.findIndex(nic => (mac === undefined ? nics.indexOf(nic) === number - 1 : nic.mac === mac))
    const at = known >= 0 ? known : nics.length
    const nic = nics[at] ?? (mac === undefined ? undefined : { mac })
    if (!nic) {
      faults.push(
        faultAt(entry, `nic${number}.${ip === undefined ? 'port' : 'ip'}`, `there is no MAC for NIC ${number}`),
      )
      continue
    }
    nics[at] = { ...nic, ...(name !== undefined && { switch: name }), ...(port !== undefined && { switchPort: port }) }
    for (const [path, part] of [
      ['mac', 'mac'],
      ['switch', 'switch'],
      ['switchPort', 'port'],
    ] as const)
      origins.set(`nics.${at}.${path}`, `nic${number}.${part}`)
    if (ip === undefined) continue
    const network = await places.networkOf(String(machine.datacenter), ip)
    if (network === undefined)
      faults.push(faultAt(entry, `nic${number}.ip`, `no network of ${String(machine.datacenter)} has ${ip}`))
    else {
      const others = (nic.addresses ?? []).filter(address => address.network !== network.name)
      nics[at] = { ...nics[at], mac: nic.mac, addresses: [...others, { network: network.name, ip }] }
      origins.set(`nics.${at}.addresses.${others.length}.ip`, `nic${number}.ip`)
    }
  }
  machine.nics = nics
}

async function putBmc({ entry, places, machine, origins, faults }: Building, { bmcProtocol }: Wishes): Promise<void> {
  const { ip, mac, user, password, protocol, network } = entry.bmc
  if ([ip, mac, user, password, protocol, network].every(value => value === undefined)) return
  const before = (machine.bmc as Record<string, unknown> | undefined) ?? {}
  const datacenter = String(machine.datacenter)
  const found =
    network ??
    (ip === undefined ? undefined : (await places.networkOf(datacenter, ip))?.name) ??
    before.network ??
    (await places.onlyOobNetwork(datacenter))
  if (found === undefined)
    faults.push(
      faultAt(
        entry,
        ip === undefined ? 'bmc.network' : 'bmc.ip',
        `which network is the BMC in? ${ip === undefined ? `${datacenter} has not just one for BMCs` : `No network of ${datacenter} has ${ip}`}; give a column "BMC network"`,
      ),
    )
  machine.bmc = {
    protocol: protocol ?? before.protocol ?? bmcProtocol,
    ...before,
    ...(protocol !== undefined && { protocol }),
    network: found ?? 'unknown',
    ...(ip !== undefined && { address: ip }),
    ...(mac !== undefined && { mac }),
    ...(user !== undefined && { username: user }),
    ...(password !== undefined && { initialPassword: password }),
  }
  const paths = {
    address: 'bmc.ip',
    mac: 'bmc.mac',
    username: 'bmc.user',
    initialPassword: 'bmc.password',
    protocol: 'bmc.protocol',
    network: 'bmc.network',
  } as const
  for (const [path, field] of Object.entries(paths)) origins.set(`bmc.${path}`, field)
}

function faultAt(entry: Entry, field: Field, message: string): PlacedFault {
  const title = titleOf('machine', entry.name, [])
  const column = entry.columns.get(field)
  return {
    place: { file: entry.file, line: entry.line },
    path: column ? `${title}, column ${letterOf(column.index)} (${column.header})` : title,
    message,
  }
}

/** The document with its row: faults of it are told by line and column of the sheet. */
function located({ entry, machine, origins }: Building): Located {
  const { file, line, name, columns } = entry
  return {
    kind: 'machine',
    value: machine satisfies Machine,
    name,
    placeOf: () => ({ file, line }),
    sourceOf: () => undefined,
    titleOf: keys => {
      const field = origins.get(keys.join('.'))
      const column = field && columns.get(field)
      return column
        ? `${titleOf('machine', name, [])}, column ${letterOf(column.index)} (${column.header})`
        : titleOf('machine', name, keys)
    },
  }
}
