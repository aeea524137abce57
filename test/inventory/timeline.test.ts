import { setTimeout as sleep } from 'node:timers/promises'
import * as fc from 'fast-check'
import type { Kysely, Transaction } from 'kysely'
import { expect, test } from 'vitest'
import type { Db } from '../../src/db/schema.ts'
import { newestEvent, readAfter, readBefore, record, type TimelineEvent } from '../../src/inventory/timeline.ts'
import { useDatabase } from '../support/database.ts'
import { settled } from '../support/settled.ts'

const { db } = useDatabase()

/** A transaction that is open until its `commit` or `rollback`. */
interface Open {
  write: (kind: string) => Promise<void>
  commit: () => Promise<void>
  rollback: () => Promise<void>
}

async function begin(on: Kysely<Db>): Promise<Open> {
  const ready = Promise.withResolvers<Transaction<Db>>()
  const end = Promise.withResolvers<void>()
  const done = on
    .transaction()
    .execute(async tx => {
      ready.resolve(tx)
      await end.promise
    })
    .catch((error: unknown) => {
      if (error !== ROLLBACK) throw error
    })
  const tx = await ready.promise
  return {
    write: kind => record(tx, [{ source: 'test', kind }]),
    commit: () => (end.resolve(), done),
    rollback: () => (end.reject(ROLLBACK), done),
  }
}
const ROLLBACK = new Error('rolled back on purpose')

/** Reads on from where it was, in pages of `limit`, and remembers all it saw. */
function reader(limit: number, after = 0) {
  const seen: TimelineEvent[] = []
  let at = after
  const read = async () => {
    for (;;) {
      const events = await readAfter(db, { after: at }, {}, limit)
      seen.push(...events)
      at = events.at(-1)?.id ?? at
      if (events.length < limit) return
    }
  }
  /** Transactions of other databases on the same server hold events up too, so this may take more than one look. */
  const readUntil = async (count: number) => {
    for (let look = 0; look < 500 && seen.length < count; look++) {
      if (look > 0) await sleep(10)
      await read()
    }
  }
  return { seen, read, readUntil }
}

const kindsOf = (events: readonly TimelineEvent[]) => events.map(event => event.kind)

test('an event with a lower id that is committed later comes behind, and is not missed', async () => {
  const after = await settled(db)
  const { seen, read, readUntil } = reader(100, after)
  const [first, second] = [await begin(db), await begin(db)]
  await first.write('low')
  await second.write('high')
  await second.commit()
  await read()
  // 'high' is readable for SQL, but not for followers: 'low' could still appear before it.
  expect(kindsOf(await readBefore(db, Number.MAX_SAFE_INTEGER, {}, 1))).toEqual(['high'])
  expect(seen).toEqual([])
  expect(await newestEvent(db)).toBe(after)
  await first.commit()
  await readUntil(2)
  expect(kindsOf(seen)).toEqual(['low', 'high'])
  expect(await newestEvent(db)).toBe(seen[1]?.id)
})

test('a transaction that writes again after others did keeps its events together and in order', async () => {
  const { seen, readUntil } = reader(1, await settled(db))
  const [first, second] = [await begin(db), await begin(db)]
  await first.write('a1')
  await second.write('b1')
  await first.write('a2')
  await second.write('b2')
  await first.commit()
  await readUntil(2)
  expect(kindsOf(seen)).toEqual(['a1', 'a2'])
  await second.commit()
  await readUntil(4)
  expect(kindsOf(seen)).toEqual(['a1', 'a2', 'b1', 'b2'])
})

test('what was rolled back is never seen, and holds up nobody', async () => {
  const { seen, readUntil } = reader(10, await settled(db))
  const [first, second] = [await begin(db), await begin(db)]
  await first.write('never')
  await second.write('seen')
  await first.rollback()
  await second.commit()
  await readUntil(1)
  expect(kindsOf(seen)).toEqual(['seen'])
})

/** What one of several writers does next, or that the reader reads. */
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ writer: fc.nat(4), does: fc.constant('write' as const) }) },
  { weight: 2, arbitrary: fc.record({ writer: fc.nat(4), does: fc.constant('commit' as const) }) },
  { weight: 1, arbitrary: fc.record({ writer: fc.nat(4), does: fc.constant('rollback' as const) }) },
  { weight: 3, arbitrary: fc.record({ writer: fc.constant(0), does: fc.constant('read' as const) }) },
)

test('however writers interleave, a reader sees every committed event once, and never one twice', async () => {
  const property = fc.asyncProperty(
    fc.array(step, { minLength: 5, maxLength: 40 }),
    fc.integer({ min: 1, max: 5 }),
    async (steps, limit) => {
      const { seen, read, readUntil } = reader(limit, await settled(db))
      const open = new Map<number, { tx: Open; kinds: string[] }>()
      const committed: string[] = []
      for (const [at, { writer, does }] of steps.entries()) {
        if (does === 'read') await read()
        else await advance(open, { writer, does, kind: `event-${at}` }, committed)
      }
      for (const { tx, kinds } of open.values()) {
        await tx.commit()
        committed.push(...kinds)
      }
      await readUntil(committed.length)
      expect(kindsOf(seen).toSorted()).toEqual(committed.toSorted())
      expect(new Set(seen.map(event => event.id)).size).toBe(seen.length)
    },
  )
  await fc.assert(property, { numRuns: 40 })
})

async function advance(
  open: Map<number, { tx: Open; kinds: string[] }>,
  { writer, does, kind }: { writer: number; does: 'write' | 'commit' | 'rollback'; kind: string },
  committed: string[],
): Promise<void> {
  const mine = open.get(writer)
  if (does === 'write') {
    const { tx, kinds } = mine ?? { tx: await begin(db), kinds: [] }
    await tx.write(kind)
    open.set(writer, { tx, kinds: [...kinds, kind] })
    return
  }
  if (!mine) return
  open.delete(writer)
  await mine.tx[does]()
  if (does === 'commit') committed.push(...mine.kinds)
}

test('pages of a range end where it ends, and filters narrow without a gap', async () => {
  const start = await settled(db)
  await record(
    db,
    Array.from({ length: 25 }, (_, at) => ({ source: at % 2 === 0 ? 'even' : 'odd', kind: `k${at % 5}` })),
  )
  await settled(db)
  const all = await readAfter(db, { after: start }, {}, 1_000)
  expect(all).toHaveLength(25)
  const until = all[9]?.id ?? 0
  expect(await readAfter(db, { after: start, until }, {}, 1_000)).toEqual(all.slice(0, 10))
  expect(await readAfter(db, { after: until, until }, {}, 1_000)).toEqual([])
  const filtered = await readAfter(db, { after: start }, { source: 'odd', kind: 'k1' }, 1_000)
  expect(filtered).toEqual(all.filter(event => event.source === 'odd' && event.kind === 'k1'))
  expect(filtered.length).toBeGreaterThan(0)
})
