const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
/** What a shell tells of a program that a signal ended: 128 and its number (signal(7)). */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

/**
 * Runs a measurement and then `end`, however the measurement ends: also by a failure, or a signal. A signal that comes
 * again is ignored: what was started is being stopped already.
 */
export async function withEnding(work: () => Promise<void>, end: () => Promise<void>): Promise<void> {
  let ending: Promise<void> | undefined
  for (const signal of SIGNALS)
    process.on(signal, () => {
      ending ??= end().finally(() => process.exit(EXIT_CODES[signal]))
    })
  try {
    await work()
  } catch (error) {
    // What was stopped under its hands fails, and that is no news.
    if (!ending) throw error
  } finally {
    ending ??= end()
    await ending
  }
}
