import { beforeEach, expect, test } from 'vitest'
import { type Documents, inventory } from '../../src/api/contract/inventory.ts'
import type { CheckedClient } from '../support/checked-client.ts'
import { contents } from '../support/contents.ts'
import { useController } from '../support/controller.ts'
import { applyAll, checkedClient, newMac, SITE } from '../support/site.ts'

const controller = useController()
let client: CheckedClient
let turn = 0

beforeEach(async () => {
  client = checkedClient(controller)
  turn += 1
  await applyAll(client, SITE)
})

/** Two machines that have everything that only one can have; each test has its own pair. */
function pair() {
  const own = (side: 'a' | 'b') => {
    const host = turn * 2 + (side === 'a' ? 0 : 1) + 10
    return {
      rack: side === 'a' ? 'lon1-a01' : 'lon1-a02',
      positionU: turn * 2,
      heightU: 1,
      serial: `S-${side}${turn}`,
      systemUuid: `00000000-0000-0000-0000-${String(host).padStart(12, '0')}`,
      hostname: `h-${side}${turn}`,
      nics: [
        {
          mac: newMac(),
          name: 'eth0',
          switch: `sw-${side}`,
          switchPort: `p${turn}`,
          addresses: [{ network: 'lon1-prov', ip: `10.1.0.${host}` }],
        },
      ] as const,
      disks: [{ serial: `D-${side}${turn}`, wwn: `W-${side}${turn}` }],
      bmc: { protocol: 'ipmi' as const, network: 'lon1-oob', address: `10.1.8.${host}`, mac: newMac(), quirks: [] },
    }
  }
  return [own('a'), own('b')] as const
}

const show = (name: string) => client.call(inventory.machine.get, { params: { name } })
const machines = (...all: object[]): Documents => ({ machines: all.map(one => ({ datacenter: 'lon1', ...one })) })

test('two machines exchange everything they have, in one apply', async () => {
  const [a, b] = pair()
  await applyAll(client, machines({ name: 'x-one', ...a }, { name: 'x-two', ...b }))
  const changes = await applyAll(client, machines({ name: 'x-one', ...b }, { name: 'x-two', ...a }))
  expect(changes.map(change => change.action)).toEqual(['change', 'change'])
  expect(await show('x-one')).toMatchObject(b)
  expect(await show('x-two')).toMatchObject(a)
})

test.each(['rack', 'serial', 'systemUuid', 'hostname', 'nics', 'disks', 'bmc'] as const)(
  'two machines exchange their %s alone',
  async field => {
    const [a, b] = pair()
    const [one, two] = [`${field.toLowerCase()}-1`, `${field.toLowerCase()}-2`]
    await applyAll(client, machines({ name: one, ...a }, { name: two, ...b }))
    await applyAll(client, machines({ name: one, ...a, [field]: b[field] }, { name: two, ...b, [field]: a[field] }))
    expect(await show(one)).toMatchObject({ ...a, [field]: b[field] })
    expect(await show(two)).toMatchObject({ ...b, [field]: a[field] })
  },
)

test('MACs, addresses and switch ports go round between the NICs of one machine, and to its BMC', async () => {
  const [a] = pair()
  const nic = a.nics[0]
  const second = { mac: newMac(), name: 'eth1', addresses: [{ network: 'lon1-prov', ip: `10.1.0.${200 + turn}` }] }
  await applyAll(client, machines({ name: 'round', ...a, nics: [nic, second] }))
  const turned = {
    ...a,
    nics: [
      { ...nic, name: 'eth1', addresses: second.addresses },
      { ...second, name: 'eth0', addresses: nic.addresses },
    ],
  }
  await applyAll(client, machines({ name: 'round', ...turned }))
  expect((await show('round')).nics.toSorted((x, y) => (x.mac < y.mac ? -1 : 1))).toMatchObject(turned.nics)
  await applyAll(
    client,
    machines({ name: 'round', ...a, nics: [{ ...second, mac: a.bmc.mac }], bmc: { ...a.bmc, mac: nic.mac } }),
  )
  expect(await show('round')).toMatchObject({ nics: [{ mac: a.bmc.mac }], bmc: { mac: nic.mac } })
})

test('a new machine takes what an old one gives up in the same apply', async () => {
  const [a] = pair()
  await applyAll(client, machines({ name: 'old', ...a }))
  await applyAll(client, machines({ name: 'new', ...a }, { name: 'old' }))
  expect(await show('new')).toMatchObject(a)
  expect(await show('old')).toMatchObject({ nics: [], disks: [] })
})

