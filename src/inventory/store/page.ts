import { type RawBuilder, type SelectQueryBuilder, type SqlBool, sql } from 'kysely'
import { AppError } from '../../lib/errors.ts'
import type { Db } from '../../db/schema.ts'
import type { SortKey } from '../documents/status.ts'
import type { Shared } from './tables.ts'

export interface PageRequest {
  /** A key, with a leading '-' for descending. */
  sort: SortKey | `-${SortKey}`
  limit: number
  /** From the page before; opaque. */
  cursor?: string | undefined
}

/** Text that sorts as the key does, so that one comparison and one cursor serve all. `name` alone uses its index. */
const KEYS: Record<SortKey, RawBuilder<string>> = {
  name: sql<string>`name`,
  createdAt: sql<string>`to_char(created_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')`,
  updatedAt: sql<string>`to_char(updated_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')`,
  place: sql<string>`coalesce(rack, '') || ' ' || to_char(coalesce(position_u, 0), '000.0')`,
}

/**
 * One page by keyset: as fast at the end as at the start, and no row is doubled or left out by changes meanwhile.
 * Asks for one row more than the limit, to know whether there is a next page.
 */
export function paged<O extends { name: string }>(
  query: SelectQueryBuilder<Db, Shared, O>,
  { sort, limit, cursor }: PageRequest,
) {
  const descending = sort.startsWith('-')
  const name = (descending ? sort.slice(1) : sort) as SortKey
  const key = KEYS[name]
  const order = descending ? 'desc' : 'asc'
  let page = query.select(key.as('sortKey')).$castTo<O & { sortKey: string }>()
  if (cursor) page = page.where(after(key, decode(cursor, sort), descending))
  if (name !== 'name') page = page.orderBy(key, order)
  return page.orderBy('name', order).limit(limit + 1)
}

function after(key: RawBuilder<string>, [value, name]: [string, string], descending: boolean): RawBuilder<SqlBool> {
  return descending ? sql`(${key}, name) < (${value}, ${name})` : sql`(${key}, name) > (${value}, ${name})`
}

export interface Page<T> {
  items: T[]
  /** For the next page; absent on the last one. */
  next?: string
}

export function toPage<R extends { sortKey: string; name: string }, T>(
  rows: readonly R[],
  request: PageRequest,
  view: (row: R) => T,
): Page<T> {
  const items = rows.slice(0, request.limit)
  const last = items.at(-1)
  return { items: items.map(view), ...(rows.length > request.limit && last && { next: encode(last, request.sort) }) }
}

function encode({ sortKey, name }: { sortKey: string; name: string }, sort: string): string {
  return Buffer.from(JSON.stringify([sort, sortKey, name])).toString('base64url')
}

function decode(cursor: string, sort: string): [string, string] {
  try {
    const [forSort, value, name] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[]
    if (forSort === sort && isText(value) && isText(name)) return [value, name]
  } catch {
    // Falls through to the one message for every kind of bad cursor.
  }
  throw new AppError('invalid_input', 'The cursor is not one of a page of this list and sort', {
    fix: 'Send `next` of the page before, unchanged, with the same `sort`.',
  })
}

/** PostgreSQL takes no U+0000 in a text. */
const isText = (value: unknown): value is string => typeof value === 'string' && !value.includes('\0')
