import type { Kind } from '../../inventory/documents/kinds.ts'
import { type View, viewSchema } from '../../inventory/documents/status.ts'
import type { CellValue, Column } from '../terminal/table.ts'
import type { AnyView } from './calls.ts'
import { valueAt } from './path.ts'

type Columns = { [K in Kind]: readonly Column<View<K>>[] }

/** `2026-12-18 17:00Z` */
const minute = (time = ''): string => time.replace('T', ' ').replace(/:\d\d(\.\d+)?Z$/, 'Z')
const all = (words: readonly string[]): string => (words.length === 0 ? 'all' : words.join(', '))

/** What a list of each kind shows; `wide` ones only when asked for. Every field can be asked for by its path besides. */
const COLUMNS: Columns = {
  datacenter: [
    { name: 'name', value: view => view.name },
    { name: 'dnsDomain', value: view => view.dnsDomain },
    { name: 'timeZone', value: view => view.timeZone },
  ],
  room: [
    { name: 'name', value: view => view.name },
    { name: 'datacenter', title: 'dc', value: view => view.datacenter },
  ],
  rack: [
    { name: 'name', value: view => view.name },
    { name: 'datacenter', title: 'dc', value: view => view.datacenter },
    { name: 'room', value: view => view.room },
    { name: 'heightU', value: view => view.heightU, align: 'right' },
    { name: 'powerFeeds', value: view => view.powerFeeds.join(', ') },
    { name: 'switch', value: view => view.switch },
  ],
  network: [
    { name: 'name', value: view => view.name },
    { name: 'datacenter', title: 'dc', value: view => view.datacenter },
    { name: 'purpose', value: view => view.purpose },
    { name: 'vlan', value: view => view.vlan, align: 'right' },
    { name: 'cidr4', value: view => view.cidr4 },
    { name: 'cidr6', value: view => view.cidr6 },
    { name: 'gateway4', value: view => view.gateway4, wide: true },
    { name: 'gateway6', value: view => view.gateway6, wide: true },
    {
      name: 'ranges',
      value: view => view.ranges.map(range => `${range.use} ${range.first}-${range.last}`).join(', '),
      wide: true,
    },
  ],
  profile: [
    { name: 'name', value: view => view.name },
    { name: 'summary', value: view => view.summary },
    { name: 'rules', value: view => view.match.length, align: 'right' },
  ],
  service: [
    { name: 'name', value: view => view.name },
    { name: 'tier', value: view => view.tier },
    { name: 'developerOwner', title: 'developers', value: view => view.developerOwner },
    { name: 'operationsOwner', title: 'operations', value: view => view.operationsOwner },
    { name: 'endpoint', value: view => view.port && `${view.protocol}/${view.port}` },
    { name: 'maxUnavailable', title: 'max away', value: view => view.maxUnavailable, align: 'right' },
    { name: 'hostnamePattern', value: view => view.hostnamePattern, wide: true },
  ],
  image: [
    { name: 'name', value: view => view.name },
    { name: 'os', value: view => view.os },
    { name: 'version', value: view => view.version },
    { name: 'architecture', value: view => view.architecture },
    { name: 'format', value: view => view.format },
    { name: 'url', value: view => view.url, wide: true },
  ],
  window: [
    { name: 'name', value: view => view.name },
    { name: 'datacenters', value: view => all(view.datacenters) },
    { name: 'tiers', value: view => all(view.tiers) },
    { name: 'schedule', value: view => view.schedule },
    { name: 'durationMinutes', title: 'minutes', value: view => view.durationMinutes, align: 'right' },
    { name: 'jitterMinutes', title: 'jitter', value: view => view.jitterMinutes, align: 'right', wide: true },
  ],
  freeze: [
    { name: 'name', value: view => view.name },
    { name: 'reason', value: view => view.reason },
    {
      name: 'when',
      value: view =>
        view.schedule
          ? `${view.schedule}, ${view.durationMinutes} min`
          : `${minute(view.startsAt)} to ${minute(view.endsAt)}`,
    },
    { name: 'datacenters', value: view => all(view.datacenters) },
    { name: 'tiers', value: view => all(view.tiers) },
  ],
  machine: [
    { name: 'name', value: view => view.name },
    { name: 'datacenter', title: 'dc', value: view => view.datacenter },
    { name: 'rack', value: view => view.rack },
    { name: 'u', value: view => view.positionU, align: 'right' },
    { name: 'lifecycle', value: view => view.lifecycle },
    { name: 'condition', value: view => view.condition.state },
    { name: 'power', value: view => view.power.state },
    { name: 'profile', value: view => view.profile },
    { name: 'service', value: view => view.service },
    { name: 'hostname', value: view => view.hostname, wide: true },
    { name: 'reason', value: view => view.condition.reason, wide: true },
    { name: 'job', value: view => view.activeJob, align: 'right', wide: true },
    { name: 'vendor', value: view => view.vendor, wide: true },
    { name: 'model', value: view => view.model, wide: true },
    { name: 'serial', value: view => view.serial, wide: true },
    { name: 'bmc', value: view => view.bmc?.address, wide: true },
    { name: 'mac', value: view => view.nics[0]?.mac, wide: true },
  ],
}

export function columnsOf(kind: Kind): readonly Column<AnyView>[] {
  return COLUMNS[kind] as unknown as readonly Column<AnyView>[]
}

/** A column of any field, by its path: `bmc.username`, `labels.rail`, `nics.0.mac`. */
export function fieldColumn(kind: Kind, path: string): Column<AnyView> | undefined {
  const [field = ''] = path.split('.')
  const { properties } = viewSchema(kind) as unknown as { properties: object }
  if (!(field in properties)) return undefined
  return { name: path, value: view => asCell(valueAt(view, path.split('.'))) }
}

function asCell(value: unknown): CellValue {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : (value as CellValue)
}
