import { createInterface } from 'node:readline/promises'
import { Interrupted, UsageError } from '../failure.ts'
import type { Surroundings } from '../session.ts'

/** Nobody answers for longer than this: the terminal was left alone. */
const ANSWER_TIMEOUT_MS = 10 * 60_000

/** Whether a person can be asked. */
export function canAsk({ stdin, stderr }: Surroundings): boolean {
  return stdin.isTTY && stderr.isTTY
}

/** Asks a question that only `yes` or `y` confirms. On standard error: standard output is for answers of ours. */
async function confirm(around: Surroundings, question: string): Promise<boolean> {
  const lines = createInterface({ input: around.stdin, output: around.stderr })
  const interrupt = new AbortController()
  lines.on('SIGINT', () => interrupt.abort())
  lines.on('close', () => interrupt.abort())
  try {
    const answer = await lines.question(`${question} [y/N] `, {
      signal: AbortSignal.any([interrupt.signal, AbortSignal.timeout(ANSWER_TIMEOUT_MS)]),
    })
    return /^y(es)?$/i.test(answer.trim())
  } catch {
    around.stderr.write('\n')
    throw new Interrupted()
  } finally {
    lines.close()
  }
}

/** Asks before what cannot be taken back. @throws UsageError where nobody can be asked and `--yes` is not given. */
export async function requireConsent(
  around: Surroundings,
  { yes, question }: { yes: boolean | undefined; question: string },
): Promise<boolean> {
  if (yes) return true
  if (!canAsk(around)) throw new UsageError(`${question} Nobody can be asked here: add --yes to do it.`)
  return confirm(around, question)
}
