import type { Client } from 'pg'
import { AppError, messageOf } from '../lib/errors.ts'
import { connectionConfig, inTransaction, withClient } from './client.ts'
import { type AppliedMigration, type Migration, planMigrations, readMigrations } from './migrations.ts'
import { toAppError } from './violations.ts'

/** The oldest server we are tested with. */
const OLDEST_POSTGRES = 15
/** Any number that nobody else uses as an advisory lock in this database. */
const MIGRATION_LOCK = 7_213_001
/** How long a starting controller waits for another one that migrates, and how long one migration may take. */
const MIGRATION_TIMEOUT_MS = 10 * 60_000

export interface MigrateOptions {
  url: string
  /** Where the files are; our own by default. */
  directory?: URL
}

/**
 * Brings the database to the newest migration, each in a transaction of its own, and returns the applied ones. Any number of
 * controllers may call it at once. @throws AppError `database_version` when the database is newer or was changed,
 * `database_refused` when a migration fails (it leaves nothing behind).
 */
export async function migrate({ url, directory }: MigrateOptions): Promise<Migration[]> {
  const files = await readMigrations(directory)
  const config = connectionConfig({ url, name: 'rackwright migrate', statementTimeoutMs: MIGRATION_TIMEOUT_MS })
  return withClient(config, async client => {
    await requireServerVersion(client)
    const applied: Migration[] = []
    for (let next = await step(client, files); next; next = await step(client, files)) applied.push(next)
    return applied
  })
}

/** Applies the first pending migration, if there is one. */
function step(client: Client, files: readonly Migration[]): Promise<Migration | undefined> {
  return inTransaction(client, async () => {
    // Read only under the lock: another controller may just have applied what this one was about to.
    await lockMigrations(client)
    await makeMigrationTable(client)
    const [next] = planMigrations(files, await appliedMigrations(client))
    if (next) await applyMigration(client, next)
    return next
  })
}

/** Waits until no other controller migrates; the lock ends with the transaction. */
export async function lockMigrations(client: Client): Promise<void> {
  await client.query(`set local lock_timeout = ${MIGRATION_TIMEOUT_MS}`)
  await client.query('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK])
  await client.query('set local lock_timeout to default')
}

/** Call it under the lock: `if not exists` alone does not keep two at once apart. */
export async function makeMigrationTable(client: Client): Promise<void> {
  await client.query(`create table if not exists public.migration (
    id integer primary key, name text not null, sha256 text not null, applied_at timestamptz not null default now())`)
}

/** What was applied to this database, oldest first. */
export async function appliedMigrations(client: Client): Promise<AppliedMigration[]> {
  const { rows } = await client.query<AppliedMigration>('select id, name, sha256 from public.migration order by id')
  return rows
}

/** Runs one migration in the transaction at hand and records it. */
export async function applyMigration(client: Client, { id, name, sha256, text }: Migration): Promise<void> {
  try {
    await client.query(text)
    // What a migration left for the end of its transaction has to hold now: the next one may change the same tables.
    await client.query('set constraints all immediate')
    await client.query('insert into public.migration (id, name, sha256) values ($1, $2, $3)', [id, name, sha256])
  } catch (error) {
    const known = toAppError(error)
    if (known instanceof AppError) throw known
    throw new AppError('database_refused', `Migration ${name}${lineOf(error, text)}: ${messageOf(error)}`, {
      cause: error,
    })
  }
}

/** PostgreSQL tells the position in characters; people look for a line. */
function lineOf(error: unknown, text: string): string {
  const position = error instanceof Error && 'position' in error ? Number(error.position) : Number.NaN
  return position > 0 ? ` line ${text.slice(0, position).split('\n').length}` : ''
}

interface Asks {
  query: (sql: string) => Promise<{ rows: { number: number; text: string }[] }>
}

/** @throws AppError `database_version` for a server older than we support. */
export async function requireServerVersion(client: Asks): Promise<void> {
  const { rows } = await client.query(
    `select current_setting('server_version_num')::int as number, current_setting('server_version') as text`,
  )
  const [server] = rows
  if (!server || server.number < OLDEST_POSTGRES * 10_000)
    throw new AppError(
      'database_version',
      `The server is PostgreSQL ${server?.text}; expected ${OLDEST_POSTGRES} or newer`,
      {
        fix: 'Upgrade PostgreSQL, or give another server as `database`.',
      },
    )
}
