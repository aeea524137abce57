import { type Kysely, type SelectQueryBuilder, type SqlBool, sql } from 'kysely'
import { Address4, Address6 } from 'ip-address'
import type { Db } from '../../db/schema.ts'
import { canonicalMac } from '../documents/canonical.ts'
import type { Kind } from '../documents/kinds.ts'
import type { Filter, View } from '../documents/status.ts'
import { machineChildren, machineFromRow, type MachineRow, type StoredMachine } from './machines.ts'
import { networkFromRow, networkRanges, type NetworkRow } from './networks.ts'
import { type Page, type PageRequest, paged, toPage } from './page.ts'
import { fromRow, type Row, type Shared, shared, type Stored } from './tables.ts'

/** A page of documents of a kind, in one query however many there are. */
export async function list<K extends Kind>(
  db: Kysely<Db>,
  kind: K,
  filter: Filter<K>,
  page: PageRequest,
): Promise<Page<View<K>>> {
  const query = filtered(db.selectFrom(shared(kind)).selectAll(), kind, filter)
  const whole =
    kind === 'machine'
      ? query.select(machineChildren as never)
      : kind === 'network'
        ? query.select(networkRanges as never)
        : query
  const rows = await paged(whole, page).execute()
  return toPage(rows, page, row => viewOf(kind, storedFrom(kind, row) as Stored<K>))
}

function storedFrom(kind: Kind, row: unknown): Stored {
  if (kind === 'machine') return machineFromRow(row as MachineRow)
  if (kind === 'network') return networkFromRow(row as NetworkRow)
  return fromRow(kind, row as Row)
}

/** A stored document as the API shows it. */
export function viewOf<K extends Kind>(kind: K, stored: Stored<K>): View<K> {
  const { document, revision, createdAt, updatedAt } = stored
  const status = kind === 'machine' ? (stored as Stored as StoredMachine).status : undefined
  return {
    ...document,
    revision,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
    ...status,
  } as unknown as View<K>
}

type Query = SelectQueryBuilder<Db, Shared, Row>

function filtered(query: Query, kind: Kind, filter: Filter): Query {
  const given = Object.entries(filter as Record<string, string | undefined>).filter(([, value]) => value !== undefined)
  return given.reduce((narrowed, [name, value = '']) => narrowed.where(condition(kind, name, value)), query)
}

const condition = (kind: Kind, name: string, value: string) =>
  SPECIAL[kind]?.[name]?.(value) ?? sql<SqlBool>`${sql.ref(name)} = ${value}`

type Condition = (value: string) => ReturnType<typeof sql<SqlBool>>

const inScope: Condition = value => sql<SqlBool>`(datacenters = '{}' or ${value} = any(datacenters))`

/** Filters that are not a column's equality. */
const SPECIAL: Partial<Record<Kind, Record<string, Condition>>> = {
  window: { datacenter: inScope },
  freeze: { datacenter: inScope },
  network: {
    address: value => sql<SqlBool>`(cidr4 >> ${value}::inet or cidr6 >> ${value}::inet)`,
    cidr4: value => sql<SqlBool>`cidr4 = ${value}::cidr`,
  },
  machine: {
    mac: value => sql<SqlBool>`id = (select n.machine from nic n where n.mac = ${canonicalMac(value)}::macaddr)`,
    address: value => sql<SqlBool>`id = (select a.machine from address a where a.ip = ${value}::inet)`,
    label: value => {
      const at = value.indexOf('=')
      if (at < 0) return sql<SqlBool>`labels ? ${value}`
      return sql<SqlBool>`labels @> ${JSON.stringify({ [value.slice(0, at)]: value.slice(at + 1) })}::jsonb`
    },
    q: search,
  },
}

const MAC = /^[0-9a-f]{2}([:-][0-9a-f]{2}){5}$/i
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** What looks like a whole MAC, address or UUID is looked up as one; all else is a part of a name (index machine_search). */
function search(value: string) {
  if (MAC.test(value)) return SPECIAL.machine!.mac!(value)
  if (UUID.test(value)) return sql<SqlBool>`system_uuid = ${value}::uuid`
  if (Address4.isValid(value) || (Address6.isValid(value) && !value.includes('%') && !value.includes('/')))
    return SPECIAL.machine!.address!(value)
  const pattern = `%${value.replaceAll(/[\\%_]/g, match => `\\${match}`)}%`
  return sql<SqlBool>`(name::text || ' ' || coalesce(serial, '') || ' ' || coalesce(hostname::text, '')) ilike ${pattern}`
}
