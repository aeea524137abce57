import { pipeline } from 'node:stream/promises'
import type { Client } from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { AppError, messageOf } from '../../lib/errors.ts'
import { inTransaction, withClient } from '../client.ts'
import { applyMigration, lockMigrations, makeMigrationTable, requireServerVersion } from '../migrate.ts'
import { codeOf } from '../error-code.ts'
import { type Migration, planMigrations, readMigrations } from '../migrations.ts'
import { toAppError } from '../violations.ts'
import { copyConfig } from './backup.ts'
import { readTables } from './catalog.ts'
import { damaged, type Footer, type Header, NO_TRIGGERS, qualified, TEXT_SETTINGS, writeCopy } from './format.ts'
import { type OnProgress, progressMeter } from './progress.ts'
import { readBackup, type Sink, VERIFY } from './read.ts'

const NAME = 'rackwright restore'
const INSUFFICIENT_PRIVILEGE = '42501'

export interface RestoreOptions {
  url: string
  file: string
  /** Throws away what the database holds; without it, only an empty one is taken. */
  replace?: boolean
  onProgress?: OnProgress
  /** Where the migrations are; our own by default. */
  directory?: URL
}

export interface RestoreResult {
  header: Header
  rows: Readonly<Record<string, number>>
  /** Applied on top, when this program is newer than the backup. */
  migrated: readonly Migration[]
}

/** Reads a backup from begin to end. @throws AppError `backup_damaged` */
export async function verifyBackup(file: string): Promise<{ header: Header; footer: Footer }> {
  return readBackup(file, VERIFY)
}

/**
 * Brings a database to what a backup holds, then to the newest migration, all in one transaction: afterwards either
 * everything is there, or the database is as before. No controller may use it meanwhile.
 * @throws AppError `backup_damaged`, `database_version` (a newer backup), `database_not_empty`, `database_in_use`.
 */
export async function restore(options: RestoreOptions): Promise<RestoreResult> {
  const { header, footer } = await verifyBackup(options.file)
  const files = await readMigrations(options.directory)
  const newer = planMigrations(files, header.migrations, 'backup')
  const older = files.slice(0, header.migrations.length)
  await withClient(copyConfig(options.url, NAME), async client => {
    await requireServerVersion(client)
    await inTransaction(client, async () => {
      await requireNobodyElse(client)
      await lockMigrations(client)
      if (options.replace) await empty(client)
      else await requireEmpty(client)
      await makeMigrationTable(client)
      await applyAll(client, older)
      await load(client, options).catch(notTaken)
      await applyAll(client, newer)
    })
    await client.query('analyze') // the planner knows nothing about the new rows yet
  })
  return { header, rows: footer.rows, migrated: newer }
}

/** Others would go on with what they remember. It is no lock: `dataDir` and the operator see to that. */
async function requireNobodyElse(client: Client): Promise<void> {
  const { rows } = await client.query<{ names: string | null }>(
    `select string_agg(distinct application_name, ', ') as names from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid() and application_name like 'rackwright%'`,
  )
  const names = rows[0]?.names
  if (names)
    throw new AppError('database_in_use', `The database is in use by: ${names}`, { fix: 'Stop the controllers first.' })
}

async function requireEmpty(client: Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `select tablename as name from pg_tables where schemaname = 'public' limit 1`,
  )
  if (rows[0]) throw new AppError('database_not_empty', `The database already has tables, for example ${rows[0].name}`)
}

async function empty(client: Client): Promise<void> {
  await client.query('drop schema public cascade')
  await client.query('create schema public')
  await client.query('grant usage on schema public to public') // as in every new database
}

async function applyAll(client: Client, migrations: readonly Migration[]): Promise<void> {
  for (const migration of migrations) await applyMigration(client, migration)
}

async function load(client: Client, { file, onProgress }: RestoreOptions): Promise<void> {
  const tables = await readTables(client)
  // Rows that migrations have put in are in the backup too.
  if (tables.length > 0) await client.query(`truncate ${tables.map(table => qualified(table.name)).join(', ')}`)
  for (const setting of TEXT_SETTINGS) await client.query(setting)
  await withoutTriggers(client)
  const meter = progressMeter(tables.length, onProgress)
  const sink: Sink = {
    rows: async (table, pieces) => {
      const copy = client.query(copyFrom(writeCopy(table)))
      await pipeline(
        metered(pieces, piece => meter.bytes(table.name, piece)),
        copy,
      )
      meter.tableDone(table.name, copy.rowCount)
    },
    sequence: async ({ name, value, isCalled }) => {
      await client.query('select setval($1::regclass, $2::bigint, $3)', [qualified(name), value, isCalled])
    },
  }
  const { footer } = await readBackup(file, sink)
  await requireRows(client, footer)
  await client.query('set local session_replication_role = origin')
}

async function withoutTriggers(client: Client): Promise<void> {
  await client.query(NO_TRIGGERS).catch(error => {
    if (codeOf(error) !== INSUFFICIENT_PRIVILEGE) throw error
    throw new AppError('forbidden', 'The user of `database` may not load rows without triggers', {
      cause: error,
      fix: 'Restore as a superuser, or: `grant set on parameter session_replication_role to USER`.',
    })
  })
}

async function* metered(pieces: AsyncIterable<Buffer>, note: (piece: Buffer) => Buffer): AsyncGenerator<Buffer> {
  for await (const piece of pieces) yield note(piece)
}

function notTaken(error: unknown): never {
  const known = toAppError(error)
  if (known instanceof AppError) throw known
  throw new AppError('database_refused', `The database did not take the backup: ${messageOf(error)}`, { cause: error })
}

/** What the database counts, not what was sent. */
async function requireRows(client: Client, footer: Footer): Promise<void> {
  for (const [table, expected] of Object.entries(footer.rows)) {
    const { rows } = await client.query<{ count: number }>(`select count(*) as count from ${qualified(table)}`)
    if (rows[0]?.count !== expected)
      throw damaged(`${table} has ${rows[0]?.count} rows after loading, expected ${expected}`)
  }
}
