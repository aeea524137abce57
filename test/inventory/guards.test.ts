import { sql } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import { violationOf } from '../../src/db/violations.ts'
import { explainViolation } from '../../src/inventory/violations.ts'
import { AppError } from '../../src/lib/errors.ts'
import { useDatabase } from '../support/database.ts'
import { REFUSED, SEED } from '../support/guard-cases.ts'

const { db } = useDatabase()
const UNDO = new Error('undo')

beforeAll(async () => {
  for (const statement of SEED) await sql.raw(statement).execute(db)
})

/** What SQL is refused with; undefined when it is taken. It is undone in any case. */
async function refusal(statements: string): Promise<unknown> {
  const error: unknown = await db
    .transaction()
    .execute(async tx => {
      for (const statement of statements.split(';\n')) await sql.raw(statement).execute(tx)
      await sql`set constraints all immediate`.execute(tx)
      throw UNDO
    })
    .catch((thrown: unknown) => thrown)
  return error === UNDO ? undefined : error
}

const constraintOf = async (statements: string) => {
  const error = await refusal(statements)
  return violationOf(error)?.constraint ?? error
}

describe('SQL around our code is refused, by the constraint whose name the code knows', () => {
  test.each(REFUSED)('%s: %s', async (constraint, statements) => {
    expect(await constraintOf(statements)).toBe(constraint)
  })

  test.each(REFUSED)('%s: is told in words', async (_, statements) => {
    const error = explainViolation(await refusal(statements))
    expect(error).toBeInstanceOf(AppError)
    const { code, message } = error as AppError
    expect(['internal', 'database_refused']).not.toContain(code)
    expect(message).not.toMatch(/Failing row contains/)
  })
})

test('every constraint and every guard of a trigger has a case above', async () => {
  const { rows } = await sql<{ name: string }>`
    select conname as name from pg_constraint c join pg_class r on r.oid = c.conrelid
      where c.connamespace = 'public'::regnamespace and c.contype in ('c', 'f', 'u', 'x', 'p') and r.relname <> 'migration'
    union select i.relname from pg_index x join pg_class i on i.oid = x.indexrelid
      where x.indisunique and i.relnamespace = 'public'::regnamespace
        and not exists (select from pg_constraint c where c.conindid = x.indexrelid)
    union select m[1] from pg_proc p, regexp_matches(p.prosrc, 'refuse\\(''(\\w+)''', 'g') m
      where p.pronamespace = 'public'::regnamespace
    union select m[1] from pg_proc p, regexp_matches(p.prosrc, 'array\\[''(\\w+)''', 'g') m
      where p.pronamespace = 'public'::regnamespace`.execute(db)
  const tried = new Set(REFUSED.map(([constraint]) => constraint))
  // What the database counts or makes by itself, and what nobody can name: identity columns, tables of pairs.
  const ownKeys =
    /^(event|job|reservation|token|machine|setting|idempotency|lifecycle_transition)_pkey$|^(room|rack)_name_datacenter_key$|^nic_mac_machine_key$/
  expect(rows.map(row => row.name).filter(name => !tried.has(name) && !ownKeys.test(name))).toEqual([])
})

