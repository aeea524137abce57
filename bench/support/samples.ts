/** Times in milliseconds. */
export interface Samples {
  p50: number
  p95: number
}

export interface Task {
  /** Makes ready what `run` uses up. Not measured. */
  before?: () => void
  run: () => Promise<unknown>
}

export interface Repeats {
  /** Not measured: caches fill, code is compiled. */
  warmUp: number
  times: number
}

/** Runs tasks in turn, so that what else goes on in the machine meets all of them alike. One result a task. */
export async function measureInTurn(tasks: readonly Task[], { warmUp, times }: Repeats): Promise<Samples[]> {
  const took = tasks.map(() => [] as number[])
  for (let round = -warmUp; round < times; round += 1)
    for (const [at, task] of tasks.entries()) {
      const ms = await timed(task)
      if (round >= 0) took[at]?.push(ms)
    }
  return took.map(summaryOf)
}

export async function timed({ before, run }: Task): Promise<number> {
  before?.()
  const startedAt = performance.now()
  await run()
  return performance.now() - startedAt
}

/** Nearest rank: a time that really was measured. */
export function summaryOf(times: readonly number[]): Samples {
  const sorted = times.toSorted((a, b) => a - b)
  const rank = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN
  return { p50: rank(0.5), p95: rank(0.95) }
}
