import { beforeAll, describe, expect, test } from 'vitest'
import { sendRaw, type RawReply } from '../../support/http.ts'
import { useController } from '../../support/controller.ts'

const controller = useController()
const WRITERS = 200

const send = (method: string, path: string, body: unknown, headers: Record<string, string> = {}) =>
  sendRaw(controller.url, { method, path, body, headers, token: controller.token })
const create = (machine: object) => send('POST', '/v1/machines', { datacenter: 'lon1', ...machine })
const atOnce = <T>(count: number, work: (turn: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, turn) => work(turn)))

const detailOf = ({ json }: RawReply) => (json as { detail: string }).detail
const codeOf = ({ json }: RawReply) => (json as { code: string }).code
const statuses = (replies: readonly RawReply[]) =>
  Object.fromEntries(
    Map.groupBy(replies, reply => reply.status)
      .entries()
      .map(([status, all]) => [status, all.length]),
  )
const mac = (number: number) =>
  `52:54:00:00:${[number >> 8, number & 255].map(byte => byte.toString(16).padStart(2, '0')).join(':')}`

beforeAll(async () => {
  const places = {
    datacenters: [{ name: 'lon1', dnsDomain: 'lon1.example.net', timeZone: 'Europe/London' }],
    racks: [{ name: 'lon1-a01', datacenter: 'lon1', heightU: 42 }],
    networks: [
      { name: 'lon1-data', datacenter: 'lon1', purpose: 'data', cidr4: '10.1.0.0/23' },
      { name: 'lon1-small', datacenter: 'lon1', purpose: 'data', cidr4: '10.2.0.0/26' },
    ],
  }
  const applied = await send('POST', '/v1/inventory/apply', places)
  if (applied.status !== 200) throw new Error(applied.text)
})

/** What two hundred want, and how the losers are told. */
const WANTED: Record<string, { machine: (turn: number) => object; codes: string[]; says: RegExp }> = {
  'the same rack unit': {
    machine: turn => ({ name: `unit-${turn}`, rack: 'lon1-a01', positionU: 7 }),
    codes: ['already_taken'],
    says: /U7 of rack lon1-a01 is taken by unit-|stands in these rack units/,
  },
  'overlapping halves of rack units': {
    machine: turn => ({ name: `half-${turn}`, rack: 'lon1-a01', positionU: 10 + (turn % 2) / 2, heightU: 1.5 }),
    codes: ['already_taken'],
    says: /of rack lon1-a01 is taken by half-|stands in these rack units/,
  },
  'the same address': {
    machine: turn => ({
      name: `ip-${turn}`,
      nics: [{ mac: mac(turn), addresses: [{ network: 'lon1-data', ip: '10.1.0.77' }] }],
    }),
    codes: ['already_taken'],
    says: /10\.1\.0\.77/,
  },
  'the same MAC': {
    machine: turn => ({ name: `mac-${turn}`, nics: [{ mac: '52:54:00:aa:bb:cc' }] }),
    codes: ['already_taken'],
    says: /52:54:00:aa:bb:cc/,
  },
  'the same MAC, for a NIC and for a BMC': {
    machine: turn => {
      const both = { mac: '52:54:00:aa:bb:dd' }
      return turn % 2 === 0
        ? { name: `nic-${turn}`, nics: [both] }
        : { name: `nic-${turn}`, bmc: { protocol: 'ipmi', network: 'lon1-data', ...both } }
    },
    codes: ['already_taken'],
    says: /52:54:00:aa:bb:dd/,
  },
  'the same name': { machine: () => ({ name: 'the-one' }), codes: ['already_exists'], says: /the-one/ },
  'the same serial': {
    machine: turn => ({ name: `serial-${turn}`, serial: 'S-1' }),
    codes: ['already_taken'],
    says: /S-1/,
  },
  'the same host name': {
    machine: turn => ({ name: `host-${turn}`, hostname: 'web-1' }),
    codes: ['already_taken'],
    says: /web-1/,
  },
}

