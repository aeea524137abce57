import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '../../lib/errors.ts'
import { codeOf } from '../error-code.ts'
import { livePostmaster } from './postmaster.ts'
import type { Site } from './site.ts'

/** How PostgreSQL is asked to stop: `fast` ends the sessions and writes everything, `immediate` leaves that to recovery. */
const WAYS: readonly { name: string; signal: NodeJS.Signals; timeoutMs: number }[] = [
  { name: 'fast', signal: 'SIGINT', timeoutMs: 60_000 },
  { name: 'immediate', signal: 'SIGQUIT', timeoutMs: 15_000 },
]
const POLL_MS = 50

/** Stops the server of this data directory. Only who holds the owner lock may call it. */
export async function stopServer({ layout, log }: Pick<Site, 'layout' | 'log'>, ways = WAYS): Promise<void> {
  for (const { name, signal, timeoutMs } of ways) {
    const live = await livePostmaster(layout)
    if (!live) return
    send(live.pid, signal)
    const stopped = await until(timeoutMs, async () => (await livePostmaster(layout))?.pid !== live.pid)
    if (stopped) return log.info({ pid: live.pid }, `the database server was stopped (${name})`)
    log.warn({ pid: live.pid }, `the database server did not stop within ${timeoutMs / 1000} s (${name})`)
  }
  throw new AppError('database_unavailable', 'The database server does not stop', {
    fix: 'Look at `postgres.log` in the data directory; a disk that does not answer is the usual reason.',
  })
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error // else: it has just ended by itself
  }
}

async function until(timeoutMs: number, holds: () => Promise<boolean>): Promise<boolean> {
  for (const startedAt = Date.now(); Date.now() - startedAt < timeoutMs; await sleep(POLL_MS))
    if (await holds()) return true
  return holds()
}
