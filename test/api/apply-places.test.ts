import { beforeAll, describe, expect, test } from 'vitest'
import { type Documents, inventory } from '../../src/api/contract/inventory.ts'
import type { CheckedClient } from '../support/checked-client.ts'
import { useController } from '../support/controller.ts'
import { applyAll, checkedClient, newMac, refusalOf, SITE } from '../support/site.ts'

const controller = useController()
let client: CheckedClient

beforeAll(async () => {
  client = checkedClient(controller)
  await applyAll(client, SITE)
})

const show = (name: string) => client.call(inventory.machine.get, { params: { name } })
const rack = (name: string, more: object = {}) => ({ name, datacenter: 'lon1', heightU: 42, ...more })
const network = (name: string, cidr4: string, more: object = {}) => ({
  name,
  datacenter: 'lon1',
  purpose: 'data',
  cidr4,
  ...more,
})
const machine = (name: string, more: object = {}) => ({ name, datacenter: 'lon1', ...more })
const on = (network_: string, ip?: string, mac = newMac()) => ({
  nics: [{ mac, addresses: [{ network: network_, ...(ip && { ip }) }] }],
})

describe('one apply goes through states that may not stay', () => {
  const same = newMac()
  const cases: [what: string, before: Documents, after: Documents][] = [
    [
      'a rack shrinks and its machine moves down',
      { racks: [rack('shrinks')], machines: [machine('down', { rack: 'shrinks', positionU: 40 })] },
      { racks: [rack('shrinks', { heightU: 10 })], machines: [machine('down', { rack: 'shrinks', positionU: 10 })] },
    ],
    [
      'a rack moves to another datacenter with its machines',
      { racks: [rack('moves')], machines: [machine('passenger', { rack: 'moves', positionU: 1 })] },
      {
        racks: [rack('moves', { datacenter: 'sto1' })],
        machines: [machine('passenger', { datacenter: 'sto1', rack: 'moves', positionU: 1 })],
      },
    ],
    [
      'a room moves to another datacenter with its racks',
      { rooms: [{ name: 'wanders', datacenter: 'lon1' }], racks: [rack('in-room', { room: 'wanders' })] },
      {
        rooms: [{ name: 'wanders', datacenter: 'sto1' }],
        racks: [rack('in-room', { datacenter: 'sto1', room: 'wanders' })],
      },
    ],
    [
      'a network is numbered anew with its machines',
      { networks: [network('anew', '10.20.0.0/24')], machines: [machine('new-number', on('anew', '10.20.0.5', same))] },
      { networks: [network('anew', '10.21.0.0/24')], machines: [machine('new-number', on('anew', '10.21.0.5', same))] },
    ],
    [
      'two networks exchange their addresses',
      { networks: [network('left', '10.22.0.0/24'), network('right', '10.23.0.0/24', { cidr6: 'fd23::/64' })] },
      { networks: [network('left', '10.23.0.0/24', { cidr6: 'fd23::/64' }), network('right', '10.22.0.0/24')] },
    ],
    [
      'a gateway becomes what was a machine',
      { networks: [network('gated', '10.24.0.0/24')], machines: [machine('gate', on('gated', '10.24.0.1'))] },
      {
        networks: [network('gated', '10.24.0.0/24', { gateway4: '10.24.0.1' })],
        machines: [machine('gate', on('gated', '10.24.0.2'))],
      },
    ],
    [
      'a network moves to another datacenter with its machine',
      { networks: [network('leaves', '10.25.0.0/24')], machines: [machine('follows', on('leaves', '10.25.0.1'))] },
      {
        networks: [network('leaves', '10.25.0.0/24', { datacenter: 'sto1' })],
        machines: [machine('follows', { datacenter: 'sto1', ...on('leaves', '10.25.0.1') })],
      },
    ],
    [
      'two datacenters exchange their domains',
      {},
      {
        datacenters: SITE.datacenters.map((one, at) => ({ ...one, dnsDomain: SITE.datacenters[1 - at]?.dnsDomain })),
      },
    ],
  ]
  test.each(cases)('%s', async (_, before, after) => {
    await applyAll(client, before)
    const changes = await applyAll(client, after)
    expect(changes.map(change => change.action)).toEqual(changes.map(() => 'change'))
    expect((await applyAll(client, after)).filter(change => change.action !== 'none')).toEqual([])
  })
})

describe('what would leave something behind is refused', () => {
  test('a rack does not leave its machines', async () => {
    await applyAll(client, { racks: [rack('stays')], machines: [machine('inside', { rack: 'stays' })] })
    const { problem } = await refusalOf(applyAll(client, { racks: [rack('stays', { datacenter: 'sto1' })] }))
    expect(problem).toMatchObject({ status: 409, code: 'still_in_use' })
  })

  test('a network does not leave its machines, nor a machine its network', async () => {
    await applyAll(client, {
      networks: [network('home', '10.26.0.0/24')],
      machines: [machine('tenant', on('home', '10.26.0.9'))],
    })
    const refusals = await Promise.all([
      refusalOf(applyAll(client, { networks: [network('home', '10.26.0.0/24', { datacenter: 'sto1' })] })),
      refusalOf(applyAll(client, { networks: [network('home', '10.26.0.0/29')] })),
      refusalOf(applyAll(client, { networks: [network('home', '10.26.0.0/24', { gateway4: '10.26.0.9' })] })),
      refusalOf(client.call(inventory.machine.change, { params: { name: 'tenant' }, body: { datacenter: 'sto1' } })),
    ])
    expect(refusals.map(({ problem }) => problem.code)).toEqual([
      'still_in_use',
      'still_in_use',
      'still_in_use',
      'invalid_input',
    ])
    expect(await show('tenant')).toMatchObject({ datacenter: 'lon1' })
  })

  test('a datacenter is not removed from under a window or freeze', async () => {
    await applyAll(client, {
      datacenters: [{ name: 'gone1', dnsDomain: 'gone1.example.net', timeZone: 'UTC' }],
      windows: [{ name: 'w-gone', datacenters: ['lon1', 'gone1'], schedule: '0 1 * * *', durationMinutes: 5 }],
    })
    const removal = { params: { name: 'gone1' } }
    const { problem } = await refusalOf(client.call(inventory.datacenter.remove, removal))
    expect(problem).toMatchObject({ code: 'still_in_use', detail: expect.stringMatching(/window 'w-gone'/) })
    await client.call(inventory.window.remove, { params: { name: 'w-gone' } })
    await client.call(inventory.datacenter.remove, removal)
  })
})

test('machines without a position share a rack with each other and with placed ones', async () => {
  const machines = [
    machine('loose-1', { rack: 'lon1-a02' }),
    machine('loose-2', { rack: 'lon1-a02' }),
    machine('fixed', { rack: 'lon1-a02', positionU: 1 }),
  ]
  expect((await applyAll(client, { machines })).map(change => change.action)).toEqual(['create', 'create', 'create'])
})
