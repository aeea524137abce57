import { canariesLeft } from './brakes.ts'
import { type AdmissionInput, type Gate, makeGate } from './gates.ts'
import type { QueuedJob } from './job.ts'
import { type Counter, keep, Ledger, take } from './ledger.ts'
import { byAge, Turns } from './queue.ts'
import type { FullLimit, Reason } from './reasons.ts'
import { counted, type Place } from './topology.ts'

/** What is to be done with a queued job now. `position` counts those that wait, from 1, in the order of the queue. */
export type Decision = { job: string; start: true } | { job: string; start: false; position: number; wait: Reason }

/** Full counters are told at the end of a round, when all who share them are known. */
type Wait = Reason | readonly [Counter, ...Counter[]]
type Outcome = 'started' | Wait

/**
 * Which of the queued jobs start now, and why each other waits. Pure: the same input, in whatever order, has the same
 * answer. The answer is in the order of the queue.
 *
 * First the oldest overdue job of each team is tried, and places are kept for it; then all others by level and in turn of
 * the teams (see queue.ts). What cannot start lets others pass that do not need what it waits for.
 */
export function admit(input: AdmissionInput): Decision[] {
  const round = new Round(input)
  const turns = new Turns(input.queued, input.running, input.limits, input.nowMs)
  const order = turns.inOrder()
  for (const job of overdueFirst(input, round)) if (round.attempt(job, true)) turns.charge(job.team)
  turns.run(job => round.attempt(job, false))
  return decisions(order, round.outcomes)
}

/** Of each team the oldest overdue job that only limits keep from starting. */
function overdueFirst({ queued, limits, nowMs }: AdmissionInput, round: Round): QueuedJob[] {
  const overdue = queued.filter(job => nowMs - job.queuedAt >= limits.overdueMs).toSorted(byAge)
  const first = new Map<string, QueuedJob>()
  for (const job of overdue) if (!first.has(job.team) && !round.barred(job)) first.set(job.team, job)
  return [...first.values()]
}

/** What one call of `admit` has given away so far. */
class Round {
  readonly outcomes = new Map<string, Outcome>()
  readonly #input: AdmissionInput
  readonly #gate: Gate
  readonly #ledger: Ledger
  /** The job that has a machine, or for which it is kept. */
  readonly #holders: Map<string, { job: string; overdue: boolean }>
  readonly #powerOns: Map<string, number>
  readonly #underWay: Map<string, number>

  constructor(input: AdmissionInput) {
    const { running, topology, limits, powerOns } = input
    this.#input = input
    this.#gate = makeGate(input)
    this.#ledger = new Ledger(limits, topology, running)
    this.#holders = new Map(running.map(job => [job.machine, { job: job.id, overdue: false }]))
    this.#powerOns = new Map(powerOns)
    this.#underWay = counted(running.map(job => job.batch))
  }

  /** Starts a job or notes why it waits. What was tried already is not tried again. */
  attempt(job: QueuedJob, overdue: boolean): boolean {
    if (this.outcomes.has(job.id)) return false
    const place = this.#input.topology.places.get(job.machine)
    const barred = this.barred(job)
    const outcome = !place || barred ? (barred ?? 'started') : this.#place(job, place, overdue)
    this.outcomes.set(job.id, outcome)
    return outcome === 'started'
  }

  /** What no other job's end would change, and a canary's. */
  barred(job: QueuedJob): Reason | undefined {
    const place = this.#input.topology.places.get(job.machine)
    if (!place) return { code: 'machine-unknown', machine: job.machine }
    return this.#gate(job, place) ?? this.#canary(job)
  }

  #canary({ batch }: QueuedJob): Reason | undefined {
    const progress = batch === undefined ? undefined : this.#input.batches.get(batch)
    if (batch === undefined || !progress) return undefined
    if (canariesLeft(progress, this.#underWay.get(batch) ?? 0) > 0) return undefined
    return { code: 'canary-first', batch, canary: progress.canary, succeeded: progress.succeeded }
  }

  #place(job: QueuedJob, place: Place, overdue: boolean): Outcome {
    const holder = this.#holders.get(job.machine)
    if (holder) return { code: 'machine-busy', machine: job.machine, ...holder }
    const counters = this.#ledger.countersOf(job, place)
    const [first, ...others] = counters.filter(counter => counter.used >= counter.limit)
    const wait = first ? ([first, ...others] as const) : this.#powerOnGap(job, place)
    if (!wait) this.#start(job, place, counters)
    else if (overdue) {
      keep(counters, job.id)
      this.#holders.set(job.machine, { job: job.id, overdue: true })
    }
    return wait ?? 'started'
  }

  #powerOnGap({ powersOn }: QueuedJob, { rack }: Place): Reason | undefined {
    const lastMs = powersOn && rack !== undefined ? this.#powerOns.get(rack) : undefined
    if (rack === undefined || lastMs === undefined) return undefined
    const freeAtMs = lastMs + this.#input.limits.powerOnGapMs
    return freeAtMs > this.#input.nowMs ? { code: 'power-on-gap', rack, freeAtMs } : undefined
  }

  #start(job: QueuedJob, { rack }: Place, counters: readonly Counter[]): void {
    take(counters, { job: job.id })
    this.#holders.set(job.machine, { job: job.id, overdue: false })
    if (job.powersOn && rack !== undefined) this.#powerOns.set(rack, this.#input.nowMs)
    if (job.batch !== undefined) this.#underWay.set(job.batch, (this.#underWay.get(job.batch) ?? 0) + 1)
  }
}

function decisions(order: readonly QueuedJob[], outcomes: ReadonlyMap<string, Outcome>): Decision[] {
  const lines = new Map<Counter, number>()
  let position = 0
  return order.map(({ id }) => {
    const outcome = outcomes.get(id) ?? 'started'
    if (outcome === 'started') return { job: id, start: true }
    position += 1
    return { job: id, start: false, position, wait: 'code' in outcome ? outcome : fullReason(outcome, lines) }
  })
}

function fullReason([first, ...others]: readonly [Counter, ...Counter[]], lines: Map<Counter, number>): Reason {
  const tell = (counter: Counter): FullLimit => {
    const inLine = (lines.get(counter) ?? 0) + 1
    lines.set(counter, inLine)
    return { ...counter, inLine }
  }
  return { code: 'limit', full: [tell(first), ...others.map(tell)] }
}
