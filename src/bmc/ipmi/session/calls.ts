import { AppError } from '../../../lib/errors.ts'
import { type Pauses, waitMs } from './timing.ts'

export interface CallOptions {
  /** What is asked of whom, for errors. */
  readonly what: () => string
  /** Sends the packet; `attempt` counts from 0. */
  readonly send: (attempt: number) => void
  readonly pauses: Pauses
  /** The deadline, or somebody who no longer wants the answer. */
  readonly signal: AbortSignal
  /** How many damaged packets came from there so far: they tell a bad line from a silent BMC. */
  readonly damaged: () => number
}

/** A question that is sent until it is answered. */
export interface Call<Answer> {
  readonly answer: Promise<Answer>
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: unknown) => void
}

/** Sends at once, and again with growing pauses, until `resolve` or `reject`, the last attempt's wait, or the signal. */
export function startCall<Answer>({ what, send, pauses, signal, damaged }: CallOptions): Call<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const damagedBefore = damaged()
  let attempt = 0
  let timer: NodeJS.Timeout | undefined

  function end(): void {
    clearTimeout(timer)
    signal.removeEventListener('abort', abort)
  }
  function fail(error: unknown): void {
    end()
    reject(error)
  }
  const silence = (until: string) => silent(what(), attempt, until, damaged() - damagedBefore)
  function abort(): void {
    fail(isDeadline(signal.reason) ? silence('before the deadline') : signal.reason)
  }
  function next(): void {
    if (attempt >= pauses.attempts) return fail(silence('in time'))
    try {
      send(attempt)
    } catch (error) {
      return fail(error)
    }
    timer = setTimeout(next, waitMs(pauses, attempt))
    attempt += 1
  }

  if (signal.aborted) abort()
  else {
    signal.addEventListener('abort', abort)
    next()
  }
  return {
    answer: promise,
    resolve: answer => {
      end()
      resolve(answer)
    },
    reject: fail,
  }
}

/** AbortSignal.timeout's reason: nobody lost interest, time was up. */
export const isDeadline = (reason: unknown): boolean => reason instanceof DOMException && reason.name === 'TimeoutError'

function silent(what: string, packets: number, until: string, damaged: number): AppError {
  if (damaged > 0)
    return new AppError(
      'bmc_bad_reply',
      `${what}: only damaged packets (${damaged}) came ${until}, after ${packets} sent`,
    )
  return new AppError('bmc_unreachable', `${what}: no answer ${until}, after ${packets} packets`)
}
