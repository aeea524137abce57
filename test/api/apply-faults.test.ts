import assert from 'node:assert/strict'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Documents } from '../../src/api/contract/inventory.ts'
import type { CheckedClient } from '../support/checked-client.ts'
import { fingerprint } from '../support/contents.ts'
import { useController } from '../support/controller.ts'
import { applyAll, checkedClient, faultsOfApply, refusalOf, SITE } from '../support/site.ts'

const controller = useController()
let client: CheckedClient
let before: string

/** Stands in the database: what others can come into conflict with. */
const HOLDER = {
  name: 'holder',
  datacenter: 'lon1',
  rack: 'lon1-a01',
  positionU: 10,
  heightU: 2,
  serial: 'SER-1',
  systemUuid: '4c4c4544-0042-3510-8051-b4c04f4a3132',
  hostname: 'holder',
  nics: [
    {
      mac: '52:54:00:aa:00:01',
      switch: 'sw1',
      switchPort: 'Ethernet1',
      addresses: [{ network: 'lon1-prov', ip: '10.1.0.20' }],
    },
  ],
  disks: [{ serial: 'D1', wwn: 'wwn-1' }],
  bmc: { protocol: 'redfish', network: 'lon1-oob', address: '10.1.8.20', mac: '52:54:00:aa:00:02' },
}

beforeAll(async () => {
  client = checkedClient(controller)
  await applyAll(client, { ...SITE, machines: [HOLDER] })
})
beforeEach(async () => {
  before = await fingerprint(controller.db)
})
afterEach(assertUntouched)

async function assertUntouched(): Promise<void> {
  assert.equal(await fingerprint(controller.db), before, 'a refused apply wrote something')
}

const machine = (name: string, more: object = {}) => ({ name, datacenter: 'lon1', ...more })
const nic = (mac: string, more: object = {}) => ({ mac, ...more })

