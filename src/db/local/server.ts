import type { Client } from 'pg'
import { AppError, messageOf } from '../../lib/errors.ts'
import { connectionConfig, withClient } from '../client.ts'
import type { Log } from '../log.ts'
import { requireReachable, serverAccount } from './account.ts'
import { chooseBinaries, parseWanted } from './binaries.ts'
import { filesMajor, makeDataDir, makeFiles } from './files.ts'
import { findBinaries } from './find-binaries.ts'
import { DATABASE, type Layout, layoutOf, MAINTENANCE_DATABASE, urlOf } from './layout.ts'
import { rotateLog } from './log-file.ts'
import { type Ownership, ownServer } from './ownership.ts'
import { livePostmaster } from './postmaster.ts'
import type { Site } from './site.ts'
import { adopt } from './start.ts'
import { usableBinaries } from './usable-binaries.ts'

const LOG_CHECK_MS = 10 * 60_000

export interface LocalServerOptions {
  dataDir: string
  log: Log
  /** A sentence when something takes long enough for a person to wonder (the first start, crash recovery). */
  onProgress?: (text: string) => void
  /** The server is not ours any more and will not be again: end the process. By default it is only logged. */
  onLost?: (error: AppError) => void
  /** 'system', 'npm' or a bin directory; by default RACKWRIGHT_POSTGRES, else the best of all. */
  postgres?: string | undefined
  /** Settings of PostgreSQL over ours. For tests only: `fsync: 'off'`. */
  settings?: Readonly<Record<string, string>>
}

export interface LocalServer {
  url: string
  /** Of the server that runs: '15.18'. */
  version: string
  /** Stops the server, if this process owns it. May be called again. */
  stop: () => Promise<void>
}

/**
 * Runs the PostgreSQL server of a data directory and owns it: makes the files, starts the server or adopts the running one,
 * starts it again when it dies. @throws AppError `database_in_use` when another controller owns it (it goes on running),
 * `database_version` when its files belong to another major version, `invalid_config` for a directory that cannot work.
 */
export async function openLocalServer(options: LocalServerOptions): Promise<LocalServer> {
  const abort = new AbortController()
  const site = await prepareSite(options, abort.signal)
  await makeFiles(site)
  const onLost =
    options.onLost ?? ((error: AppError) => site.log.error({ reason: error.message }, 'the database is lost'))
  const ownership = await ownServer(site, abort, onLost)
  try {
    await ensureDatabase(site.layout)
    return await serverHandle(site, ownership)
  } catch (error) {
    await ownership.end()
    throw error
  }
}

/**
 * For commands that work beside a controller (`backup`): uses the server that runs, without owning it; starts and owns one
 * until `stop` when none runs. @throws AppError `not_found` when there are no database files.
 */
export async function attachLocalServer(options: LocalServerOptions): Promise<LocalServer> {
  const layout = layoutOf(options.dataDir)
  await serverAccount(layout)
  if ((await filesMajor(layout)) === undefined)
    throw new AppError('not_found', `There is no database in ${layout.dataDir}`, {
      fix: 'Give the `dataDir` of a controller.',
    })
  const signal = new AbortController().signal
  const onProgress = options.onProgress ?? (() => undefined)
  const runs = (await livePostmaster(layout)) && !(await adopt({ layout, onProgress, signal }))
  if (!runs) return openLocalServer(options)
  return { url: urlOf(layout), version: await serverVersion(layout), stop: async () => undefined }
}

async function prepareSite(options: LocalServerOptions, signal: AbortSignal): Promise<Site> {
  requireLinux()
  const layout = layoutOf(options.dataDir)
  const wanted = parseWanted(options.postgres ?? process.env.RACKWRIGHT_POSTGRES)
  const account = await serverAccount(layout)
  await makeDataDir(layout, account)
  await requireReachable(layout, account)
  const chosen = chooseBinaries(await findBinaries(wanted), await filesMajor(layout), wanted)
  const binaries = await usableBinaries(chosen, layout, account)
  const { log, settings = {}, onProgress = () => undefined } = options
  return { layout, binaries, account, settings, log, onProgress, signal }
}

/** Elsewhere there is no /proc to tell our server from another process, and nobody has tried. */
function requireLinux(): void {
  if (process.platform !== 'linux')
    throw new AppError('invalid_config', `A database server of our own needs Linux, and this is ${process.platform}`, {
      fix: 'Give a server as `database: postgres://…`.',
    })
}

async function serverHandle({ layout, log }: Site, ownership: Ownership): Promise<LocalServer> {
  const version = await serverVersion(layout)
  const timer = setInterval(() => void keepLogSmall(layout.logFile, log), LOG_CHECK_MS).unref()
  let stopped: Promise<void> | undefined
  const stop = () => {
    clearInterval(timer)
    stopped ??= ownership.end()
    return stopped
  }
  return { url: urlOf(layout), version, stop }
}

async function keepLogSmall(path: string, log: Log): Promise<void> {
  await rotateLog(path).catch(error => log.warn({ reason: messageOf(error) }, 'postgres.log was not rotated'))
}

/** Under the owner lock, so no other controller makes it at the same time. */
async function ensureDatabase(layout: Layout): Promise<void> {
  await onMaintenance(layout, async client => {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [DATABASE])
    if (!rowCount) await client.query(`create database ${client.escapeIdentifier(DATABASE)}`)
  })
}

async function serverVersion(layout: Layout): Promise<string> {
  const { rows } = await onMaintenance(layout, client =>
    client.query<{ version: string }>("select current_setting('server_version') as version"),
  )
  return rows[0]?.version.split(' ')[0] ?? ''
}

function onMaintenance<T>(layout: Layout, work: (client: Client) => Promise<T>): Promise<T> {
  return withClient(connectionConfig({ url: urlOf(layout, MAINTENANCE_DATABASE) }), work)
}
