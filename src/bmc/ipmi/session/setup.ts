import { AppError } from '../../../lib/errors.ts'
import { setSessionPrivilege } from '../commands/session.ts'
import type { Quirk } from '../quirks.ts'
import { protectionFor } from '../wire/protection.ts'
import { CIPHER_SUITES } from '../wire/suites.ts'
import { Exchange } from './exchange.ts'
import { authenticate, confirm } from './key-exchange.ts'
import type { Link } from './link.ts'
import { negotiate, releaseLateSessions } from './negotiate.ts'
import type { SetupOptions } from './options.ts'
import { pause } from './pause.ts'
import { Session } from './session.ts'
import { type Attempt, CrossedError, giveUp, RefusedError } from './steps.ts'
import { waitMs } from './timing.ts'

export interface Established {
  readonly session: Session
  /** Quirks that were not given, and that this BMC turned out to have. */
  readonly found: readonly Quirk[]
}

/** Opens a session and raises its privilege. @throws AppError `bmc_auth`, `bmc_busy`, `bmc_unsupported`, ... */
export async function openSession(link: Link, options: SetupOptions, signal: AbortSignal): Promise<Established> {
  releaseLateSessions(link)
  const { anew, resend } = link.timing
  const algorithms = CIPHER_SUITES[options.suite]
  let { firstMs } = resend
  for (let attempt = 0; ; attempt++) {
    try {
      return await setUp({ link, options, algorithms, pauses: { ...resend, firstMs }, signal })
    } catch (error) {
      if (!(error instanceof AppError) || attempt + 1 >= anew.attempts) throw error
      if (error.code === 'bmc_busy') await pause(waitMs(anew, attempt), signal, error)
      // Retries cross when they are sent before the BMC could answer: it gets more time.
      else if (error instanceof CrossedError) firstMs *= 2
      else throw error
    }
  }
}

async function setUp(attempt: Attempt): Promise<Established> {
  const { link, options, algorithms, signal } = attempt
  const ids = await negotiate(attempt)
  const exchange = new Exchange(options, algorithms, ids)
  try {
    await authenticate(attempt, exchange)
  } catch (error) {
    giveUp(link, ids.bmc)
    throw error
  }
  const verifyChecksums = !exchange.quirks.has('wrong-checksums')
  const session = new Session(link, ids, protectionFor(algorithms, exchange.keys()), { verifyChecksums })
  try {
    await confirm(attempt, exchange)
    await session.runner(signal)(setSessionPrivilege, options.privilege)
    return { session, found: exchange.found }
  } catch (error) {
    // Sessions are few: whatever the BMC may hold by now is freed, and where RAKP 4 was lost that is a session.
    const mayBeActive = error instanceof CrossedError ? error.mayBeActive : !(error instanceof RefusedError)
    if (mayBeActive) await session.close()
    else session.drop('refused')
    throw error
  }
}
