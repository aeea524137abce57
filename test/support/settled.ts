import { setTimeout as sleep } from 'node:timers/promises'
import { type Kysely, sql } from 'kysely'
import { vi } from 'vitest'
import type { Db } from '../../src/db/schema.ts'
import { newestEvent } from '../../src/inventory/timeline.ts'

/**
 * The newest event, once every committed event can be read. Readers wait for all older transactions of the server, those
 * of other databases (other test files) too: what a test wrote before may otherwise come as if it had just happened.
 */
export async function settled(db: Kysely<Db>): Promise<number> {
  for (;;) {
    const { rows } = await sql`select from event where txid >= pg_snapshot_xmin(pg_current_snapshot()) limit 1`.execute(
      db,
    )
    if (rows.length === 0) return newestEvent(db)
    await sleep(5)
  }
}

/** Waits until `check` holds: for as long as events of a busy server may take to become readable. */
export function eventually(check: () => void | Promise<void>): Promise<void> {
  return vi.waitFor(check, { timeout: 15_000, interval: 5 })
}
