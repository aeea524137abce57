import { admit } from './admit.ts'
import type { AdmissionInput } from './gates.ts'
import type { Batch, Duration, QueuedJob, RunningJob } from './job.ts'
import { endsAtOf, type Reason } from './reasons.ts'

/** When a queued job starts and ends, if nothing changes; or what keeps it for longer than was looked ahead. */
export type Estimate = { startsAtMs: number; endsAtMs: number; endsLateMs: number } | { wait: Reason }

export interface ForecastInput extends AdmissionInput {
  /** What the running jobs take: with `startedAt`, when they end. */
  runningTake: ReadonlyMap<string, Duration>
}

export interface Horizon {
  lengthMs: number
  rounds: number
}

const FIRST_STEP_MS = 60_000
/** Rounds are further apart the further ahead they are: a start is told too late by at most this share of the wait. */
const STEP_SHARE = 0.1
const DAY_MS = 86_400_000
const DEFAULT_HORIZON: Horizon = { lengthMs: 3 * DAY_MS, rounds: 80 }

/**
 * Plays admission forward: every job takes its p50 and succeeds, no other job comes, machines stay as they are. Bounded
 * by the horizon in time and in rounds. An estimate of each queued job.
 */
export function forecast(input: ForecastInput, horizon: Horizon = DEFAULT_HORIZON): Map<string, Estimate> {
  const play = new Play(input)
  for (let round = 0; round < horizon.rounds && play.waits(); round += 1) {
    play.round()
    if (!play.advance(input.nowMs + horizon.lengthMs)) break
  }
  return play.estimates
}

interface Ending {
  job: RunningJob
  endsAtMs: number
}

class Play {
  readonly estimates = new Map<string, Estimate>()
  readonly #input: ForecastInput
  readonly #batches: Map<string, Batch>
  readonly #powerOns: Map<string, number>
  #nowMs: number
  #queued: readonly QueuedJob[]
  #endings: Ending[]
  /** The next time at which the clock alone lets a waiting job go on. */
  #nextMs = Infinity

  constructor(input: ForecastInput) {
    this.#input = input
    this.#nowMs = input.nowMs
    this.#queued = input.queued
    this.#batches = new Map(input.batches)
    this.#powerOns = new Map(input.powerOns)
    this.#endings = input.running.map(job => ({
      job,
      endsAtMs: endOf(job, input.runningTake.get(job.id), input.nowMs),
    }))
  }

  waits(): boolean {
    return this.#queued.length > 0
  }

  round(): void {
    const started = new Set<string>()
    this.#nextMs = Infinity
    for (const decision of admit(this.#state())) {
      if (decision.start) {
        started.add(decision.job)
        continue
      }
      this.estimates.set(decision.job, { wait: decision.wait })
      const endsAtMs = endsAtOf(decision.wait)
      if (endsAtMs !== undefined && endsAtMs > this.#nowMs) this.#nextMs = Math.min(this.#nextMs, endsAtMs)
    }
    for (const job of this.#queued) if (started.has(job.id)) this.#start(job)
    this.#queued = this.#queued.filter(job => !started.has(job.id))
  }

  /** To the next event, but at least a step. False: nothing more happens before `untilMs`. */
  advance(untilMs: number): boolean {
    const firstEnd = this.#endings.reduce((first, { endsAtMs }) => Math.min(first, endsAtMs), Infinity)
    const stepMs = Math.max(FIRST_STEP_MS, STEP_SHARE * (this.#nowMs - this.#input.nowMs))
    const nextMs = Math.max(Math.min(firstEnd, this.#nextMs), this.#nowMs + stepMs)
    if (nextMs > untilMs) return false
    this.#nowMs = nextMs
    for (const { job, endsAtMs } of this.#endings) if (endsAtMs <= nextMs) this.#succeed(job)
    this.#endings = this.#endings.filter(({ endsAtMs }) => endsAtMs > nextMs)
    return true
  }

  #state(): AdmissionInput {
    return {
      ...this.#input,
      queued: this.#queued,
      running: this.#endings.map(({ job }) => job),
      batches: this.#batches,
      powerOns: this.#powerOns,
      nowMs: this.#nowMs,
    }
  }

  #start(job: QueuedJob): void {
    const { p50Ms, p95Ms } = job.takes
    const startsAtMs = this.#nowMs
    this.estimates.set(job.id, { startsAtMs, endsAtMs: startsAtMs + p50Ms, endsLateMs: startsAtMs + p95Ms })
    this.#endings.push({ job: { ...job, startedAt: startsAtMs }, endsAtMs: startsAtMs + p50Ms })
    const rack = this.#input.topology.places.get(job.machine)?.rack
    if (job.powersOn && rack !== undefined) this.#powerOns.set(rack, startsAtMs)
  }

  #succeed({ batch }: RunningJob): void {
    const progress = batch === undefined ? undefined : this.#batches.get(batch)
    if (batch !== undefined && progress) this.#batches.set(batch, { ...progress, succeeded: progress.succeeded + 1 })
  }
}

/** A job past its p50 is expected at its p95; one past that too, to need a tenth more of what it took so far. */
function endOf({ startedAt }: RunningJob, takes: Duration | undefined, nowMs: number): number {
  const [p50Ms, p95Ms] = [takes?.p50Ms ?? 0, takes?.p95Ms ?? 0]
  if (startedAt + p50Ms > nowMs) return startedAt + p50Ms
  if (startedAt + p95Ms > nowMs) return startedAt + p95Ms
  return nowMs + (nowMs - startedAt) / 10
}
