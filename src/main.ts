import { mkdir } from 'node:fs/promises'
import { buildApp } from './api/app.ts'
import { closerOf } from './api/close.ts'
import { EventFeed } from './api/event-feed.ts'
import { showFirstToken } from './api/first-token.ts'
import { listenOn, readTls } from './api/listen.ts'
import { createMetrics } from './api/metrics.ts'
import { productVersion } from './api/version.ts'
import { openDatabase } from './db/connect.ts'
import { openLocalServer } from './db/local/server.ts'
import { migrate } from './db/migrate.ts'
import { listen } from './db/notify.ts'
import { checkKey } from './inventory/key-check.ts'
import { type Config, loadConfig } from './lib/config.ts'
import type { AppError } from './lib/errors.ts'
import { type Logger, openLog } from './lib/log.ts'
import { openKeyFile } from './lib/secrets.ts'

export interface ServeOptions {
  /** `--config`. */
  configFile?: string | undefined
  environment?: NodeJS.ProcessEnv
  /** A line for whoever started it; the log is for machines. */
  say?: (line: string) => void
}

export interface Controller {
  url: string
  stop: () => Promise<void>
}

/** The controller: configuration → database → parts → API, and back in reverse. @throws AppError what kept it from starting. */
export async function startController(
  { configFile, environment = process.env, say = () => undefined }: ServeOptions,
  onLost: (error: AppError) => void,
): Promise<Controller> {
  const config = loadConfig({ file: configFile, environment, terminal: process.stderr.isTTY })
  const log = openLog(config.log)
  const closers: Closers = []
  const stop = async () => {
    // One that fails must not keep the others open: the database server would go on without us.
    for (const close of closers.splice(0).toReversed())
      await close().catch((error: unknown) => log.error({ err: error }, 'stopping: one part failed'))
  }
  try {
    await mkdir(config.dataDir, { recursive: true })
    const database = await openStore(config, log, say, onLost)
    closers.push(database.stop)
    const applied = await migrate({ url: database.url })
    if (applied.length > 0) say(`Database brought to version ${applied.at(-1)?.id}.`)
    const url = await serveApi({ config, log, databaseUrl: database.url, environment, say, closers })
    return { url, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** The database of the configuration, or the local server that this process owns from now on. */
async function openStore(config: Config, log: Logger, say: (line: string) => void, onLost: (error: AppError) => void) {
  if (config.database !== undefined) return { url: config.database, stop: async () => undefined }
  return openLocalServer({ dataDir: config.dataDir, log, onProgress: say, onLost })
}

interface Start {
  config: Config
  log: Logger
  databaseUrl: string
  environment: NodeJS.ProcessEnv
  say: (line: string) => void
  closers: Closers
}
type Closers = (() => Promise<unknown>)[]

async function serveApi({ config, log, databaseUrl, environment, say, closers }: Start): Promise<string> {
  const db = openDatabase({ url: databaseUrl, log, name: 'rackwright api' })
  closers.push(() => db.destroy())
  const sealer = await openKeyFile(config.secrets.keyFile)
  await checkKey(db, sealer, config.secrets.keyFile)
  const feed = new EventFeed(db, log)
  const listener = await listen({ url: databaseUrl, channel: 'event', onHint: () => feed.hint(), log })
  closers.push(() => listener.close())
  const version = productVersion()
  const tls = await readTls(config.api.tls)
  const app = await buildApp({ db, sealer, feed, log, version, metrics: createMetrics(db), tls })
  const close = closerOf(app)
  closers.push(async () => {
    await feed.close()
    await close()
  })
  const url = await listenOn(app, config.api)
  say(`Rackwright ${version} serves ${url}`)
  // systemd sets JOURNAL_STREAM where standard output is its journal (systemd.exec(5)).
  await showFirstToken(db, { url, dataDir: config.dataDir, saidToLog: environment.JOURNAL_STREAM !== undefined, say })
  return url
}

/** `rackwright serve`: runs until SIGINT or SIGTERM, then stops in order. A second signal ends it at once. */
export async function serve(options: ServeOptions): Promise<void> {
  const { promise: ended, resolve: end, reject: fail } = Promise.withResolvers<void>()
  ended.catch(() => undefined) // it may fail before anybody waits for it
  // Before the start: a server that was started for us would go on without us. It is seen through, and stopped then.
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      process.once(signal, () => process.exit(1))
      end()
    })
  const controller = await startController(options, fail)
  try {
    await ended
  } finally {
    await controller.stop()
  }
}
