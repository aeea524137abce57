import { sql } from 'kysely'
import { beforeAll, expect, test } from 'vitest'
import { retryTransaction } from '../../src/db/transaction.ts'
import { useDatabase } from '../support/database.ts'

interface Tables {
  counter: { id: number; value: number }
}
const { db } = useDatabase<Tables>({ template: 'template1' })

beforeAll(async () => {
  await sql`create table counter (id integer primary key, value integer not null)`.execute(db)
  await sql`insert into counter values (1, 0), (2, 0)`.execute(db)
})

test('transactions that deadlock each other both happen', async () => {
  await db.updateTable('counter').set({ value: 0 }).execute()
  let runs = 0
  const move = (first: number, second: number) =>
    retryTransaction(db, async tx => {
      runs += 1
      for (const id of [first, second]) {
        await tx.updateTable('counter').set({ value: sql`value + 1` }).where('id', '=', id).execute()
        await sql`select pg_sleep(0.05)`.execute(tx)
      }
    })
  await Promise.all([move(1, 2), move(2, 1)])
  expect(runs).toBe(3)
  expect(await db.selectFrom('counter').select('value').execute()).toEqual([{ value: 2 }, { value: 2 }])
})

test('serializable transactions lose no update', async () => {
  await db.updateTable('counter').set({ value: 0 }).execute()
  const add = () =>
    retryTransaction(
      db,
      async tx => {
        const { value } = await tx.selectFrom('counter').select('value').where('id', '=', 1).executeTakeFirstOrThrow()
        await tx
          .updateTable('counter')
          .set({ value: value + 1 })
          .where('id', '=', 1)
          .execute()
      },
      'serializable',
    )
  await Promise.all([add(), add(), add()])
  expect(await db.selectFrom('counter').select('value').where('id', '=', 1).execute()).toEqual([{ value: 3 }])
})

test('it gives up after five attempts, and does not repeat what is no conflict', async () => {
  let runs = 0
  const raise = (state: string) =>
    retryTransaction(db, tx => {
      runs += 1
      return sql.raw(`do $$ begin raise exception 'x' using errcode = '${state}'; end $$`).execute(tx)
    })
  await expect(raise('40001')).rejects.toMatchObject({ code: 'try_again' })
  expect(runs).toBe(5)
  await expect(raise('55P03')).rejects.toMatchObject({ code: 'try_again' })
  expect(runs).toBe(6)
})
