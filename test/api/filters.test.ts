import { beforeAll, describe, expect, test } from 'vitest'
import type { Endpoint } from '../../src/api/contract/endpoint.ts'
import { inventory } from '../../src/api/contract/inventory.ts'
import { machineCondition, machineLifecycle } from '../../src/api/contract/machines.ts'
import { stock } from '../../src/api/contract/system.ts'
import { KIND_NAMES, type Kind } from '../../src/inventory/documents/kinds.ts'
import { FILTERS } from '../../src/inventory/documents/status.ts'
import type { CheckedClient } from '../support/checked-client.ts'
import { useController } from '../support/controller.ts'
import { applyAll, checkedClient, SITE } from '../support/site.ts'

const controller = useController()
let client: CheckedClient

beforeAll(async () => {
  client = checkedClient(controller)
  await applyAll(client, {
    ...SITE,
    networks: [
      ...SITE.networks,
      { name: 'dual', datacenter: 'sto1', purpose: 'data', cidr4: '10.80.0.0/16', cidr6: 'fd80::/64' },
    ],
    services: [
      ...SITE.services,
      { name: 'search', tier: 'can-wait', developerOwner: 'finders', operationsOwner: 'night', hostnamePattern: '{n}' },
    ],
    images: [
      {
        name: 'i1',
        os: 'debian',
        version: '13',
        architecture: 'x86_64',
        format: 'raw',
        url: 'http://x/1',
        sha256: '0'.repeat(64),
      },
      {
        name: 'i2',
        os: 'alpine',
        version: '3',
        architecture: 'arm64',
        format: 'iso',
        url: 'http://x/2',
        sha256: '1'.repeat(64),
      },
    ],
    windows: [
      { name: 'everywhere', schedule: '0 1 * * *', durationMinutes: 1 },
      { name: 'in-lon', datacenters: ['lon1'], schedule: '0 1 * * *', durationMinutes: 1 },
    ],
    freezes: [
      { name: 'all', reason: 'x', schedule: '0 1 * * *', durationMinutes: 1 },
      { name: 'sto', reason: 'x', datacenters: ['sto1', 'lon1'], schedule: '0 1 * * *', durationMinutes: 1 },
    ],
    machines: [
      {
        name: 'alpha',
        datacenter: 'lon1',
        rack: 'lon1-a01',
        profile: 'compute',
        service: 'playlist',
        serial: 'Q_1%a\\b',
        systemUuid: 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee',
        hostname: 'web-01',
        labels: { rail: '2', 'a.b': '', constructed: '1' },
        nics: [{ mac: '52:54:00:00:00:01', addresses: [{ network: 'lon1-prov', ip: '10.1.0.50' }] }],
        bmc: { protocol: 'ipmi', network: 'lon1-oob', address: '10.1.8.50', mac: '52:54:00:00:00:02' },
      },
      {
        name: 'beta',
        datacenter: 'sto1',
        serial: 'Qx1ya',
        labels: { rail: '3' },
        nics: [{ mac: '52:54:00:00:00:03', addresses: [{ network: 'dual', ip: 'fd80::50' }] }],
      },
      { name: 'gamma', datacenter: 'sto1', rack: 'sto1-a01', hostname: 'db-web' },
    ],
  })
  await client.call(machineLifecycle, { params: { name: 'gamma' }, body: { event: 'adopt' } })
  await client.call(machineCondition, { params: { name: 'beta' }, body: { state: 'broken', reason: 'smoke' } })
  await controller.db.updateTable('machine').set({ power: 'on' }).where('name', '=', 'alpha').execute()
})

async function names(kind: Kind, query: Record<string, string>): Promise<string[]> {
  const page = (await client.call<Endpoint>(inventory[kind].list, { query } as never)) as { items: { name: string }[] }
  return page.items.map(item => item.name)
}

