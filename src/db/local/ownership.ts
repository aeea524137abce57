import { setTimeout as sleep } from 'node:timers/promises'
import { AppError, messageOf } from '../../lib/errors.ts'
import { type OwnerLock, takeOwnerLock } from './owner-lock.ts'
import type { Site } from './site.ts'
import { ensureRunning } from './start.ts'
import { stopServer } from './stop.ts'

/** How often a server may end between its start and our lock on it: somebody else was just stopping it. */
const LOCK_ATTEMPTS = 5
const RETRY_MS = { first: 200, last: 10_000 }
/** How long a server that died is started again before the controller gives up. */
const REGAIN_TIMEOUT_MS = 10 * 60_000

/** A running server that this process owns. */
export interface Ownership {
  /** Stops the server if it is still ours, and ends every attempt to start it again. */
  end: () => Promise<void>
}

/**
 * Runs the server and owns it until `end`: a server that dies is started again, a lock that was lost is taken again.
 * @param abort ends every wait of `site`.
 * @param onLost is called at most once, when that is not possible: another process is the owner now, or nothing helps.
 */
export async function ownServer(
  site: Site,
  abort: AbortController,
  onLost: (error: AppError) => void,
): Promise<Ownership> {
  let regaining: Promise<void> = Promise.resolve()
  const lost = () => {
    if (!site.signal.aborted) regaining = regain()
  }
  let lock = await runAndLock(site, lost)

  async function regain(): Promise<void> {
    site.log.warn({}, 'the database server ended or dropped its owner: taking it again')
    try {
      lock = await persist(site, () => runAndLock(site, lost))
      site.log.info({}, 'the database server is running and owned again')
    } catch (error) {
      if (!site.signal.aborted) onLost(asAppError(error))
    }
  }

  return {
    end: async () => {
      abort.abort()
      await regaining
      if (await lock.isHeld()) await stopServer(site)
      else site.log.warn({}, 'the database server is left alone: this process does not own it')
      await lock.release()
    },
  }
}

async function runAndLock(site: Site, onLost: () => void): Promise<OwnerLock> {
  for (let attempt = 1; ; attempt++) {
    await ensureRunning(site)
    try {
      return await takeOwnerLock(site, onLost)
    } catch (error) {
      if (attempt === LOCK_ATTEMPTS || !isUnavailable(error)) throw error
      await sleep(RETRY_MS.first, undefined, { signal: site.signal })
    }
  }
}

/** Tries again while the database is unavailable. Another owner is an answer and ends it. */
async function persist<T>(site: Site, attempt: () => Promise<T>): Promise<T> {
  const startedAt = Date.now()
  for (let pauseMs = RETRY_MS.first; ; pauseMs = Math.min(pauseMs * 2, RETRY_MS.last)) {
    await sleep(pauseMs, undefined, { signal: site.signal })
    try {
      return await attempt()
    } catch (error) {
      if (!isUnavailable(error) || Date.now() - startedAt > REGAIN_TIMEOUT_MS) throw error
      site.log.warn({ reason: messageOf(error) }, 'the database server cannot be started; trying again')
    }
  }
}

function isUnavailable(error: unknown): boolean {
  return error instanceof AppError && error.code === 'database_unavailable'
}

function asAppError(error: unknown): AppError {
  return error instanceof AppError ? error : new AppError('database_unavailable', messageOf(error), { cause: error })
}