/** What is wrong, where, and what is said of it. */
const CASES: [what: string, documents: Documents, faults: [path: string, message: RegExp][]][] = [
  [
    'names that nobody declares',
    {
      rooms: [{ name: 'r', datacenter: 'nowhere' }],
      racks: [{ name: 'k', datacenter: 'nowhere', room: 'no-room', heightU: 42 }],
      networks: [{ name: 'n', datacenter: 'nowhere', purpose: 'data', cidr4: '10.77.0.0/24' }],
      windows: [{ name: 'w', datacenters: ['lon1', 'nowhere'], schedule: '0 1 * * *', durationMinutes: 5 }],
      freezes: [{ name: 'f', reason: 'x', datacenters: ['nowhere'], schedule: '0 1 * * *', durationMinutes: 5 }],
      machines: [
        machine('m', {
          rack: 'no-rack',
          profile: 'no-profile',
          service: 'no-service',
          nics: [nic('52:54:00:00:00:01', { addresses: [{ network: 'no-net' }] })],
          bmc: { protocol: 'ipmi', network: 'no-oob' },
        }),
        { name: 'm2', datacenter: 'nowhere' },
      ],
    },
    [
      ['/rooms/0/datacenter', /there is no datacenter 'nowhere'; declare it under datacenters/],
      ['/racks/0/datacenter', /nowhere/],
      ['/racks/0/room', /no room 'no-room'/],
      ['/networks/0/datacenter', /nowhere/],
      ['/windows/0/datacenters/1', /nowhere/],
      ['/freezes/0/datacenters/0', /nowhere/],
      ['/machines/0/rack', /no-rack/],
      ['/machines/0/profile', /no-profile/],
      ['/machines/0/service', /no-service/],
      ['/machines/0/nics/0/addresses/0/network', /no-net/],
      ['/machines/0/bmc/network', /no-oob/],
      ['/machines/1/datacenter', /nowhere/],
    ],
  ],
  [
    'a name twice',
    {
      rooms: [
        { name: 'twin', datacenter: 'lon1' },
        { name: 'twin', datacenter: 'lon1' },
      ],
      machines: [machine('t'), machine('t')],
    },
    [
      ['/rooms/1/name', /room 'twin' is there twice/],
      ['/machines/1/name', /machine 't' is there twice/],
    ],
  ],
  [
    'what two claim in the file',
    {
      machines: [
        machine('a', {
          serial: 'S',
          systemUuid: '00000000-0000-0000-0000-00000000000A',
          hostname: 'h',
          nics: [
            nic('52-54-00-00-00-0A', {
              switch: 'sw9',
              switchPort: '1',
              addresses: [{ network: 'lon1-prov', ip: '10.1.0.30' }],
            }),
          ],
          disks: [{ serial: 'x', wwn: 'w' }],
        }),
        machine('b', {
          serial: 'S',
          systemUuid: '00000000-0000-0000-0000-00000000000a',
          hostname: 'h',
          nics: [
            nic('52:54:00:00:00:0a', {
              switch: 'sw9',
              switchPort: '1',
              addresses: [{ network: 'lon1-prov', ip: '10.1.0.30' }],
            }),
          ],
          disks: [{ serial: 'x', wwn: 'w' }],
        }),
      ],
    },
    [
      ['/machines/1/serial', /serial S is claimed twice, first by a/],
      ['/machines/1/systemUuid', /claimed twice, first by a/],
      ['/machines/1/hostname', /host name h is claimed twice/],
      ['/machines/1/nics/0/mac', /MAC 52:54:00:00:00:0a is claimed twice/],
      ['/machines/1/nics/0/switchPort', /switch port sw9 1 is claimed twice/],
      ['/machines/1/nics/0/addresses/0/ip', /address 10.1.0.30 is claimed twice/],
      ['/machines/1/disks/0/wwn', /disk WWN w is claimed twice/],
    ],
  ],
  [
    'what another in the database has',
    {
      machines: [
        machine('c', {
          serial: 'SER-1',
          systemUuid: '4C4C4544-0042-3510-8051-B4C04F4A3132',
          hostname: 'holder',
          rack: 'lon1-a01',
          positionU: 11.5,
          nics: [
            nic('52:54:00:aa:00:02'),
            nic('52:54:00:aa:00:01', {
              switch: 'sw1',
              switchPort: 'Ethernet1',
              addresses: [{ network: 'lon1-prov', ip: '10.1.0.20' }],
            }),
          ],
          disks: [{ serial: 'D9' }, { serial: 'D1', wwn: 'wwn-1' }],
          bmc: { protocol: 'ipmi', network: 'lon1-oob', address: '10.1.8.20' },
        }),
      ],
      datacenters: [{ name: 'new1', dnsDomain: 'lon1.example.net', timeZone: 'UTC' }],
      networks: [{ name: 'over', datacenter: 'lon1', purpose: 'data', cidr4: '10.0.0.0/8' }],
    },
    [
      ['/machines/0/serial', /serial SER-1 is taken by holder/],
      ['/machines/0/systemUuid', /taken by holder/],
      ['/machines/0/hostname', /taken by holder/],
      ['/machines/0/positionU', /U11.5 of rack lon1-a01 is taken by holder \(U10 to U11\)/],
      ['/machines/0/nics/0/mac', /taken by holder/],
      ['/machines/0/nics/1/mac', /taken by holder/],
      ['/machines/0/nics/1/switchPort', /taken by holder/],
      ['/machines/0/nics/1/addresses/0/ip', /taken by holder/],
      ['/machines/0/disks/1/wwn', /taken by holder/],
      ['/machines/0/bmc/address', /taken by holder/],
      ['/datacenters/0/dnsDomain', /taken by lon1/],
      ['/networks/0/cidr4', /10.0.0.0\/8 overlaps 10.\d.\d.0\/24 of network/],
    ],
  ],
  [
    'what one machine has twice, or by half',
    {
      machines: [
        machine('one', {
          nics: [
            nic('52:54:00:00:01:02', { name: 'eth0' }),
            nic('52:54:00:00:01:01', { name: 'eth0' }),
            nic('52:54:00:00:01:03', { switchPort: '7' }),
          ],
          disks: [{ serial: 'same' }, { serial: 'other' }, { serial: 'same' }],
          bmc: { protocol: 'ipmi', network: 'lon1-oob', mac: '52:54:00:00:01:01' },
        }),
      ],
    },
    [
      ['/machines/0/nics/0/name', /'eth0' is the name of another NIC/],
      ['/machines/0/nics/2/switchPort', /a port needs its switch/],
      ['/machines/0/disks/2/serial', /same is there twice/],
      ['/machines/0/nics/1/mac', /claimed twice, first by one/],
    ],
  ],
  [
    'places that overlap, in halves too',
    {
      machines: [
        machine('p1', { rack: 'lon1-a02', positionU: 1, heightU: 1.5 }),
        machine('p2', { rack: 'lon1-a02', positionU: 2, heightU: 1 }),
        machine('p3', { rack: 'lon1-a02', positionU: 2.5, heightU: 0.5 }),
        machine('p4', { rack: 'lon1-a02', positionU: 42, heightU: 1.5 }),
        machine('p5', { positionU: 4 }),
        { name: 'p6', datacenter: 'sto1', rack: 'lon1-a02', positionU: 30 },
      ],
    },
    [
      ['/machines/1/positionU', /U2 of rack lon1-a02 is taken by p1 \(U1 to U1.5\)/],
      ['/machines/3/positionU', /rack lon1-a02 has 42 units; U42 with a height of 1.5 does not fit/],
      ['/machines/4/positionU', /a position needs a rack/],
      ['/machines/5/rack', /rack lon1-a02 is in lon1, not in sto1/],
    ],
  ],
  [
    'racks that shrink below a machine, or stand in a room elsewhere',
    {
      racks: [
        { name: 'lon1-a01', datacenter: 'lon1', room: 'lon1-hall', heightU: 10 },
        { name: 'lon1-a02', datacenter: 'lon1', room: 'sto1-hall', heightU: 42 },
      ],
    },
    [
      ['/racks/0/heightU', /holder stands at U10 to U11, above that height/],
      ['/racks/1/room', /room sto1-hall is in sto1, not in lon1/],
    ],
  ],
  [
    'networks that make no sense in themselves',
    {
      networks: [
        { name: 'n1', datacenter: 'lon1', purpose: 'data' },
        {
          name: 'n2',
          datacenter: 'lon1',
          purpose: 'data',
          cidr4: '10.50.0.0/24',
          gateway4: '10.51.0.1',
          gateway6: 'fd00::1',
        },
        {
          name: 'n3',
          datacenter: 'lon1',
          purpose: 'data',
          cidr4: '10.52.0.0/24',
          cidr6: 'fd52::/64',
          ranges: [
            { first: '10.52.0.90', last: '10.52.0.95', use: 'static' },
            { first: '10.52.0.10', last: '10.52.0.99', use: 'pool' },
            { first: '10.52.0.20', last: '10.52.0.30', use: 'static' },
            { first: '10.52.0.250', last: '10.52.1.5', use: 'reserved' },
            { first: '10.52.0.120', last: '10.52.0.110', use: 'reserved' },
            { first: '10.52.0.130', last: 'fd52::5', use: 'reserved' },
          ],
        },
        { name: 'n4', datacenter: 'lon1', purpose: 'data', cidr4: '10.52.0.128/25' },
        { name: 'n5', datacenter: 'lon1', purpose: 'data', cidr6: 'fd52::/48' },
      ],
    },
    [
      ['/networks/0', /needs cidr4, cidr6 or both/],
      ['/networks/1/gateway4', /10.51.0.1 is not inside cidr4 10.50.0.0\/24/],
      ['/networks/1/gateway6', /fd00::1 is not inside cidr6 \(which is missing\)/],
      ['/networks/2/ranges/0', /overlaps 10.52.0.10 to 10.52.0.99/],
      ['/networks/2/ranges/2', /overlaps 10.52.0.10 to 10.52.0.99/],
      ['/networks/2/ranges/3', /10.52.1.5 is not inside the network/],
      ['/networks/2/ranges/4', /10.52.0.120 comes after 10.52.0.110/],
      ['/networks/2/ranges/5', /of two kinds/],
      ['/networks/3/cidr4', /10.52.0.128\/25 overlaps 10.52.0.0\/24 of network n3/],
      ['/networks/4/cidr6', /fd52::\/48 overlaps fd52::\/64 of network n3/],
    ],
  ],
  [
    'addresses that a machine cannot have',
    {
      machines: [
        machine('x', {
          nics: [
            nic('52:54:00:00:02:02', {
              addresses: [
                { network: 'lon1-prov', ip: '10.9.9.9' },
                { network: 'lon1-prov', ip: '10.1.0.1' },
                { network: 'lon1-prov', ip: '10.1.0.0' },
                { network: 'lon1-prov', ip: '10.1.0.255' },
                { network: 'sto1-prov' },
                { network: 'lon1-prov', ip: 'fd00::1' },
              ],
            }),
          ],
          bmc: { protocol: 'ipmi', network: 'sto1-prov' },
        }),
      ],
    },
    [
      ['/machines/0/nics/0/addresses/0/ip', /10.9.9.9 is not inside network lon1-prov \(10.1.0.0\/24\)/],
      ['/machines/0/nics/0/addresses/1/ip', /10.1.0.1 is the gateway of network lon1-prov/],
      ['/machines/0/nics/0/addresses/2/ip', /network or broadcast address/],
      ['/machines/0/nics/0/addresses/3/ip', /network or broadcast address/],
      ['/machines/0/nics/0/addresses/4/ip', /network sto1-prov is in sto1, not in lon1/],
      ['/machines/0/nics/0/addresses/5/ip', /fd00::1 is not inside/],
      ['/machines/0/bmc/address', /network sto1-prov is in sto1, not in lon1/],
    ],
  ],
  [
    'services, windows and freezes by half',
    {
      services: [
        { name: 's1', tier: 'core', developerOwner: 'd', operationsOwner: 'o', hostnamePattern: '{n}', port: 80 },
        {
          name: 's2',
          tier: 'core',
          developerOwner: 'd',
          operationsOwner: 'o',
          hostnamePattern: '{n}',
          protocol: 'tcp',
        },
      ],
      windows: [{ name: 'w', schedule: '0 1 * * *', durationMinutes: 30, jitterMinutes: 31 }],
      freezes: [
        { name: 'f1', reason: 'x' },
        { name: 'f2', reason: 'x', startsAt: '2026-12-24T00:00:00Z', schedule: '0 1 * * *' },
        { name: 'f3', reason: 'x', startsAt: '2026-12-24T10:00:00+02:00', endsAt: '2026-12-24T08:00:00Z' },
      ],
    },
    [
      ['/services/0/port', /protocol and port go together/],
      ['/services/1/port', /protocol and port go together/],
      ['/windows/0/jitterMinutes', /the jitter is longer than the window/],
      ['/freezes/0', /either startsAt and endsAt, or schedule and durationMinutes/],
      ['/freezes/1', /either startsAt/],
      ['/freezes/2', /startsAt is not before endsAt/],
    ],
  ],
  [
    'faults of form and of sense, in one answer',
    {
      racks: [{ name: 'bad', datacenter: 'lon1', heightU: 4.5 }],
      machines: [
        { name: 'BAD NAME', datacenter: 'lon1', colour: 'red' },
        machine('ok', { rack: 'bad', serial: 'SER-1', profile: 'no-profile' }),
        'no document',
        machine('named', { labels: { 'No Label': 'x' } }),
      ],
    },
    [
      ['/machines/0/colour', /is not a known field; known: name, datacenter/],
      ['/machines/0/name', /expected a name of 1 to 63/],
      // Not `/machines/1/rack`: the rack is there, only its height is wrong.
      ['/machines/1/profile', /no-profile/],
      ['/machines/1/serial', /taken by holder/],
      ['/machines/2', /expected object, got "no document"/],
      ['/machines/3/labels/No Label', /is not a known field/],
      ['/racks/0/heightU', /expected integer, got 4.5/],
    ],
  ],
]

