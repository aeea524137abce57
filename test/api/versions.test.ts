import { sql } from 'kysely'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { inventory } from '../../src/api/contract/inventory.ts'
import type { Problem } from '../../src/api/contract/endpoint.ts'
import { createMachine, sendAtOnce, times, withStatus } from '../support/at-once.ts'
import { assertReply, type CheckedClient } from '../support/checked-client.ts'
import { useController } from '../support/controller.ts'
import type { RawReply, RawRequest } from '../support/http.ts'
import { applyAll, checkedClient, newMac, SITE } from '../support/site.ts'

const controller = useController()
// Crowds take their time on a machine that has other work.
vi.setConfig({ testTimeout: 60_000 })
let client: CheckedClient
const atOnce = (requests: readonly RawRequest[]) => sendAtOnce(controller, requests)

beforeAll(async () => {
  client = checkedClient(controller)
  await applyAll(client, SITE)
})

test('of those who change the same version, one wins and the others are told that theirs is old', async () => {
  const { revision } = await client.call(inventory.machine.create, {
    body: { name: 'version', datacenter: 'lon1' } as never,
  })
  const patch = (at: number): RawRequest => ({
    method: 'PATCH',
    path: '/v1/machines/version',
    headers: { 'if-match': `"${revision}"` },
    body: { serial: `V-${at}` },
  })
  const replies = await atOnce(times(50, patch))
  expect(withStatus(replies, 200)).toHaveLength(1)
  expect(withStatus(replies, 412)).toHaveLength(49)
  // What the winner was answered is what there is.
  expect(await client.call(inventory.machine.get, { params: { name: 'version' } })).toEqual(
    withStatus(replies, 200)[0]?.json,
  )
})

test('changes of different fields are all kept', async () => {
  await client.call(inventory.machine.create, { body: { name: 'fields', datacenter: 'lon1' } as never })
  const label = (at: number): RawRequest => ({
    method: 'PATCH',
    path: '/v1/machines/fields',
    body: { labels: { [`l${at}`]: String(at) } },
  })
  const replies = await atOnce(times(60, label))
  expect(withStatus(replies, 200)).toHaveLength(60)
  const { labels, revision } = await client.call(inventory.machine.get, { params: { name: 'fields' } })
  expect(labels).toEqual(Object.fromEntries(times(60, at => [`l${at}`, String(at)])))
  expect(revision).toBe(61)
})

describe('the same Idempotency-Key sent many times at once', () => {
  const key = { 'idempotency-key': 'once' }

  test('does it once and answers all the same', async () => {
    const request = {
      ...createMachine({
        name: 'once',
        serial: 'ONCE',
        nics: [{ mac: newMac(), addresses: [{ network: 'lon1-prov' }] }],
      }),
      headers: key,
    }
    const replies = await atOnce(times(50, () => request))
    expect(new Set(replies.map(reply => reply.status))).toEqual(new Set([201]))
    for (const reply of replies) {
      expect(reply.text).toBe(replies[0]?.text)
      expect(reply.headers.etag).toBe('"1"')
      assertReply(inventory.machine.create, 201, reply.json)
    }
    const events = await controller.db
      .selectFrom('event')
      .select('id')
      .where('kind', '=', 'machine.created')
      .where('data', '@>', JSON.stringify({ name: 'once' }) as never)
      .execute()
    expect(events).toHaveLength(1)
  })

  test('refuses another request under it, whatever it is', async () => {
    const others: RawRequest[] = [
      createMachine({ name: 'other' }),
      { method: 'PATCH', path: '/v1/machines/once', body: { serial: 'X' } },
      { method: 'DELETE', path: '/v1/machines/once' },
    ]
    const replies = await atOnce(others.map(request => ({ ...request, headers: key })))
    expect(replies.map(({ status, json }) => [status, (json as Problem).code])).toEqual(
      others.map(() => [422, 'idempotency_mismatch']),
    )
  })

  test('is forgotten when the request was refused, so that it can be put right', async () => {
    const headers = { 'idempotency-key': 'twice' }
    const [refused] = await atOnce([{ ...createMachine({ name: 'once' }), headers }])
    const [accepted] = await atOnce([{ ...createMachine({ name: 'corrected' }), headers }])
    expect([refused?.status, accepted?.status]).toEqual([409, 201])
  })

  test('is of one caller: another may use the same', async () => {
    const other = (await controller.as('operator')).options.token
    const [reply] = await atOnce([{ ...createMachine({ name: 'another' }), headers: key, token: other }])
    expect(reply?.status).toBe(201)
  })
})

test('applies that take the same things in another order all end, with 200 or a reason', async () => {
  const names = times(12, at => `dead-${at}`)
  const machines = names.map((name, at) => ({
    name,
    datacenter: 'lon1',
    rack: 'lon1-a02',
    positionU: at + 1,
    serial: `DEAD-${at}`,
  }))
  await applyAll(client, { machines })
  const turned = (by: number) =>
    machines.map((one, at) => ({ ...one, positionU: ((at + by) % 12) + 1, serial: `DEAD-${(at + by) % 12}` }))
  const requests = times(24, by => ({
    method: 'POST',
    path: '/v1/inventory/apply',
    body: { machines: by % 2 ? turned(by) : turned(by).toReversed() },
  }))
  const replies = await atOnce(requests)
  expect(replies.map(reply => reply.status)).toEqual(requests.map(() => 200))
  const rows = await controller.db
    .selectFrom('machine')
    .select(['positionU', 'serial'])
    .where('name', 'in', names)
    .execute()
  expect(new Set(rows.map(row => row.positionU)).size).toBe(12)
  expect(new Set(rows.map(row => row.serial)).size).toBe(12)
})

test('a deadlock in the database is tried again, not told', async () => {
  const { db } = controller
  const rack = (name: string, feed: string) => ({ name, datacenter: 'lon1', heightU: 42, powerFeeds: [feed] })
  await applyAll(client, { racks: [rack('dl-a', '-'), rack('dl-b', '-')] })
  let applying: Promise<RawReply[]> | undefined
  await db.transaction().execute(async tx => {
    // PostgreSQL undoes whoever finds out first: not us.
    await sql`set local deadlock_timeout = '20s'`.execute(tx)
    const lock = (name: string) => sql`select from rack where name = ${name} for update`.execute(tx)
    await lock('dl-b')
    const body = { racks: [rack('dl-a', '1'), rack('dl-b', '2')] }
    applying = atOnce([{ method: 'POST', path: '/v1/inventory/apply', body }])
    await vi.waitFor(async () => {
      const { rows } = await sql`select from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`.execute(db)
      expect(rows).toHaveLength(1)
    })
    await lock('dl-a')
  })
  expect((await applying)?.map(reply => reply.status)).toEqual([200])
})
