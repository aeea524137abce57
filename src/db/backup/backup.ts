import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { rename, rm, stat } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type { Client } from 'pg'
import { to as copyTo } from 'pg-copy-streams'
import { AppError, messageOf } from '../../lib/errors.ts'
import { connectionConfig, withClient } from '../client.ts'
import { describeDatabase, readSequences, readTables } from './catalog.ts'
import * as format from './format.ts'
import { type OnProgress, progressMeter } from './progress.ts'

/** One table may take this long. The client waits as long as TCP itself: it cannot tell slow from silent. */
const COPY_TIMEOUT_MS = 60 * 60_000
const OWNER_ONLY = 0o600

export interface BackupOptions {
  url: string
  /** Replaced, if it exists, once the new backup is whole. */
  file: string
  productVersion: string
  onProgress?: OnProgress
}

export interface BackupResult {
  rows: Readonly<Record<string, number>>
  /** Of the file. */
  bytes: number
}

/**
 * Writes all tables of schema `public` as of one moment, while the controller goes on. Any supported PostgreSQL can take it
 * back (`restore`). The file is whole or not there. @throws AppError `not_found` when the database was never migrated.
 */
export async function backup(options: BackupOptions): Promise<BackupResult> {
  const fresh = `${options.file}.new-${process.pid}`
  const rows: Record<string, number> = {}
  try {
    await withClient(copyConfig(options.url, 'rackwright backup'), client =>
      pipeline(
        contents(client, options, rows),
        createGzip(),
        // 'wx': never write into what somebody else put there; flush: on the disk before the rename.
        createWriteStream(fresh, { flags: 'wx', mode: OWNER_ONLY, flush: true }),
      ),
    )
    await rename(fresh, options.file)
  } catch (error) {
    await rm(fresh, { force: true })
    throw error instanceof AppError ? error : notWritten(error)
  }
  return { rows, bytes: (await stat(options.file)).size }
}

function notWritten(error: unknown): AppError {
  return new AppError('internal', `The backup could not be written: ${messageOf(error)}`, {
    cause: error,
    fix: 'Nothing was left behind: correct it and run the backup again.',
  })
}

/** @param name shown to others who look at the database */
export function copyConfig(url: string, name: string) {
  // pg's own clock does not know that a COPY has ended.
  return { ...connectionConfig({ url, name, statementTimeoutMs: COPY_TIMEOUT_MS }), query_timeout: 0 }
}

/** The text of the backup. `rows` is filled on the way. A failure leaves the transaction to the end of the connection. */
async function* contents(client: Client, options: BackupOptions, rows: Record<string, number>) {
  const hash = createHash('sha256')
  const sealed = <Chunk extends string | Buffer>(chunk: Chunk): Chunk => {
    hash.update(chunk)
    return chunk
  }
  await client.query('begin isolation level repeatable read read only')
  for (const setting of format.TEXT_SETTINGS) await client.query(setting)
  yield sealed(format.writeHeader(await describeDatabase(client, options.productVersion)))
  const tables = await readTables(client)
  const meter = progressMeter(tables.length, options.onProgress)
  for (const table of tables) {
    yield sealed(format.writeCopy(table))
    const copy = client.query(
      copyTo(`COPY (SELECT ${format.columnList(table)} FROM ${format.qualified(table.name)}) TO STDOUT`),
    )
    for await (const chunk of copy) yield sealed(meter.bytes(table.name, chunk))
    yield sealed(format.END_OF_ROWS)
    rows[table.name] = copy.rowCount
    meter.tableDone(table.name, copy.rowCount)
  }
  for (const sequence of await readSequences(client)) yield sealed(format.writeSequence(sequence))
  await client.query('commit')
  yield sealed(`${format.COMMIT}\n`)
  yield format.writeFooter({ rows, sha256: hash.digest('hex') })
}