describe.each(Object.entries(WANTED))('%s', (_, { machine, codes, says }) => {
  test(`${WRITERS} want it at once: one has it, the others are told who or what`, async () => {
    const replies = await atOnce(WRITERS, turn => create(machine(turn)))
    expect(statuses(replies)).toEqual({ 201: 1, 409: WRITERS - 1 })
    for (const loser of replies.filter(reply => reply.status === 409)) {
      expect(codes).toContain(codeOf(loser))
      expect(detailOf(loser)).toMatch(says)
    }
  })
})

test('free addresses that many ask for at once all differ, and none is left out', async () => {
  const replies = await atOnce(WRITERS, turn =>
    create({ name: `given-${turn}`, nics: [{ mac: mac(1_000 + turn), addresses: [{ network: 'lon1-data' }] }] }),
  )
  expect(statuses(replies)).toEqual({ 201: WRITERS })
  const ips = replies.map(
    reply => (reply.json as { nics: { addresses: { ip: string }[] }[] }).nics[0]?.addresses[0]?.ip,
  )
  expect(new Set(ips).size).toBe(WRITERS)
})

test('a network with 62 addresses gives 62, and says so to the others', async () => {
  const replies = await atOnce(100, turn =>
    create({ name: `small-${turn}`, nics: [{ mac: mac(2_000 + turn), addresses: [{ network: 'lon1-small' }] }] }),
  )
  expect(statuses(replies)).toEqual({ 201: 62, 409: 38 })
  const refused = replies.filter(reply => reply.status === 409)
  expect(new Set(refused.map(codeOf))).toEqual(new Set(['nothing_free']))
})

test('of changes to the version that all have read, one is made', async () => {
  await create({ name: 'versioned' })
  const replies = await atOnce(50, turn =>
    send('PATCH', '/v1/machines/versioned', { serial: `V-${turn}` }, { 'if-match': '"1"' }),
  )
  expect(statuses(replies)).toEqual({ 200: 1, 412: 49 })
})

test('changes of different fields without a version are all made', async () => {
  await create({ name: 'shared' })
  const replies = await atOnce(50, turn => send('PATCH', '/v1/machines/shared', { labels: { [`l${turn}`]: 'x' } }))
  expect(statuses(replies)).toEqual({ 200: 50 })
  const { json } = await send('GET', '/v1/machines/shared', undefined)
  expect(Object.keys((json as { labels: object }).labels)).toHaveLength(50)
})

test('one Idempotency-Key, sent fifty times at once: done once, answered fifty times alike', async () => {
  const key = { 'idempotency-key': 'once' }
  const body = { name: 'only-once', datacenter: 'lon1' }
  const replies = await atOnce(50, () => send('POST', '/v1/machines', body, key))
  expect(statuses(replies)).toEqual({ 201: 50 })
  expect(new Set(replies.map(reply => `${reply.headers.etag} ${reply.text}`)).size).toBe(1)
  const { items } = (await send('GET', '/v1/machines/only-once/events', undefined)).json as { items: unknown[] }
  expect(items).toHaveLength(1)
  const other = await send('POST', '/v1/machines', { ...body, name: 'another' }, key)
  expect([other.status, codeOf(other)]).toEqual([422, 'idempotency_mismatch'])
})

test('a refused call leaves its Idempotency-Key free for the corrected one', async () => {
  const key = { 'idempotency-key': 'corrected' }
  const refused = await send('POST', '/v1/machines', { name: 'fixed', datacenter: 'nowhere' }, key)
  expect(refused.status).toBe(400)
  const done = await send('POST', '/v1/machines', { name: 'fixed', datacenter: 'lon1' }, key)
  expect(done.status).toBe(201)
})

test('applies that touch the same machines in opposite order all end, none by a deadlock', async () => {
  const names = Array.from({ length: 20 }, (_, turn) => `locked-${String(turn).padStart(2, '0')}`)
  await send('POST', '/v1/inventory/apply', { machines: names.map(name => ({ name, datacenter: 'lon1' })) })
  const replies = await atOnce(30, turn => {
    const machines = names.map(name => ({ name, datacenter: 'lon1', labels: { turn: String(turn) } }))
    return send('POST', '/v1/inventory/apply', { machines: turn % 2 === 0 ? machines : machines.toReversed() })
  })
  expect(statuses(replies)).toEqual({ 200: 30 })
})
