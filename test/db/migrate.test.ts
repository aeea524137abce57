import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { migrate, requireServerVersion } from '../../src/db/migrate.ts'
import { type Migration, planMigrations, readMigrations } from '../../src/db/migrations.ts'
import { useEmptyDatabase } from '../support/database.ts'
import { onServer } from '../support/server.ts'

const { url } = useEmptyDatabase()
let root = ''
let made = 0

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'rackwright-migrate-'))
})
afterAll(() => rm(root, { recursive: true, force: true }))
beforeEach(() => onServer(url, client => client.query('drop schema public cascade; create schema public')))

async function directoryOf(files: Record<string, string>): Promise<URL> {
  const directory = await mkdtemp(join(root, `${(made += 1)}-`))
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text)
  return pathToFileURL(`${directory}/`)
}

async function applied(): Promise<string[]> {
  const { rows } = await onServer(url, client =>
    client.query<{ name: string }>('select name from migration order by id'),
  )
  return rows.map(row => row.name)
}

const ONE = { '001-one.sql': 'create table one (id integer primary key); insert into one values (1)' }
const TWO = { ...ONE, '002-two.sql': 'alter table one add column text text; update one set text = $$two; three$$' }

test('applies what is pending, in order, and says what it was', async () => {
  const one = await directoryOf(ONE)
  expect((await migrate({ url, directory: one })).map(file => file.name)).toEqual(['001-one.sql'])
  const two = await directoryOf(TWO)
  expect((await migrate({ url, directory: two })).map(file => file.name)).toEqual(['002-two.sql'])
  expect(await migrate({ url, directory: two })).toEqual([])
  expect((await onServer(url, client => client.query('select * from one'))).rows).toEqual([
    { id: 1, text: 'two; three' },
  ])
})

test('eight controllers that start at once migrate once', async () => {
  const slow = {
    '003-three.sql': 'select pg_sleep(0.1); create table three ()',
    '004-four.sql': 'create table four ()',
  }
  const directory = await directoryOf({ ...TWO, ...slow })
  const results = await Promise.all(Array.from({ length: 8 }, () => migrate({ url, directory })))
  const names = results.flat().map(file => file.name)
  expect(names.toSorted()).toEqual([...Object.keys(TWO), ...Object.keys(slow)])
  expect(await applied()).toEqual(names.toSorted())
})

test('a failed migration leaves nothing behind, and tells file and line', async () => {
  const bad = { '002-bad.sql': 'create table half ();\n\nselect no_such_column from one' }
  await expect(migrate({ url, directory: await directoryOf({ ...ONE, ...bad }) })).rejects.toMatchObject({
    code: 'database_refused',
    message: expect.stringMatching(/002-bad\.sql line 3: column "no_such_column" does not exist/),
  })
  expect(await applied()).toEqual(['001-one.sql'])
  const { rows } = await onServer(url, client => client.query(`select to_regclass('half') as half`))
  expect(rows).toEqual([{ half: null }])
})

test('what a migration defers to the end of its transaction is checked with it', async () => {
  const deferred = `create table parent (id integer primary key);
    create table child (parent integer references parent deferrable initially deferred); insert into child values (7)`
  await expect(migrate({ url, directory: await directoryOf({ '001-deferred.sql': deferred }) })).rejects.toThrow(
    /001-deferred.sql.*violates foreign key/,
  )
})

test('a database newer than this program is refused and left alone', async () => {
  await migrate({ url, directory: await directoryOf(TWO) })
  await expect(migrate({ url, directory: await directoryOf(ONE) })).rejects.toMatchObject({
    code: 'database_version',
    message: expect.stringMatching(
      /newer than this program, which does not know 002-two\.sql\. Start the newer version again/,
    ),
  })
  expect(await applied()).toEqual(Object.keys(TWO))
})

test('a changed migration is refused', async () => {
  await migrate({ url, directory: await directoryOf(TWO) })
  const changed = await directoryOf({ ...TWO, '001-one.sql': `${ONE['001-one.sql']} -- changed` })
  await expect(migrate({ url, directory: changed })).rejects.toMatchObject({
    code: 'database_version',
    message: expect.stringMatching(/001-one\.sql was applied with sha256 \w{12}…, 001-one\.sql has/),
  })
})

test.each([
  ['a gap', { '001-a.sql': '', '003-b.sql': '' }, '003-b.sql: expected 002-NAME.sql'],
  ['a number used twice', { '001-a.sql': '', '001-b.sql': '' }, '001-b.sql: expected 002-NAME.sql'],
  ['a name that is none', { '01-a.sql': '' }, '01-a.sql: expected 001-NAME.sql'],
])('%s is a defect', async (_what, files, message) => {
  await expect(migrate({ url, directory: await directoryOf(files) })).rejects.toThrow(message)
})

test('a row that is missing in the database is told', () => {
  const files: Migration[] = [1, 2].map(id => ({ id, name: `00${id}-x.sql`, sha256: `${id}`, text: '' }))
  expect(() => planMigrations(files, files.slice(1))).toThrow('1 was never applied, but 002-x.sql was')
  expect(planMigrations(files, files.slice(0, 1))).toEqual(files.slice(1))
})

test('a server older than 15 is refused', async () => {
  const old = { query: async () => ({ rows: [{ number: 140_012, text: '14.12' }] }) }
  await expect(requireServerVersion(old)).rejects.toMatchObject({
    code: 'database_version',
    message: expect.stringContaining('PostgreSQL 14.12; expected 15 or newer'),
  })
})

test('our own migrations are in order', async () => {
  expect((await readMigrations()).length).toBeGreaterThan(0)
})
