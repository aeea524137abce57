import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Writable } from 'node:stream'
import { promisify } from 'node:util'
import { sql } from 'kysely'
import { pino } from 'pino'
import { beforeAll, expect, test } from 'vitest'
import { showFirstToken } from '../../src/api/first-token.ts'
import { checkKey } from '../../src/inventory/key-check.ts'
import { AppError } from '../../src/lib/errors.ts'
import { openKeyFile, sealerFrom } from '../../src/lib/secrets.ts'
import { useApp } from '../support/app.ts'
import { SITE } from '../support/site.ts'

const logged: string[] = []
const log = pino({ level: 'trace' }, new Writable({ write: (line, _, done) => (logged.push(String(line)), done()) }))
const setup = useApp(log)
const PASSWORD = 'Sw0rdfish-In-The-Rack'

const bmc = { protocol: 'ipmi', network: 'lon1-oob', initialPassword: PASSWORD }
const replies: string[] = []

async function call(method: string, url: string, body?: unknown, headers: Record<string, string> = {}) {
  const reply = await setup.app.inject({
    method: method as 'GET',
    url,
    headers: { authorization: `Bearer ${setup.token}`, ...headers },
    ...(body !== undefined && { payload: body as object }),
  })
  replies.push(JSON.stringify(reply.headers) + reply.payload)
  return reply
}

beforeAll(async () => {
  await call('POST', '/v1/inventory/apply', SITE)
})

/** Every value of every table, as text. */
async function everythingStored(): Promise<string> {
  const { rows: tables } = await sql<{ name: string }>`
    select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`.execute(
    setup.db,
  )
  const texts = tables.map(async ({ name }) => {
    const { rows } = await sql<{ row: string }>`select t::text as row from ${sql.table(name)} t`.execute(setup.db)
    return rows.map(({ row }) => row).join('\n')
  })
  return (await Promise.all(texts)).join('\n')
}

test('a BMC password goes in by every door, and comes out by none', async () => {
  const key = { 'idempotency-key': 'with-password' }
  const doors = [
    call('POST', '/v1/machines', { name: 's1', datacenter: 'lon1', bmc }, key),
    call('POST', '/v1/inventory/apply', { machines: [{ name: 's2', datacenter: 'lon1', bmc }] }),
    call('POST', '/v1/inventory/apply?dryRun=true', { machines: [{ name: 's3', datacenter: 'lon1', bmc }] }),
    // Refused ones: what is wrong stands right beside the password, or is the password.
    call('POST', '/v1/machines', { name: 's4', datacenter: 'nowhere', bmc }),
    call('POST', '/v1/machines', { name: 's5', datacenter: 'lon1', bmc: { ...bmc, protocol: 'telnet' } }),
    call('POST', '/v1/machines', { name: 's6', datacenter: 'lon1', bmc: { ...bmc, initialPassword: [PASSWORD] } }),
    call('POST', '/v1/machines', {
      name: 's7',
      datacenter: 'lon1',
      bmc: { ...bmc, initialPassword: PASSWORD.repeat(20) },
    }),
    call('POST', '/v1/machines', { name: 's8', datacenter: 'lon1', bmc: [bmc] }),
    call('POST', '/v1/inventory/apply', {
      machines: [{ name: 's9', bmc: { ...bmc, initialPassword: { is: PASSWORD } } }],
    }),
  ]
  expect((await Promise.all(doors)).map(reply => reply.statusCode)).toEqual([
    201, 200, 200, 400, 400, 400, 400, 400, 400,
  ])
  await call('POST', '/v1/machines', { name: 's1', datacenter: 'lon1', bmc }, key)
  await call('PATCH', '/v1/machines/s1', { bmc: { initialPassword: PASSWORD, port: 'none' } })
  await call('PUT', '/v1/machines/s1/bmc/password', { password: PASSWORD })
  await call('PUT', '/v1/machines/s1/bmc/password', { password: { is: PASSWORD } })
  await call('PUT', '/v1/machines/none/bmc/password', { password: PASSWORD })
  for (const url of ['/v1/machines', '/v1/machines/s1', '/v1/machines/s1/events', '/v1/events', '/metrics'])
    await call('GET', url)
  expect(replies.join('\n')).not.toContain(PASSWORD)
  expect(logged.join('\n')).not.toContain(PASSWORD)
  expect(await everythingStored()).not.toContain(PASSWORD)
})

test('a sealed password opens with its key and for its purpose only', async () => {
  const row = await setup.db
    .selectFrom('bmc')
    .innerJoin('machine', 'machine.id', 'bmc.machine')
    .select('sealedPassword')
    .where('name', '=', 's2')
    .executeTakeFirstOrThrow()
  const sealed = row.sealedPassword ?? Buffer.alloc(0)
  expect(setup.sealer.unseal(sealed, 'BMC password')).toBe(PASSWORD)
  expect(() => setup.sealer.unseal(sealed, 'another')).toThrow(AppError)
  expect(() => sealerFrom(Buffer.alloc(32)).unseal(sealed, 'BMC password')).toThrow(AppError)
})

test('a token is shown once, and stored as a hash', async () => {
  const created = await call('POST', '/v1/tokens', { name: 'ci', role: 'operator' })
  const { token } = created.json<{ token: string }>()
  replies.pop()
  await call('GET', '/v1/tokens')
  await call('GET', '/v1/events')
  await setup.inject({ method: 'GET', url: '/v1/whoami', token })
  for (const where of [replies.join('\n'), logged.join('\n'), await everythingStored()]) {
    expect(where).not.toContain(token)
    expect(where).not.toContain(setup.token)
  }
  const repeated = await call('POST', '/v1/tokens', { name: 'ci2', role: 'operator' }, { 'idempotency-key': 'k' })
  expect(repeated.statusCode).toBe(400)
})

test('the first token goes to the screen, or to a file that only its owner reads; never into a log', async () => {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'rackwright-token-'))
  try {
    for (const saidToLog of [false, true]) {
      await sql`delete from token`.execute(setup.db)
      const said: string[] = []
      await showFirstToken(setup.db, { url: 'http://here', dataDir, saidToLog, say: line => said.push(line) })
      expect(/rwt_/.test(said.join('\n'))).toBe(!saidToLog)
      await showFirstToken(setup.db, { url: 'http://here', dataDir, saidToLog, say: () => expect.fail('shown twice') })
    }
    const file = path.join(dataDir, 'first-admin-token')
    expect(await readFile(file, 'utf8')).toMatch(/^export RACKWRIGHT_URL=http:\/\/here RACKWRIGHT_TOKEN=rwt_\S+\n$/)
    expect((await stat(file)).mode & 0o777).toBe(0o600)
  } finally {
    await rm(dataDir, { recursive: true })
  }
})

test('a key that is not the one of the database is refused, and so is one that others can read', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'rackwright-key-'))
  try {
    await checkKey(setup.db, setup.sealer, 'a')
    await checkKey(setup.db, setup.sealer, 'a')
    const other = await openKeyFile(path.join(directory, 'other.key'))
    await expect(checkKey(setup.db, other, '/etc/other.key')).rejects.toThrow(
      /sealed with another key than that in \/etc\/other.key/,
    )
    await promisify(execFile)('chmod', ['640', path.join(directory, 'other.key')])
    await expect(openKeyFile(path.join(directory, 'other.key'))).rejects.toThrow(/can be read by others \(mode 640\)/)
  } finally {
    await rm(directory, { recursive: true })
  }
})
