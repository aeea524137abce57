import { type Kysely, type SqlBool, sql } from 'kysely'
import type { Db } from '../../db/schema.ts'
import type { Kind } from '../documents/kinds.ts'
import { loadMachines } from './machines.ts'
import { loadNetworks } from './networks.ts'
import { loadSimple, shared, type Stored } from './tables.ts'

/** The documents of these names, sorted by name, each whole; what does not exist is absent. One query. */
export async function load<K extends Kind>(db: Kysely<Db>, kind: K, names: readonly string[]): Promise<Stored<K>[]>
export async function load(db: Kysely<Db>, kind: Kind, names: readonly string[]): Promise<Stored[]> {
  if (names.length === 0) return []
  if (kind === 'machine') return loadMachines(db, names)
  if (kind === 'network') return loadNetworks(db, names)
  return loadSimple(db, kind, names)
}

/** Takes the rows' locks, in the order of their names, so that nobody changes them between reading and writing. */
export async function lock(db: Kysely<Db>, kind: Kind, names: readonly string[]): Promise<void> {
  if (names.length === 0) return
  await db
    .selectFrom(shared(kind))
    .select('name')
    .where(sql<SqlBool>`name = any(${[...names]}::text[])`)
    .orderBy('name')
    .forNoKeyUpdate()
    .execute()
}
