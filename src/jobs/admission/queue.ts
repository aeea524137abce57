import { PRIORITIES, type QueuedJob, type RunningJob } from './job.ts'
import type { Limits } from './limits.ts'
import { counted } from './topology.ts'

/** 0 is the first row of PRIORITIES. A job that waits climbs to it, whatever it began with: none is always overtaken. */
function levelOf(job: QueuedJob, climbMs: number, atMs: number): number {
  const climbed = Math.floor(Math.max(0, atMs - job.queuedAt) / climbMs)
  return Math.max(0, PRIORITIES.indexOf(job.priority) - climbed)
}

/** Who waited longer comes first; ids decide between equals, so that the order of the input never does. */
export const byAge = (a: QueuedJob, b: QueuedJob): number =>
  a.queuedAt - b.queuedAt || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)

/** The queue of one team in one level, oldest first. */
interface Line {
  team: string
  jobs: readonly QueuedJob[]
  /** The first of `jobs` that was not tried yet. */
  at: number
}

/**
 * Fairness between teams: inside a level the next turn is the team's that has least running and started, divided by its
 * weight. Turns that start nothing cost nothing. So two teams that want the same get it in turn, whatever the length of
 * their queues; and a team that is alone gets all.
 */
export class Turns {
  readonly #levels: readonly (readonly QueuedJob[])[]
  readonly #weights: Readonly<Record<string, number>>
  readonly #busy: Map<string, number>

  constructor(queued: readonly QueuedJob[], running: readonly RunningJob[], limits: Limits, atMs: number) {
    const levels: QueuedJob[][] = PRIORITIES.map(() => [])
    for (const job of queued.toSorted(byAge)) levels[levelOf(job, limits.climbMs, atMs)]?.push(job)
    this.#levels = levels
    this.#weights = limits.teamWeights
    this.#busy = counted(running.map(job => job.team))
  }

  /** For the teams' turns, and before that for what started outside of them. */
  charge(team: string): void {
    this.#busy.set(team, (this.#busy.get(team) ?? 0) + 1)
  }

  /** Tries every job once, in turn. `attempt` says whether it started. */
  run(attempt: (job: QueuedJob) => boolean): void {
    for (const level of this.#levels) {
      const lines = linesOf(level)
      for (let line = this.#next(lines); line; line = this.#next(lines))
        if (startOne(line, attempt)) this.charge(line.team)
    }
  }

  /** The queue as people see it: by level, and in a level as the teams' turns would come if each started something. */
  inOrder(): QueuedJob[] {
    const before = new Map(this.#busy)
    return this.#levels.flatMap(level =>
      level
        .map(job => {
          const tag = this.#share(job.team, before.get(job.team) ?? 0)
          before.set(job.team, (before.get(job.team) ?? 0) + 1)
          return { job, tag }
        })
        .toSorted((a, b) => a.tag - b.tag || byAge(a.job, b.job))
        .map(({ job }) => job),
    )
  }

  #share(team: string, busy: number): number {
    return busy / (Object.hasOwn(this.#weights, team) ? (this.#weights[team] ?? 1) : 1)
  }

  #next(lines: readonly Line[]): Line | undefined {
    let first: { line: Line; job: QueuedJob; share: number } | undefined
    for (const line of lines) {
      const job = line.jobs[line.at]
      if (!job) continue
      const share = this.#share(line.team, this.#busy.get(line.team) ?? 0)
      if (!first || share < first.share || (share === first.share && byAge(job, first.job) < 0))
        first = { line, job, share }
    }
    return first?.line
  }
}

function linesOf(level: readonly QueuedJob[]): Line[] {
  return [...Map.groupBy(level, job => job.team)].map(([team, jobs]) => ({ team, jobs, at: 0 }))
}

function startOne(line: Line, attempt: (job: QueuedJob) => boolean): boolean {
  while (line.at < line.jobs.length) {
    const job = line.jobs[line.at]
    line.at += 1
    if (job && attempt(job)) return true
  }
  return false
}