describe('what fits is taken', () => {
  const machine = (name: string, more: string) =>
    `insert into machine (name, datacenter, digest, ${more.split(' = ')[0]}) values ('${name}', 'd1', '', ${more.split(' = ')[1]})`
  const cases: [what: string, statements: string][] = [
    [
      'reservations that touch',
      `insert into reservation (machine, during, created_by) values (1, '[2026-01-01 12:00+00, 2026-01-02 00:00+00)', 'x')`,
    ],
    [
      'the same time on another machine',
      `insert into reservation (machine, during, created_by) values (2, '[2026-01-01 00:00+00, 2026-01-02 00:00+00)', 'x')`,
    ],
    [
      'a second job once the first has ended',
      `update job set ended_at = now() where machine = 1;\ninsert into job (kind, machine, started_at) values ('x', 1, now())`,
    ],
    ['jobs that wait, beside one that runs', `insert into job (kind, machine) values ('x', 1), ('y', 1)`],
    [
      'a machine right above another',
      `insert into machine (name, datacenter, digest, rack, position_u, height_u) values ('above', 'd1', '', 'r1', 2, 0.5)`,
    ],
    [
      'half units side by side',
      `insert into machine (name, datacenter, digest, rack, position_u, height_u) values ('h1', 'd1', '', 'r1', 3, 0.5), ('h2', 'd1', '', 'r1', 3.5, 0.5), ('h3', 'd1', '', 'r1', 4, 1)`,
    ],
    [
      'the topmost unit of a rack',
      `insert into machine (name, datacenter, digest, rack, position_u, height_u) values ('top', 'd1', '', 'r1', 10, 1)`,
    ],
    [
      'machines in a rack without a position',
      `insert into machine (name, datacenter, digest, rack) values ('loose1', 'd1', '', 'r1'), ('loose2', 'd1', '', 'r1')`,
    ],
    [
      'machines without serial, UUID and host name',
      `${machine('n1', 'serial = null')};\n${machine('n2', 'serial = null')}`,
    ],
    [
      'a discovered machine gets another name',
      `${machine('found', `lifecycle = 'discovered'`)};\nupdate machine set name = 'named' where name = 'found'`,
    ],
    [
      'networks side by side',
      `insert into network (name, datacenter, purpose, cidr4, digest) values ('beside', 'd1', 'data', '10.0.1.0/24', '')`,
    ],
    [
      'an address of a network of one',
      `insert into network (name, datacenter, purpose, cidr4, digest) values ('one', 'd1', 'data', '10.9.9.9/32', '');\ninsert into address (ip, network, machine, bmc, origin) values ('10.9.9.9', 'one', 2, true, 'chosen')`,
    ],
    [
      'both addresses of a point-to-point network',
      `insert into network (name, datacenter, purpose, cidr4, digest) values ('p2p', 'd1', 'data', '10.9.8.0/31', '');\ninsert into address (ip, network, machine, bmc, origin) values ('10.9.8.0', 'p2p', 2, true, 'chosen')`,
    ],
    [
      'a lease of nobody we know',
      `insert into address (ip, network, origin, expires_at) values ('10.0.0.77', 'n1', 'leased', now())`,
    ],
    [
      'a lease of a machine that we think elsewhere',
      `insert into address (ip, network, machine, origin, expires_at) values ('10.0.0.78', 'n1', 3, 'leased', now())`,
    ],
    [
      'the name of a revoked token',
      `insert into token (name, hash, role, created_by) values ('old', '\\x01', 'viewer', 'x')`,
    ],
    ['a machine in use that is not deleted', `update machine set profile = null where id = 1`],
  ]
  test.each(cases)('%s', async (_, statements) => {
    expect(await refusal(statements)).toBeUndefined()
  })
})

test('a removed machine takes its parts with it, and leaves its events', async () => {
  const gone = await db.transaction().execute(async tx => {
    const run = (statement: string) => sql.raw(statement).execute(tx)
    await run(`insert into machine (name, datacenter, digest) values ('leaves', 'd1', '')`)
    const id = `(select id from machine where name = 'leaves')`
    await run(`insert into nic (mac, machine) values ('02:00:00:00:00:99', ${id})`)
    await run(
      `insert into address (ip, network, machine, nic, origin) values ('10.0.0.99', 'n1', ${id}, '02:00:00:00:00:99', 'chosen')`,
    )
    await run(`insert into event (machine, source, kind) values (${id}, 'test', 'stays')`)
    await run(`delete from machine where name = 'leaves'`)
    const { rows } = await sql<{ left: number }>`select (select count(*) from nic where mac = '02:00:00:00:00:99')
      + (select count(*) from address where ip = '10.0.0.99') as left`.execute(tx)
    return rows[0]?.left
  })
  expect(gone).toBe(0)
  expect(await db.selectFrom('event').select('kind').where('kind', '=', 'stays').execute()).toHaveLength(1)
})

const VERSIONED = [
  'datacenter',
  'room',
  'rack',
  'network',
  'profile',
  'service',
  'image',
  'maintenance_window',
  'change_freeze',
  'machine',
]

test.each(VERSIONED)('a change of a %s counts its version and its time; the same again does not', async table => {
  const versions = await db.transaction().execute(async tx => {
    const version = async () => {
      const { rows } = await sql<{ revision: number; later: boolean }>`
        select revision, updated_at > created_at as later from ${sql.table(table)} order by name limit 1`.execute(tx)
      return [rows[0]?.revision, rows[0]?.later]
    }
    await sql`update ${sql.table(table)} set created_at = now() - interval '1 day', updated_at = created_at, revision = 1`.execute(
      tx,
    )
    await sql`update ${sql.table(table)} set digest = 'new'`.execute(tx)
    const changed = await version()
    await sql`update ${sql.table(table)} set digest = 'new'`.execute(tx)
    return [changed, await version()]
  })
  const [[changed, later], [same]] = versions as [[number, boolean], [number, boolean]]
  expect(later).toBe(true)
  expect(same).toBe(changed)
  expect(changed).toBeGreaterThan(1)
})

test('what is observed of a machine is no new version of it', async () => {
  const revision = async () =>
    (await db.selectFrom('machine').select('revision').where('name', '=', 'm2').executeTakeFirstOrThrow()).revision
  const before = await revision()
  await sql`update machine set power = 'on', power_at = now(), hardware = '{}' where name = 'm2'`.execute(db)
  expect(await revision()).toBe(before)
})
