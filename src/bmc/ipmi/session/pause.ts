import { setTimeout as sleep } from 'node:timers/promises'
import { isDeadline } from './calls.ts'

/** Waits. If the deadline comes first, `lastError` tells why one had to wait. @throws it, or the signal's reason */
export async function pause(ms: number, signal: AbortSignal, lastError: unknown): Promise<void> {
  try {
    await sleep(ms, undefined, { signal })
  } catch {
    throw isDeadline(signal.reason) ? lastError : signal.reason
  }
}