/** For every filter of every kind, values and what they leave. */
const CASES: { [K in Kind]: { [F in keyof (typeof FILTERS)[K]]: [value: string, names: string[]][] } } = {
  datacenter: {},
  profile: {},
  room: {
    datacenter: [
      ['lon1', ['lon1-hall']],
      ['nowhere', []],
    ],
  },
  rack: {
    datacenter: [['sto1', ['sto1-a01']]],
    room: [
      ['lon1-hall', ['lon1-a01', 'lon1-a02']],
      ['no-hall', []],
    ],
  },
  network: {
    datacenter: [['sto1', ['dual', 'sto1-prov']]],
    purpose: [
      ['oob', ['lon1-oob']],
      ['data', ['dual']],
    ],
    address: [
      ['10.1.0.77', ['lon1-prov']],
      ['10.80.255.1', ['dual']],
      ['fd80::1', ['dual']],
      ['FD80:0::1', ['dual']],
      ['192.0.2.1', []],
    ],
    cidr4: [
      ['10.1.8.0/24', ['lon1-oob']],
      ['10.1.8.0/25', []],
    ],
  },
  service: {
    tier: [
      ['core', ['playlist']],
      ['important', []],
    ],
    developerOwner: [['finders', ['search']]],
    operationsOwner: [['sre', ['playlist']]],
  },
  image: {
    os: [
      ['alpine', ['i2']],
      ["'; drop table image", []],
    ],
    architecture: [['x86_64', ['i1']]],
  },
  window: {
    datacenter: [
      ['lon1', ['everywhere', 'in-lon']],
      ['sto1', ['everywhere']],
    ],
  },
  freeze: {
    datacenter: [
      ['lon1', ['all', 'sto']],
      ['nowhere', ['all']],
    ],
  },
  machine: {
    datacenter: [
      ['lon1', ['alpha']],
      ['sto1', ['beta', 'gamma']],
    ],
    rack: [
      ['sto1-a01', ['gamma']],
      ['lon1-a02', []],
    ],
    profile: [['compute', ['alpha']]],
    service: [
      ['playlist', ['alpha']],
      ['search', []],
    ],
    lifecycle: [
      ['in_use', ['gamma']],
      ['enrolled', ['alpha', 'beta']],
    ],
    condition: [
      ['broken', ['beta']],
      ['ok', ['alpha', 'gamma']],
    ],
    power: [
      ['on', ['alpha']],
      ['unknown', ['beta', 'gamma']],
    ],
    serial: [
      ['Qx1ya', ['beta']],
      ['Q_1%a\\b', ['alpha']],
      ['Q', []],
    ],
    hostname: [
      ['web-01', ['alpha']],
      ['web', []],
    ],
    mac: [
      ['52:54:00:00:00:01', ['alpha']],
      ['52-54-00-00-00-02', ['alpha']],
      ['52:54-00:00-00:03', ['beta']],
      ['02:00:00:00:00:00', []],
    ],
    address: [
      ['10.1.0.50', ['alpha']],
      ['10.1.8.50', ['alpha']],
      ['fd80:0:0::50', ['beta']],
      ['10.1.0.51', []],
    ],
    label: [
      ['rail', ['alpha', 'beta']],
      ['rail=2', ['alpha']],
      ['rail=', []],
      ['a.b=', ['alpha']],
      ['a.b', ['alpha']],
      ['nothing', []],
      ['rail=%', []],
    ],
    q: [
      ['alp', ['alpha']],
      ['ALP', ['alpha']],
      ['web', ['alpha', 'gamma']],
      ['a', ['alpha', 'beta', 'gamma']],
      // What PostgreSQL's LIKE takes for patterns is itself.
      ['%', ['alpha']],
      ['_', ['alpha']],
      ['\\', ['alpha']],
      ['Q_1', ['alpha']],
      ['1%a', ['alpha']],
      ['a\\b', ['alpha']],
      ['\\%', []],
      ["'", []],
      ['52:54:00:00:00:02', ['alpha']],
      ['52-54-00-00-00-03', ['beta']],
      ['10.1.0.50', ['alpha']],
      ['FD80::50', ['beta']],
      ['AAAAAAAA-bbbb-cccc-dddd-eeeeeeeeeeee', ['alpha']],
      ['10.1.0.0/24', []],
    ],
  },
}

describe.each(KIND_NAMES)('%s', kind => {
  const filters = Object.entries<[string, string[]][]>(CASES[kind])

  test('has a case for each of its filters', () => {
    expect(filters.map(([name]) => name).toSorted()).toEqual(Object.keys(FILTERS[kind]).toSorted())
  })

  for (const [filter, cases] of filters)
    test.each(cases)(`${filter}=%s`, async (value, expected) => {
      expect(await names(kind, { [filter]: value })).toEqual(expected)
    })
})

test('filters hold together', async () => {
  expect(await names('machine', { datacenter: 'sto1', lifecycle: 'in_use' })).toEqual(['gamma'])
  expect(await names('machine', { datacenter: 'lon1', lifecycle: 'in_use' })).toEqual([])
  expect(await names('machine', { q: 'web', label: 'rail=2', mac: '52:54:00:00:00:01', sort: '-name' })).toEqual([
    'alpha',
  ])
})

test('the stock counts each machine once in all, and by what it is', async () => {
  const { items } = await client.call(stock, { query: {} })
  expect(items).toMatchObject([
    { datacenter: 'lon1', profile: 'compute', total: 1, expected: 1, free: 0, held: 0 },
    { datacenter: 'sto1', profile: null, total: 2, expected: 1, inUse: 1, held: 1 },
  ])
  expect((await client.call(stock, { query: { profile: 'compute' } })).items).toHaveLength(1)
  expect((await client.call(stock, { query: { datacenter: 'sto1', profile: 'compute' } })).items).toEqual([])
})
