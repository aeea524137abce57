import type { Client } from 'pg'
import { AppError } from '../../lib/errors.ts'
import { appliedMigrations } from '../migrate.ts'
import { FORMAT, type Header, type Sequence, type Table } from './format.ts'

/** The header of a backup of this database. @throws AppError `not_found` when it was never migrated. */
export async function describeDatabase(client: Client, productVersion: string): Promise<Header> {
  const { rows } = await client.query<{ version: string; migrated: boolean }>(
    `select current_setting('server_version') as version, to_regclass('public.migration') is not null as migrated`,
  )
  const [server] = rows
  if (!server?.migrated)
    throw new AppError('not_found', 'There is nothing to back up: no Rackwright has used this database yet', {
      fix: 'Give the `database` or `dataDir` of a controller.',
    })
  return {
    format: FORMAT,
    productVersion,
    createdAt: new Date().toISOString(),
    postgres: server.version,
    migrations: await appliedMigrations(client),
  }
}

/**
 * The tables of schema `public` without `migration`, which the header has, and without those of extensions. Left out are
 * generated columns, and those of type xid8: a transaction number means nothing in another server, so they get their default.
 */
export async function readTables(client: Client): Promise<Table[]> {
  const { rows } = await client.query<Table>(
    `select c.relname as name, array_agg(a.attname::text order by a.attnum) as columns
       from pg_class c join pg_attribute a on a.attrelid = c.oid
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
        and c.relname <> 'migration' and a.attnum > 0 and not a.attisdropped
        and a.attgenerated = '' and a.atttypid <> 'xid8'::regtype
        and not exists (select from pg_depend d
          where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
      group by c.relname order by c.relname`,
  )
  return rows
}

/** Where all sequences stand, those of identity columns too. Read after the rows: never behind what they hold. */
export async function readSequences(client: Client): Promise<Sequence[]> {
  const { rows } = await client.query<Sequence>(
    `select sequencename as name, coalesce(last_value, start_value)::text as value, last_value is not null as "isCalled"
       from pg_sequences where schemaname = 'public' order by sequencename`,
  )
  return rows
}
