import { type Failure, failureLines, failureOf, ToldFailure } from './failure.ts'
import type { Session } from './session.ts'

/** What was done to one thing. */
export interface Done {
  name: string
  /** A word or two: 'removed'. */
  done: string
}

/** Problems that the next thing would have as well. */
const HOPELESS = ['not_running', 'unauthenticated', 'forbidden', 'usage']
const isHopeless = ({ problem }: Failure): boolean => problem === undefined || HOPELESS.includes(problem.code)

/**
 * Does something to each of several things, one after the other, and tells of each. One that fails does not keep the
 * others from being done; the command fails in the end. With `--json`: an array of `{name, done}` or `{name, problem}`.
 */
export async function doEach<T extends { name: string }>(
  { out }: Session,
  items: readonly T[],
  work: (item: T) => Promise<Done>,
): Promise<void> {
  const results: object[] = []
  let failed = false
  for (const item of items) {
    try {
      const result = await work(item)
      results.push(result)
      if (!out.json) out.line(`${result.name} ${result.done}`)
    } catch (error) {
      const failure = failureOf(error)
      if (isHopeless(failure)) throw error
      failed = true
      results.push({ name: item.name, problem: failure.problem })
      if (!out.json) for (const line of failureLines(failure)) out.error(`${item.name}: ${line}`)
    }
  }
  if (out.json) out.value(results)
  if (failed) throw new ToldFailure()
}
