import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Endpoint } from '../../src/api/contract/endpoint.ts'
import { ENDPOINTS } from '../../src/api/contract/table.ts'
import { KIND_NAMES, KINDS, type Kind } from '../../src/inventory/documents/kinds.ts'
import { assertProblem, assertReply } from '../support/checked-client.ts'
import { useController } from '../support/controller.ts'
import { type RawReply, sendRaw } from '../support/http.ts'
import { applyAll, checkedClient, SITE } from '../support/site.ts'

const controller = useController()
const answered = new Set<string>()

beforeAll(async () => {
  await applyAll(checkedClient(controller), SITE)
})

/** Calls an endpoint and holds what it answers against its schema, to the last field. */
async function call(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<RawReply> {
  const reply = await sendRaw(controller.url, { method, path, body, headers, token: controller.token })
  const endpoint = endpointOf(method, path)
  if (reply.status >= 400) assertProblem(reply.status, reply.headers['content-type'], reply.json)
  else {
    assertReply(endpoint, reply.status, endpoint.contentType === 'text/plain' ? reply.text : reply.json)
    answered.add(`${endpoint.method} ${endpoint.path}`)
  }
  return reply
}

function endpointOf(method: string, path: string): Endpoint {
  const [plain = ''] = path.split('?')
  // The more exact path first: POST /v1/profiles/match is not a profile.
  const fitting = ENDPOINTS.filter(
    one => one.method === method && new RegExp(`^${one.path.replaceAll(/:\w+/g, '[^/]+')}$`).test(plain),
  )
  const [endpoint] = fitting.toSorted((a, b) => a.path.split(':').length - b.path.split(':').length)
  if (!endpoint) throw new Error(`the contract has no ${method} ${path}`)
  return endpoint
}

/** Of each kind one with every field that it can have, and a change of it. */
const FULL: { [K in Kind]: [document: Record<string, unknown>, patch: object] } = {
  datacenter: [{ dnsDomain: 'c.example.net', timeZone: 'Europe/Paris' }, { timeZone: 'UTC' }],
  room: [{ datacenter: 'lon1' }, { datacenter: 'sto1' }],
  rack: [
    { datacenter: 'lon1', room: 'lon1-hall', heightU: 48, powerFeeds: ['A', 'B'], switch: 'sw1' },
    { switch: null },
  ],
  network: [
    {
      datacenter: 'lon1',
      purpose: 'data',
      vlan: 7,
      cidr4: '10.99.0.0/24',
      cidr6: 'fd99::/64',
      gateway4: '10.99.0.1',
      gateway6: 'fd99::1',
      resolvers: ['10.0.0.53', 'fd00::53'],
      ranges: [{ first: '10.99.0.10', last: '10.99.0.20', use: 'pool' }],
    },
    { ranges: [], vlan: null },
  ],
  profile: [
    {
      summary: 'x',
      match: [
        { fact: 'memory.gib', min: 1.5, max: 2 },
        { fact: 'vendor', like: 'D*' },
      ],
    },
    { match: [{ fact: 'cpu.cores', max: 0 }] },
  ],
  service: [
    {
      tier: 'important',
      developerOwner: 'd',
      operationsOwner: 'o',
      protocol: 'tcp',
      port: 80,
      maxUnavailable: '10%',
      hostnamePattern: '{service}-{nn}',
    },
    { protocol: null, port: null, maxUnavailable: null },
  ],
  image: [
    {
      os: 'debian',
      version: '13',
      architecture: 'arm64',
      format: 'raw.zst',
      url: 'https://x/y',
      sha256: 'a'.repeat(64),
      sizeBytes: 2 ** 40,
    },
    { sizeBytes: null },
  ],
  window: [
    {
      datacenters: ['sto1', 'lon1'],
      tiers: ['core'],
      schedule: '0 22 * * 1-5',
      durationMinutes: 360,
      jitterMinutes: 10,
    },
    { tiers: [] },
  ],
  freeze: [
    {
      reason: 'x',
      datacenters: ['lon1'],
      tiers: ['core'],
      startsAt: '2026-12-24T00:00:00Z',
      endsAt: '2026-12-27T00:00:00Z',
    },
    { startsAt: null, endsAt: null, schedule: '0 0 1 1 *', durationMinutes: 60 },
  ],
  machine: [
    {
      datacenter: 'lon1',
      rack: 'lon1-a01',
      positionU: 2.5,
      heightU: 1.5,
      serial: 'S',
      systemUuid: '00000000-0000-0000-0000-000000000001',
      vendor: 'V',
      model: 'M',
      profile: 'compute',
      service: 'playlist',
      hostname: 'h',
      labels: { a: 'b' },
      nics: [
        {
          mac: '52:54:00:00:00:01',
          name: 'eth0',
          switch: 's',
          switchPort: 'p',
          speedMbps: 25_000,
          addresses: [{ network: 'lon1-prov' }],
        },
      ],
      disks: [{ serial: 'd', wwn: 'w', model: 'm', medium: 'ssd', sizeBytes: 2 ** 42 }],
      bmc: {
        protocol: 'redfish',
        network: 'lon1-oob',
        port: 8443,
        mac: '52:54:00:00:00:02',
        username: 'u',
        vendor: 'v',
        model: 'm',
        firmware: '1',
        quirks: ['q'],
        cipherSuite: 17,
      },
    },
    { labels: { a: null, c: 'd' }, bmc: { port: null }, positionU: null, nics: [{ mac: '52:54:00:00:00:01' }] },
  ],
}

describe.each(KIND_NAMES)('%s', kind => {
  const [document, patch] = FULL[kind]
  const path = `/v1/${KINDS[kind].plural}`
  const name = `full-${kind}`

  test('has every field that its schema has', () => {
    expect(Object.keys(document).toSorted()).toEqual(
      expect.arrayContaining(
        Object.keys(KINDS[kind].schema.properties)
          .filter(field => field !== 'name' && !(kind === 'freeze' && /schedule|duration/.test(field)))
          .toSorted(),
      ),
    )
  })

  test('is made, shown, listed, changed and removed, each as declared, with its version as ETag', async () => {
    const created = await call('POST', path, { name, ...document })
    expect([created.status, created.headers.etag]).toEqual([201, '"1"'])
    expect(created.json).toMatchObject({ name, revision: 1 })
    const shown = await call('GET', `${path}/${name}`)
    expect([shown.json, shown.headers.etag]).toEqual([created.json, '"1"'])
    const { items } = (await call('GET', `${path}?limit=1000`)).json as { items: { name: string }[] }
    expect(items.find(item => item.name === name)).toEqual(created.json)
    const twin = await call('POST', path, { name, ...document })
    expect(twin).toMatchObject({ status: 409, json: { code: 'already_exists' } })
    const changed = await call('PATCH', `${path}/${name}`, patch, { 'if-match': '"1"' })
    expect([changed.status, changed.headers.etag]).toEqual([200, '"2"'])
    const stale = await call('PATCH', `${path}/${name}`, patch, { 'if-match': '"1"' })
    expect(stale).toMatchObject({ status: 412, json: { code: 'stale' } })
    const staleRemoval = await call('DELETE', `${path}/${name}`, undefined, { 'if-match': '"1"' })
    expect(staleRemoval.status).toBe(412)
    expect((await call('DELETE', `${path}/${name}`, undefined, { 'if-match': '"2"' })).status).toBe(204)
    for (const method of ['GET', 'PATCH', 'DELETE'])
      expect(await call(method, `${path}/${name}`, method === 'PATCH' ? {} : undefined)).toMatchObject({
        status: 404,
        json: { code: 'not_found' },
      })
  })
})

test('what one can do with a machine is answered as declared', async () => {
  await call('POST', '/v1/machines', { name: 'whole', ...FULL.machine[0] })
  expect((await call('PUT', '/v1/machines/whole/bmc/password', { password: 'x' })).status).toBe(204)
  await call('PUT', '/v1/machines/whole/condition', {
    state: 'maintenance',
    reason: 'fan',
    until: '2030-01-01T00:00:00+02:00',
  })
  const adopted = await call('POST', '/v1/machines/whole/lifecycle', { event: 'adopt' })
  expect(adopted.json).toMatchObject({
    lifecycle: 'in_use',
    condition: { state: 'maintenance', reason: 'fan', until: '2029-12-31T22:00:00.000Z' },
    bmcPasswordSet: true,
  })
  const refused = await call('POST', '/v1/machines/whole/lifecycle', { event: 'retire' })
  expect(refused.json).toMatchObject({
    code: 'invalid_transition',
    detail: expect.stringMatching(/accepted: install, recycle, rescue/),
  })
  expect((await call('DELETE', '/v1/machines/whole')).json).toMatchObject({ code: 'conflict' })
  expect((await call('GET', '/v1/machines/whole/hardware')).json).toEqual({ hardware: null, profiles: [] })
  const hardware = { cpu: { cores: 32 }, more: ['x'] }
  await controller.db
    .updateTable('machine')
    .set({ hardware: JSON.stringify(hardware), power: 'on', powerAt: new Date() })
    .where('name', '=', 'whole')
    .execute()
  expect((await call('GET', '/v1/machines/whole/hardware')).json).toEqual({
    hardware,
    profiles: [{ profile: 'compute', matches: true, reasons: [] }],
  })
  await controller.db
    .insertInto('job')
    .values({ kind: 'x', machine: (adopted.json as { id: number }).id, startedAt: new Date() })
    .execute()
  expect((await call('GET', '/v1/machines/whole')).json).toMatchObject({ activeJob: 1, power: { state: 'on' } })
  const events = (await call('GET', '/v1/machines/whole/events?limit=2')).json as {
    items: { kind: string }[]
    next: number
  }
  expect(events.items.map(event => event.kind)).toEqual(['machine.lifecycle', 'machine.condition'])
  const older = (await call('GET', `/v1/machines/whole/events?limit=2&before=${events.next}`)).json as typeof events
  expect(older.items.map(event => event.kind)).toEqual(['machine.bmc-password', 'machine.created'])
})

test('all else is answered as declared', async () => {
  await call('POST', '/v1/profiles/match', { cpu: { cores: 8 }, memoryBytes: 1 })
  await call('POST', '/v1/inventory/apply?dryRun=true', {
    datacenters: SITE.datacenters,
    rooms: [{ name: 'new', datacenter: 'lon1' }],
  })
  await call('POST', '/v1/inventory/compare', { digests: { room: { new: '0'.repeat(64) } }, withPassword: ['whole'] })
  for (const path of [
    '/v1/stock',
    '/v1/events?limit=1000',
    '/v1/events?before=5',
    '/v1/whoami',
    '/healthz',
    '/readyz',
    '/metrics',
    '/openapi.json',
  ])
    expect([path, (await call('GET', path)).status]).toEqual([path, 200])
  const made = await call('POST', '/v1/tokens', {
    name: 'made',
    role: 'developer',
    team: 'x',
    expiresAt: '2030-01-01T00:00:00Z',
  })
  expect(made.status).toBe(201)
  await call('GET', '/v1/tokens')
  const used = await sendRaw(controller.url, {
    method: 'GET',
    path: '/v1/whoami',
    token: (made.json as { token: string }).token,
  })
  expect(used.json).toEqual({ name: 'made', role: 'developer', team: 'x', expiresAt: '2030-01-01T00:00:00.000Z' })
  expect((await call('DELETE', '/v1/tokens/made')).status).toBe(204)
  const last = await call('DELETE', '/v1/tokens/admin')
  expect(last.json).toMatchObject({ code: 'conflict', detail: expect.stringMatching(/last admin token/) })
})

test('the check itself sees a field too many, one too few, and another status', () => {
  const whoami = endpointOf('GET', '/v1/whoami')
  assertReply(whoami, 200, { name: 'x', role: 'viewer' })
  expect(() => assertReply(whoami, 200, { name: 'x', role: 'viewer', hash: 'y' })).toThrow(
    /hash is not a known field|\/hash/,
  )
  expect(() => assertReply(whoami, 200, { name: 'x' })).toThrow(/role/)
  expect(() => assertReply(whoami, 201, {})).toThrow(/does not declare/)
})

afterAll(assertAllAnswered)

function assertAllAnswered(): void {
  const missing = ENDPOINTS.map(one => `${one.method} ${one.path}`).filter(one => !answered.has(one))
  if (missing.length > 0) throw new Error(`never answered with success here: ${missing.join(', ')}`)
}
