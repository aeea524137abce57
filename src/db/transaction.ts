import { setTimeout as sleep } from 'node:timers/promises'
import type { IsolationLevel, Kysely, Transaction } from 'kysely'
import { AppError } from '../lib/errors.ts'
import { codeOf } from './error-code.ts'

const ATTEMPTS = 5
const FIRST_PAUSE_MS = 10
/** PostgreSQL undid the transaction because of another one, and it may succeed now: serialization failure, deadlock. */
const UNDONE = new Set(['40001', '40P01'])

/**
 * Runs `work` in a transaction, and again when PostgreSQL undid it because of another one. `work` may run several times, so
 * it may have no effect outside the database. @throws AppError `try_again` after five attempts.
 */
export async function retryTransaction<Tables, Result>(
  db: Kysely<Tables>,
  work: (tx: Transaction<Tables>) => Promise<Result>,
  isolation: IsolationLevel = 'read committed',
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.transaction().setIsolationLevel(isolation).execute(work)
    } catch (error) {
      if (attempt === ATTEMPTS || !wasUndone(error)) throw error
    }
    // Jitter parts those that met; doubling lets a queue of them drain.
    await sleep(FIRST_PAUSE_MS * 2 ** attempt * Math.random())
  }
}

function wasUndone(error: unknown): boolean {
  return error instanceof AppError && UNDONE.has(codeOf(error.cause))
}