describe('told all at once, where they stand, and nothing is written', () => {
  test.each(CASES)('%s', async (_, documents, expected) => {
    const faults = await faultsOfApply(client, documents)
    const byPath = (a: { path: string }, b: { path: string }) => (a.path < b.path ? -1 : 1)
    const wanted = expected.map(([path, message]) => ({ path, message: expect.stringMatching(message) }))
    expect([...faults].toSorted(byPath)).toEqual(wanted.toSorted(byPath))
  })
})

test('what is only taken is a conflict, what is also wrong is bad input', async () => {
  const taken = machine('d', { serial: 'SER-1' })
  const both = [taken, machine('e', { profile: 'no-profile' })]
  expect((await refusalOf(applyAll(client, { machines: [taken] }))).problem).toMatchObject({
    status: 409,
    code: 'already_taken',
  })
  expect((await refusalOf(applyAll(client, { machines: both }))).problem).toMatchObject({
    status: 400,
    code: 'invalid_input',
  })
})

test('a file of nothing but faults is answered with some of them', async () => {
  const machines = Array.from({ length: 20_000 }, () => ({}))
  const { problem, faults } = await refusalOf(applyAll(client, { machines }))
  expect(problem.code).toBe('invalid_input')
  expect(faults).toHaveLength(1_000)
})
