import { type ChildProcess, spawn } from 'node:child_process'
import { chown, open } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '../../lib/errors.ts'
import { cleanEnvironment, identityOf } from './commands.ts'
import { lastLines, rotateLog, sizeOf } from './log-file.ts'
import { livePostmaster, removeStaleLocks } from './postmaster.ts'
import { pingServer } from './ready.ts'
import type { Site } from './site.ts'

/** Crash recovery replays what was not yet in the files: minutes on a slow disk. */
const START_TIMEOUT_MS = 15 * 60_000
/** After a killed server its other processes need a moment to notice and leave. */
const OBSTACLE_TIMEOUT_MS = 60_000
const POLL_MS = { first: 20, last: 250 }
const START_GRACE_MS = 10_000
const PROGRESS_AFTER_MS = 2_000
const PROGRESS_EVERY_MS = 5_000
const SHOWN_LOG_LINES = 5

/** Given on the command line, where they win over every file. What the log shows may hold no row: rows hold secrets. */
const SETTINGS = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  fsync: 'on',
  full_page_writes: 'on',
  logging_collector: 'off',
  log_destination: 'stderr',
  log_error_verbosity: 'terse',
  log_checkpoints: 'off',
  log_timezone: 'UTC',
  timezone: 'UTC',
  lc_messages: 'C',
  jit: 'off', // our queries are short: compiling them takes longer than running them
  cluster_name: 'rackwright',
}

/** What stands in the way of a start and passes by itself (PostgreSQL: src/backend/port/sysv_shmem.c, utils/init/miscinit.c). */
const PASSING_OBSTACLES = /pre-existing shared memory block .* is still in use|lock file ".*" already exists/

type Waiting = Pick<Site, 'layout' | 'onProgress' | 'signal'>

/**
 * Makes sure that the server of this data directory accepts connections: adopts the one that runs, or starts it.
 * Safe to call from several controllers at once: PostgreSQL itself lets only one server start.
 */
export async function ensureRunning(site: Site): Promise<void> {
  const startedAt = Date.now()
  for (let pauseMs = POLL_MS.first; ; pauseMs = Math.min(pauseMs * 2, POLL_MS.last)) {
    site.signal.throwIfAborted()
    const live = await livePostmaster(site.layout)
    const obstacle = live ? await adopt(site) : await start(site)
    if (live && !obstacle) site.log.info({ pid: live.pid }, 'the database server was running already')
    if (!obstacle) return
    if (Date.now() - startedAt > OBSTACLE_TIMEOUT_MS)
      throw startFailed(`It was still in the way after ${OBSTACLE_TIMEOUT_MS / 1000} s`, obstacle)
    await sleep(pauseMs, undefined, { signal: site.signal })
  }
}

/** Waits for a server that somebody started before. Returns what was in the way when it ends instead. */
export async function adopt(site: Waiting): Promise<string[] | undefined> {
  const isGone = async () => (await livePostmaster(site.layout)) === undefined
  if (await becomesReady(site, isGone)) return undefined
  return ['the server that was running has ended']
}

/** Starts the server once. Returns what was in the way when that passes by itself. */
async function start(site: Site): Promise<string[] | undefined> {
  const { layout, log } = site
  await removeStaleLocks(layout)
  await rotateLog(layout.logFile)
  const logStart = await sizeOf(layout.logFile)
  const child = await spawnServer(site)
  if (await becomesReady(site, async () => hasEnded(child))) {
    log.info({ pid: child.pid, version: site.binaries.version }, 'the database server was started')
    return undefined
  }
  const words = await lastLines(layout.logFile, logStart, SHOWN_LOG_LINES)
  if (words.some(line => PASSING_OBSTACLES.test(line))) return words
  throw startFailed(`PostgreSQL ${site.binaries.version} ended while starting`, words)
}

/** In a session of its own, so that a ^C in our terminal does not reach it before we have finished with it. */
async function spawnServer({ layout, binaries, account, settings }: Site): Promise<ChildProcess> {
  const all = { ...SETTINGS, unix_socket_directories: layout.socketDir, ...settings }
  const args = ['-D', layout.files, ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])]
  const logFile = await open(layout.logFile, 'a', 0o600)
  try {
    if (account) await chown(layout.logFile, account.uid, account.gid)
    const stdio = ['ignore' as const, logFile.fd, logFile.fd]
    const child = spawn(join(binaries.bin, 'postgres'), args, {
      ...identityOf(account),
      env: cleanEnvironment(),
      cwd: '/',
      detached: true,
      stdio,
    })
    child.on('error', () => undefined) // `hasEnded` sees it: no pid
    child.unref()
    return child
  } finally {
    await logFile.close()
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null
}

/** Waits until the server accepts connections (true) or is gone (false), and tells a person why it takes so long. */
async function becomesReady(site: Waiting, isGone: () => Promise<boolean>): Promise<boolean> {
  const startedAt = Date.now()
  let endAt: number | undefined
  let toldAt = startedAt + PROGRESS_AFTER_MS - PROGRESS_EVERY_MS
  for (let pauseMs = POLL_MS.first; ; pauseMs = Math.min(pauseMs * 2, POLL_MS.last)) {
    // Asked in this order, a server that ends after its answer is still seen.
    const gone = await isGone()
    if (!gone && (await pingServer(site.layout)) === 'ready') return true
    if (gone) return false
    const waitedMs = Date.now() - startedAt
    const [words = ''] = await lastLines(site.layout.logFile, 0, 1)
    if (waitedMs > START_TIMEOUT_MS)
      throw startFailed(`PostgreSQL did not accept connections within ${START_TIMEOUT_MS / 60_000} min`, [words])
    if (Date.now() - toldAt > PROGRESS_EVERY_MS) {
      toldAt = Date.now()
      site.onProgress(`waiting for PostgreSQL since ${Math.round(waitedMs / 1000)} s: ${words}`)
    }
    // A server that is just starting is seen through, so that whoever ends this wait can own and stop it.
    if (site.signal.aborted && Date.now() > (endAt ??= Date.now() + START_GRACE_MS)) site.signal.throwIfAborted()
    await sleep(pauseMs)
  }
}

function startFailed(what: string, words: readonly string[]): AppError {
  return new AppError('database_unavailable', `${what}: ${words.join(' / ') || 'it said nothing'}`, {
    fix: 'Correct what it says; the whole log is `postgres.log` in the data directory.',
  })
}
