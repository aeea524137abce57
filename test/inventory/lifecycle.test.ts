import { sql } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import { isViolation } from '../../src/db/violations.ts'
import { edges, LIFECYCLE, type LifecycleEvent, next, type State, STATES } from '../../src/inventory/lifecycle.ts'
import { useDatabase } from '../support/database.ts'

const { db } = useDatabase()

beforeAll(async () => {
  await sql`insert into datacenter (name, dns_domain, time_zone, digest) values ('d1', 'd1.net', 'UTC', '')`.execute(db)
  await sql`insert into machine (name, datacenter, digest) values ('m', 'd1', '')`.execute(db)
})

/** Puts the machine into a state without asking, and then tries to go on. */
async function goes(from: State, to: State): Promise<boolean> {
  await db.transaction().execute(async tx => {
    await sql`set local session_replication_role = replica`.execute(tx)
    await tx.updateTable('machine').set({ lifecycle: from }).execute()
  })
  return db
    .updateTable('machine')
    .set({ lifecycle: to })
    .execute()
    .then(
      () => true,
      (error: unknown) => {
        if (isViolation(error, 'machine_lifecycle')) return false
        throw error
      },
    )
}

describe.each(STATES)('from %s', from => {
  const targets = new Set<State>([from, ...Object.values(LIFECYCLE[from].on)])

  test.each(STATES)('the database lets a machine become %s exactly where the table does', async to => {
    expect(await goes(from, to)).toBe(targets.has(to))
  })
})

test('the table of the database says what the table of the code says', async () => {
  const rows = await db.selectFrom('lifecycleTransition').selectAll().execute()
  const text = (edge: { state: string; event: string; next: string }) => `${edge.state} ${edge.event} ${edge.next}`
  expect(rows.map(text).toSorted()).toEqual(edges().map(text).toSorted())
})

test('every event leads on from its states and is refused in all others, with what they accept', () => {
  const events = [...new Set(edges().map(edge => edge.event))]
  for (const state of STATES)
    for (const event of events) {
      const on: { [E in LifecycleEvent]?: State } = LIFECYCLE[state].on
      if (on[event]) expect(next(state, event)).toBe(on[event])
      else
        expect(() => next(state, event)).toThrow(
          `'${event}' on a machine that is ${state}; accepted: ${Object.keys(on).join(', ') || 'nothing'}`,
        )
    }
})

test('a machine can come to every state, and only retired is an end', () => {
  const reached = new Set<State>(['discovered', 'enrolled'])
  for (let size = 0; size < reached.size; ) {
    size = reached.size
    for (const edge of edges()) if (reached.has(edge.state)) reached.add(edge.next)
  }
  expect([...reached].toSorted()).toEqual(STATES.toSorted())
  expect(STATES.filter(state => Object.keys(LIFECYCLE[state].on).length === 0)).toEqual(['retired'])
})

test('only states that a job leaves have its events, and stable ones have none of them', () => {
  for (const state of STATES) {
    const { stable, on } = LIFECYCLE[state]
    expect([state, 'done' in on]).toEqual([state, !stable])
  }
})
