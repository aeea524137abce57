import { sql } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import { AppError } from '../../src/lib/errors.ts'
import { isViolation, toAppError, violationOf } from '../../src/db/violations.ts'
import { useEmptyDatabase } from '../support/database.ts'

const { db } = useEmptyDatabase()

beforeAll(async () => {
  await sql`create table parent (id integer primary key, secret text not null, constraint parent_id check (id < 100))`.execute(
    db,
  )
  await sql`create table child (parent integer constraint child_parent references parent,
    during int4range, constraint child_during exclude using gist (during with &&))`.execute(db)
  await sql`insert into parent values (1, 'hunter2')`.execute(db)
  await sql`insert into child values (1, '[1,5)')`.execute(db)
})

async function errorOf(statement: string): Promise<unknown> {
  return sql
    .raw(statement)
    .execute(db)
    .catch((error: unknown) => error)
}

describe('a violated constraint is read from what PostgreSQL answers', () => {
  test.each([
    [`insert into parent values (1, 'x')`, 'unique', 'parent_pkey', 'Key (id)=(1) already exists.'],
    [
      `insert into child values (7)`,
      'foreign_key',
      'child_parent',
      'Key (parent)=(7) is not present in table "parent".',
    ],
    [
      `insert into child values (1, '[4,9)')`,
      'exclusion',
      'child_during',
      'Key (during)=([4,9)) conflicts with existing key (during)=([1,5)).',
    ],
    [
      `insert into parent values (500, 'hunter2')`,
      'check',
      'parent_id',
      'new row for relation "parent" violates check constraint "parent_id"',
    ],
    [
      `insert into parent values (5, null)`,
      'not_null',
      'secret',
      'null value in column "secret" of relation "parent" violates not-null constraint',
    ],
  ])('%s', async (statement, kind, constraint, detail) => {
    const error = await errorOf(statement)
    expect(violationOf(error)).toEqual({ kind, constraint, detail, table: expect.stringMatching(/parent|child/) })
    expect(isViolation(error, constraint)).toBe(true)
    expect(isViolation(error, 'another')).toBe(false)
    expect(toAppError(error)).toBe(error)
  })
})

test('what is no violation is none', async () => {
  const error = await errorOf('select no_such_column')
  expect(violationOf(error)).toBeUndefined()
  expect(toAppError(error)).toBe(error)
  expect(violationOf(new Error('x'))).toBeUndefined()
  expect(isViolation('parent_pkey', 'parent_pkey')).toBe(false)
})

test('a deadlock, a lock that is not given and a standby are told apart from mistakes', async () => {
  const refuse = (state: string) => errorOf(`do $$ begin raise exception 'x' using errcode = '${state}'; end $$`)
  const codes = await Promise.all(
    ['40001', '40P01', '55P03', '57014', '25006', '53300', '57P03', '58030', '08006', '28000', '3D000'].map(refuse),
  )
  expect(codes.map(error => (error instanceof AppError ? error.code : error))).toEqual([
    ...Array<string>(4).fill('try_again'),
    ...Array<string>(7).fill('database_unavailable'),
  ])
})

test.each([
  Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:5432'), { code: 'ECONNREFUSED' }),
  Object.assign(new Error('getaddrinfo ENOTFOUND db'), { code: 'ENOTFOUND' }),
  new Error('Connection terminated unexpectedly'),
  new Error('Connection terminated due to connection timeout'),
  new Error('Query read timeout'),
  new Error('Client has encountered a connection error and is not queryable'),
])('%s is database_unavailable', error => {
  expect(toAppError(error)).toMatchObject({ code: 'database_unavailable', cause: error })
})

test('a busy pool is no broken database, and an error of a file no error of a socket', () => {
  expect(toAppError(new Error('timeout exceeded when trying to connect'))).toMatchObject({ code: 'try_again' })
  const missing = (syscall: string) => Object.assign(new Error('ENOENT'), { code: 'ENOENT', syscall })
  expect(toAppError(missing('connect'))).toMatchObject({ code: 'database_unavailable' })
  expect(toAppError(missing('open'))).toMatchObject({ code: 'ENOENT' })
})

test('other errors stay what they are', () => {
  const mine = new AppError('not_found', 'x')
  for (const error of [mine, new TypeError('x'), 'text', undefined]) expect(toAppError(error)).toBe(error)
})
