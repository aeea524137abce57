import { admit, type Decision } from '../../../src/jobs/admission/admit.ts'
import type { AdmissionInput } from '../../../src/jobs/admission/gates.ts'
import type { Batch, QueuedJob, RunningJob } from '../../../src/jobs/admission/job.ts'

/** Random numbers in [0, 1) that one seed gives again: mulberry32. */
function randomFrom(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    const mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    const more = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((more ^ (more >>> 14)) >>> 0) / 2 ** 32
  }
}

export interface NightOptions {
  seed: number
  stepMs: number
  rounds: number
  /** The share of jobs that fail. */
  failing?: number
  /** Jobs that come in at a round. */
  arrivals?: (round: number) => readonly QueuedJob[]
  /** Looks at every moment after admission. */
  watch: (moment: Moment) => void
}

export interface Moment {
  /** Before admission: what it was given. */
  given: AdmissionInput
  decisions: readonly Decision[]
  started: readonly QueuedJob[]
  /** After it. */
  running: readonly RunningJob[]
}

/** A scheduler around `admit`: jobs end at random times between half and twice their p50, and some fail. */
export function playNight(first: AdmissionInput, options: NightOptions): { startedAt: Map<string, number> } {
  const random = randomFrom(options.seed)
  const startedAt = new Map<string, number>()
  const ends = new Map<string, number>()
  let state = first
  for (let round = 0; round < options.rounds; round += 1) {
    const nowMs = first.nowMs + round * options.stepMs
    state = endJobs({ ...state, nowMs }, ends, () => random() < (options.failing ?? 0))
    state = { ...state, queued: [...state.queued, ...(options.arrivals?.(round) ?? [])] }
    const decisions = admit(state)
    const starting = new Set(decisions.flatMap(one => (one.start ? [one.job] : [])))
    const started = state.queued.filter(job => starting.has(job.id))
    const running = [...state.running, ...started.map(job => ({ ...job, startedAt: nowMs }))]
    const powerOns = new Map(state.powerOns)
    for (const job of started) {
      startedAt.set(job.id, nowMs)
      ends.set(job.id, nowMs + job.takes.p50Ms * (0.5 + 1.5 * random()))
      const rack = state.topology.places.get(job.machine)?.rack
      if (job.powersOn && rack !== undefined) powerOns.set(rack, nowMs)
    }
    options.watch({ given: state, decisions, started, running })
    state = { ...state, running, powerOns, queued: state.queued.filter(job => !starting.has(job.id)) }
  }
  return { startedAt }
}

function endJobs(state: AdmissionInput, ends: ReadonlyMap<string, number>, fails: () => boolean): AdmissionInput {
  const batches = new Map<string, Batch>(state.batches)
  const running = state.running.filter(job => {
    if ((ends.get(job.id) ?? state.nowMs) > state.nowMs) return true
    const batch = job.batch === undefined ? undefined : batches.get(job.batch)
    if (job.batch !== undefined && batch)
      batches.set(
        job.batch,
        fails() ? { ...batch, failed: batch.failed + 1 } : { ...batch, succeeded: batch.succeeded + 1 },
      )
    return false
  })
  return { ...state, running, batches }
}