test('a machine grows into the units that another leaves, and moves where another stood', async () => {
  const rack = { rack: 'lon1-a02' }
  await applyAll(
    client,
    machines(
      { name: 'g1', ...rack, positionU: 31 },
      { name: 'g2', ...rack, positionU: 32 },
      { name: 'g3', rack: 'lon1-a01', positionU: 32 },
    ),
  )
  await applyAll(
    client,
    machines({ name: 'g1', ...rack, positionU: 31, heightU: 2.5 }, { name: 'g2', ...rack, positionU: 34 }),
  )
  expect(await show('g1')).toMatchObject({ positionU: 31, heightU: 2.5 })
  // The same unit in another rack: the position itself does not change.
  await applyAll(client, machines({ name: 'g3', ...rack, positionU: 32 }, { name: 'g1', ...rack, positionU: 30 }))
  expect(await show('g3')).toMatchObject({ rack: 'lon1-a02', positionU: 32 })
})

test('a row of machines moves up by one, each onto the next', async () => {
  const names = Array.from({ length: 12 }, (_, at) => `row-${at}`)
  const at = (first: number) =>
    machines(...names.map((name, index) => ({ name, rack: 'sto1-a01', datacenter: 'sto1', positionU: first + index })))
  await applyAll(client, at(1))
  const changes = await applyAll(client, at(2))
  expect(changes.map(change => change.differences)).toEqual(
    names.map((_, index) => [{ path: 'positionU', from: index + 1, to: index + 2 }]),
  )
  expect(await show('row-11')).toMatchObject({ positionU: 13 })
})

test('a dry run tells what the real one does, and writes nothing', async () => {
  const [a, b] = pair()
  await applyAll(client, machines({ name: 'dry-1', ...a, bmc: { ...a.bmc, initialPassword: 'first' } }))
  const plan: Documents = {
    datacenters: [{ name: 'dub1', dnsDomain: 'dub1.example.net', timeZone: 'Europe/Dublin' }],
    networks: [
      {
        name: 'dub1-prov',
        datacenter: 'dub1',
        purpose: 'data',
        cidr4: '10.3.0.0/24',
        ranges: [{ first: '10.3.0.9', last: '10.3.0.12', use: 'static' }],
      },
    ],
    ...machines(
      { name: 'dry-1', ...b },
      { name: 'dry-2', ...a, bmc: { ...a.bmc, initialPassword: 'second' } },
      { name: 'dry-3', datacenter: 'dub1', nics: [{ mac: newMac(), addresses: [{ network: 'dub1-prov' }] }] },
    ),
  }
  const before = await contents(controller.db)
  const told = await applyAll(client, plan, true)
  expect(await contents(controller.db)).toEqual(before)
  const done = await applyAll(client, plan)
  expect(told).toEqual(done)
  expect(done.map(({ kind, name, action }) => [kind, name, action])).toEqual([
    ['datacenter', 'dub1', 'create'],
    ['network', 'dub1-prov', 'create'],
    ['machine', 'dry-1', 'change'],
    ['machine', 'dry-2', 'create'],
    ['machine', 'dry-3', 'create'],
  ])
  expect(done[4]?.differences).toEqual([
    { path: expect.stringMatching(/^nics\/.*10.3.0.9$/), to: { network: 'dub1-prov', ip: '10.3.0.9' } },
  ])
})

test('the second apply of the same file changes nothing: no row, no event, no version', async () => {
  const [a, b] = pair()
  const file: Documents = {
    ...SITE,
    windows: [
      { name: 'night', datacenters: ['sto1', 'lon1'], tiers: ['core'], schedule: '0 22 * * 1-5', durationMinutes: 360 },
    ],
    freezes: [
      { name: 'xmas', reason: 'Christmas', startsAt: '2026-12-24T00:00:00+01:00', endsAt: '2026-12-27T00:00:00Z' },
    ],
    images: [
      {
        name: 'deb',
        os: 'debian',
        version: '13',
        architecture: 'x86_64',
        format: 'raw',
        url: 'https://images.example.net/deb',
        sha256: 'a'.repeat(64),
      },
    ],
    ...machines(
      // As people write it: capitals, dashes, any order, addresses left to us.
      {
        name: 'same-1',
        ...a,
        systemUuid: a.systemUuid.toUpperCase(),
        labels: { b: '2', a: '1' },
        nics: [{ mac: newMac().toUpperCase().replaceAll(':', '-'), addresses: [{ network: 'lon1-prov' }] }, ...a.nics],
        bmc: { ...a.bmc, initialPassword: 'geheim' },
      },
      { name: 'same-2', ...b, nics: [], bmc: { protocol: 'ssh', network: 'lon1-oob', quirks: ['b', 'a', 'b'] } },
    ),
  }
  await applyAll(client, file)
  const before = await contents(controller.db)
  const again = await applyAll(client, file)
  expect(again.filter(change => change.action !== 'none' || change.differences.length > 0)).toEqual([])
  expect(await contents(controller.db)).toEqual(before)
})
