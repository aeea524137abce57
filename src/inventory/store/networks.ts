import { type Kysely, type SqlBool, sql } from 'kysely'
import type { Db } from '../../db/schema.ts'
import { canonical } from '../documents/canonical.ts'
import type { Document } from '../documents/kinds.ts'
import { documentOf, type Row, type Stored, versionOf } from './tables.ts'

type Network = Document<'network'>
export type NetworkRow = Row & { ranges: Network['ranges'] }

/** A network's ranges as JSON, for the select list of a query on `network`. */
export const networkRanges = sql<Network['ranges']>`(
  select coalesce(json_agg(json_build_object('first', host(r.first), 'last', host(r.last), 'use', r.use)), '[]')
  from network_range r where r.network = network.name)`.as('ranges')

export function networkFromRow(row: NetworkRow): Stored<'network'> {
  return { document: canonical('network', { ...documentOf('network', row), ranges: row.ranges }), ...versionOf(row) }
}

export async function loadNetworks(db: Kysely<Db>, names: readonly string[]): Promise<Stored<'network'>[]> {
  const rows = await db
    .selectFrom('network')
    .selectAll()
    .select(networkRanges)
    .where(sql<SqlBool>`name = any(${[...names]}::text[])`)
    .orderBy('name')
    .execute()
  return rows.map(row => networkFromRow(row as unknown as NetworkRow))
}

/** Ranges are replaced as a whole, as nothing refers to them: removed before the network's row changes, added after. */
export async function deleteRanges(db: Kysely<Db>, networks: readonly Network[]): Promise<void> {
  const names = networks.map(network => network.name)
  await db.deleteFrom('networkRange').where(sql<SqlBool>`network = any(${names}::text[])`).execute()
}

/** PostgreSQL takes at most 65,535 parameters in a statement. */
const ROWS_A_STATEMENT = 1_000

export async function insertRanges(db: Kysely<Db>, networks: readonly Network[]): Promise<void> {
  const ranges = networks.flatMap(network => network.ranges.map(range => ({ network: network.name, ...range })))
  for (let at = 0; at < ranges.length; at += ROWS_A_STATEMENT)
    await db
      .insertInto('networkRange')
      .values(ranges.slice(at, at + ROWS_A_STATEMENT))
      .execute()
}
