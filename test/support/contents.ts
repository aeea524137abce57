import { type Kysely, sql } from 'kysely'
import type { Db } from '../../src/db/schema.ts'

/** What a request may leave without having changed anything: when a token was last seen. */
const VOLATILE: Record<string, string[]> = { token: ['last_used_at'] }

/** Every row of every table as text, sorted: what the database holds, whatever way it came in. */
export async function contents(db: Kysely<Db>, withIds = true): Promise<Record<string, string[]>> {
  const tables = await tableNames(db)
  const entries = await Promise.all(tables.map(async table => [table, await rowsOf(db, table, withIds)] as const))
  return Object.fromEntries(entries)
}

/** Of everything that `contents` tells, in one query: for comparing before and after, often. */
export async function fingerprint(db: Kysely<Db>): Promise<string> {
  const parts = (await tableNames(db)).map(
    table => sql`select ${table} as name, count(*) as count, md5(coalesce(string_agg(md5(${rowText(table)}), '' order by
      md5(${rowText(table)})), '')) as hash from ${sql.table(table)} t`,
  )
  const { rows } = await sql<object>`${sql.join(parts, sql` union all `)} order by name`.execute(db)
  return JSON.stringify(rows)
}

let known: Promise<string[]> | undefined

function tableNames(db: Kysely<Db>): Promise<string[]> {
  known ??= sql<{ name: string }>`select table_name as name from information_schema.tables
    where table_schema = 'public' and table_type = 'BASE TABLE' order by table_name`
    .execute(db)
    .then(({ rows }) => rows.map(row => row.name))
  return known
}

const rowText = (table: string) => sql`(to_jsonb(t) - ${VOLATILE[table] ?? []}::text[])::text`

async function rowsOf(db: Kysely<Db>, table: string, withIds: boolean): Promise<string[]> {
  const drop = [...(VOLATILE[table] ?? []), ...(withIds ? [] : ['id', 'created_at', 'updated_at', 'at', 'txid'])]
  const { rows } = await sql<{ row: string }>`
    select (to_jsonb(t) - ${drop}::text[])::text as row from ${sql.table(table)} t order by 1`.execute(db)
  return rows.map(({ row }) => row)
}
