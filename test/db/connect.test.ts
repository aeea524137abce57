import { sql } from 'kysely'
import { beforeAll, expect, test } from 'vitest'
import { openDatabase } from '../../src/db/connect.ts'
import { SILENT } from '../../src/db/log.ts'
import { useEmptyDatabase } from '../support/database.ts'

const { db, url } = useEmptyDatabase()

beforeAll(async () => {
  await sql`create table rack_unit (id bigint generated always as identity primary key, position_u numeric, facts jsonb)`.execute(
    db,
  )
})

async function read(expression: string): Promise<unknown> {
  const { rows } = await sql<{ value: unknown }>`select ${sql.raw(expression)} as value`.execute(db)
  return rows[0]?.value
}

test.each([
  ['9007199254740991::int8', 9007199254740991],
  ['-5::int8', -5],
  ['1.5::numeric', 1.5],
  [`'2026-03-01T12:00:00Z'::timestamptz`, new Date('2026-03-01T12:00:00Z')],
  [`'2026-03-01'::date`, '2026-03-01'],
  [`'10.0.0.1/8'::inet`, '10.0.0.1/8'],
  [`'10.0.0.0/8'::cidr`, '10.0.0.0/8'],
  [`'52:54:00:AB:cd:01'::macaddr`, '52:54:00:ab:cd:01'],
  [
    `'[2026-03-01 00:00+00,2026-03-02 00:00+00)'::tstzrange at time zone 'UTC'`.replace(` at time zone 'UTC'`, ''),
    expect.stringMatching(/^\["2026-/),
  ],
  ['array[1, null, 3]::int8[]', [1, null, 3]],
  ['array[0.5, 2]::numeric[]', [0.5, 2]],
  [`array['10.0.0.1']::inet[]`, ['10.0.0.1']],
])('reads %s', async (expression, value) => {
  expect(await read(expression)).toEqual(value)
})

test.each(['9007199254740993::int8', '-9007199254740993::int8', '9007199254740993::numeric'])(
  'refuses %s, which no number holds exactly',
  async expression => {
    await expect(read(expression)).rejects.toThrow('number out of range')
  },
)

test('columns are camelCase, the keys inside a document are left alone', async () => {
  await db
    .insertInto('rackUnit')
    .values({ positionU: 1.5, facts: JSON.stringify({ snake_key: 1, camelKey: 2 }) })
    .execute()
  const row = await db.selectFrom('rackUnit').select(['positionU', 'facts']).executeTakeFirstOrThrow()
  expect(row).toEqual({ positionU: 1.5, facts: { snake_key: 1, camelKey: 2 } })
})

test('a server that is not there is database_unavailable, with the cause', async () => {
  const nowhere = openDatabase({ url: 'postgres:///x?host=/nonexistent&user=x', log: SILENT })
  await expect(sql`select 1`.execute(nowhere)).rejects.toMatchObject({
    code: 'database_unavailable',
    cause: { code: 'ENOENT' },
  })
  await nowhere.destroy()
})

test('a connection killed in the middle of a transaction is database_unavailable, and the pool goes on', async () => {
  const work = db.transaction().execute(async tx => {
    await sql`select 1`.execute(tx)
    await sql`select pg_terminate_backend(pg_backend_pid())`.execute(tx)
  })
  await expect(work).rejects.toMatchObject({ code: 'database_unavailable' })
  expect(await read('1')).toBe(1)
})

test('a connection killed while a transaction waits does not end the process', async () => {
  const work = db.transaction().execute(async tx => {
    const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(tx)
    await sql`select pg_terminate_backend(${rows[0]?.pid}::int)`.execute(db)
    await new Promise(done => setTimeout(done, 100))
    await sql`select 1`.execute(tx)
  })
  await expect(work).rejects.toMatchObject({ code: 'database_unavailable' })
})

test('a statement is stopped after its time', async () => {
  const hasty = openDatabase({ url, log: SILENT, statementTimeoutMs: 50 })
  await expect(sql`select pg_sleep(5)`.execute(hasty)).rejects.toMatchObject({ code: 'try_again' })
  await hasty.destroy()
})

test('neither the error of a bad address nor that of a refused login shows the password', async () => {
  expect(() => openDatabase({ url: 'mysql://me:hunter2@db', log: SILENT })).toThrow(
    expect.not.stringContaining('hunter2'),
  )
  const url2 = new URL(url)
  url2.searchParams.set('user', 'nobody-of-this-name')
  url2.searchParams.set('password', 'hunter2')
  const refused = openDatabase({ url: url2.href, log: SILENT })
  const error: unknown = await sql`select 1`.execute(refused).catch((reason: unknown) => reason)
  expect(error).toMatchObject({ code: 'database_unavailable' })
  expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('hunter2')
  await refused.destroy()
})

test('a slow statement is logged without its parameters', async () => {
  const lines: string[] = []
  const keep = (fields: object, message: string) => lines.push(`${message} ${JSON.stringify(fields)}`)
  const watched = openDatabase({ url, log: { info: keep, warn: keep, error: keep } })
  await sql`select pg_sleep(1.05), ${'hunter2'}::text`.execute(watched)
  await watched.destroy()
  expect(lines.join('\n')).toMatch(/a query was slow.*pg_sleep/)
  expect(lines.join('\n')).not.toContain('hunter2')
})
