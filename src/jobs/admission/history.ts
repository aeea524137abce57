import type { Duration } from './job.ts'

/** A job that ended well. */
export interface PastJob {
  kind: string
  profile?: string | undefined
  tookMs: number
}

export interface History {
  /** From jobs of the same kind and hardware; else, where these are few, of the same kind; else what was given. */
  durationOf: (kind: string, profile: string | undefined, otherwise: Duration) => Duration
}

/** Fewer say little: one slow machine would be the p95. */
const ENOUGH = 5

export function makeHistory(past: readonly PastJob[]): History {
  const exact = durations(past, ({ kind, profile }) => keyOf(kind, profile))
  const byKind = durations(past, ({ kind }) => kind)
  return {
    durationOf: (kind, profile, otherwise) => exact.get(keyOf(kind, profile)) ?? byKind.get(kind) ?? otherwise,
  }
}

const keyOf = (kind: string, profile = ''): string => `${kind}\n${profile}`

function durations(past: readonly PastJob[], key: (job: PastJob) => string): Map<string, Duration> {
  const groups = [...Map.groupBy(past, key)].filter(([, jobs]) => jobs.length >= ENOUGH)
  return new Map(groups.map(([name, jobs]) => [name, durationFrom(jobs.map(job => job.tookMs))]))
}

/** Nearest rank: times that were really taken. */
function durationFrom(times: readonly number[]): Duration {
  const sorted = times.toSorted((a, b) => a - b)
  const rank = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] ?? 0
  return { p50Ms: rank(0.5), p95Ms: rank(0.95) }
}
