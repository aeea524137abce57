import { type Kysely, type Selectable, type SqlBool, sql } from 'kysely'
import type { TSchema } from 'typebox'
import type { Db } from '../../db/schema.ts'
import { canonical } from '../documents/canonical.ts'
import { KINDS, type Document, type Kind } from '../documents/kinds.ts'

/** Where each kind's own row lives; machines and networks have child tables besides. */
const TABLES = {
  datacenter: 'datacenter',
  room: 'room',
  rack: 'rack',
  network: 'network',
  profile: 'profile',
  service: 'service',
  image: 'image',
  window: 'maintenanceWindow',
  freeze: 'changeFreeze',
  machine: 'machine',
} as const satisfies Record<Kind, keyof Db>

export type SimpleKind = Exclude<Kind, 'machine' | 'network'>

/** A document as the database holds it. `revision` counts its versions; `digest` is that of the document last saved. */
export interface Stored<K extends Kind = Kind> {
  document: Document<K>
  digest: string
  revision: number
  createdAt: Date
  updatedAt: Date
}

/**
 * The columns that all inventory tables share, and by which generic queries work. Kysely cannot follow a table name
 * that is a union, so those queries are typed on one table; the names are the same in all.
 */
export type Shared = 'datacenter'
export const shared = (kind: Kind): Shared => TABLES[kind] as Shared

export type Row = Selectable<Db[Shared]>

/** Documents of a kind whose row is the document; those that do not exist are absent. */
export async function loadSimple<K extends SimpleKind>(
  db: Kysely<Db>,
  kind: K,
  names: readonly string[],
): Promise<Stored<K>[]> {
  const rows = await db
    .selectFrom(shared(kind))
    .selectAll()
    .where(sql<SqlBool>`name = any(${[...names]}::text[])`)
    .orderBy('name')
    .execute()
  return rows.map(row => fromRow(kind, row))
}

export function fromRow<K extends SimpleKind>(kind: K, row: Row): Stored<K> {
  // Canonical again: jsonb keeps the keys of an object in an order of its own.
  return { document: canonical(kind, documentOf(kind, row)), ...versionOf(row) }
}

export function versionOf(row: Row) {
  return { digest: row.digest, revision: row.revision, createdAt: row.createdAt, updatedAt: row.updatedAt }
}

/** The row's columns that the document has, in its order; NULL is absence; times as ISO 8601. */
export function documentOf<K extends Kind>(kind: K, row: object): Document<K> {
  const values = row as Record<string, unknown>
  const entries = columnsOf(kind)
    .map(name => [name, values[name]] as const)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([name, value]) => [name, value instanceof Date ? value.toISOString() : value] as const)
  return Object.fromEntries(entries) as Document<K>
}

/** What goes into the row: every column of the document, NULL where the document has none, so that a change can unset. */
export function rowOf(kind: Kind, document: Document): Record<string, unknown> {
  const values = document as Record<string, unknown>
  const schemas: Record<string, TSchema> = KINDS[kind].schema.properties
  return Object.fromEntries(columnsOf(kind).map(name => [name, toColumn(values[name], schemas[name])]))
}

const columnsOf = (kind: Kind): string[] =>
  Object.keys(KINDS[kind].schema.properties).filter(name => !CHILDREN.has(name))
/** Kept in child tables. */
const CHILDREN = new Set(['ranges', 'nics', 'disks', 'bmc'])

/** Lists of words are PostgreSQL arrays; lists of objects (empty ones too) and objects are jsonb, which `pg` wants as text. */
function toColumn(value: unknown, schema: TSchema | undefined): unknown {
  if (value === undefined) return null
  if (Array.isArray(value) && !holdsObjects(schema)) return value
  return typeof value === 'object' ? JSON.stringify(value) : value
}

function holdsObjects(schema: TSchema | undefined): boolean {
  const { items } = (schema ?? {}) as { items?: { type?: string; anyOf?: { type?: string }[] } }
  return [items, ...(items?.anyOf ?? [])].some(one => one?.type === 'object')
}
