import * as fc from 'fast-check'
import type { Documents } from '../../src/api/contract/inventory.ts'

/**
 * Whole inventories that make sense, all of the same names: from any of them an apply may go to any other. Everything
 * that only one can have is dealt from one pack of cards, so between two of them nearly all of it changes hands.
 */
const SIZE = { datacenters: 2, rooms: 2, racks: 3, networks: 3, machines: 6, macs: 14 } as const
const range = (count: number): number[] => Array.from({ length: count }, (_, at) => at)
const shuffled = (count: number) => fc.shuffledSubarray(range(count), { minLength: count, maxLength: count })
const listOf = <T>(item: fc.Arbitrary<T>, count: number) => fc.array(item, { minLength: count, maxLength: count })
const maybe = <T>(item: fc.Arbitrary<T>) => fc.option(item, { nil: undefined })
const text = fc.constantFrom('eth0', 'Ünïcode ☃', "O'Neill; drop table", '%_\\', '{}', '𝕏 👩‍🚀', 'a/b~c')

const machineHand = fc.record({
  datacenter: fc.nat(SIZE.datacenters - 1),
  rack: fc.nat(SIZE.racks),
  placed: fc.boolean(),
  halves: fc.integer({ min: 1, max: 9 }),
  nics: fc.nat(2),
  addresses: fc.nat(2),
  explicit: fc.boolean(),
  hasSerial: fc.boolean(),
  hasHostname: fc.boolean(),
  hasPort: fc.boolean(),
  vendor: maybe(text),
  labels: fc.dictionary(fc.constantFrom('a', 'b', 'rail', 'x.y'), text, { maxKeys: 3 }),
  disks: fc.nat(2),
  bmc: fc.boolean(),
  service: fc.boolean(),
})

const hand = fc.record({
  domains: shuffled(SIZE.datacenters + 1),
  zones: listOf(fc.constantFrom('UTC', 'Europe/London', 'Asia/Tokyo'), SIZE.datacenters),
  rooms: listOf(fc.nat(SIZE.datacenters - 1), SIZE.rooms),
  racks: listOf(
    fc.record({ datacenter: fc.nat(1), room: fc.boolean(), heightU: fc.integer({ min: 8, max: 60 }) }),
    SIZE.racks,
  ),
  networks: listOf(
    fc.record({
      datacenter: fc.nat(1),
      gateway: fc.boolean(),
      vlan: maybe(fc.integer({ min: 1, max: 4094 })),
      v6: fc.boolean(),
      ranges: fc.boolean(),
    }),
    SIZE.networks,
  ),
  cidrs: shuffled(SIZE.networks + 1),
  serials: shuffled(SIZE.machines),
  uuids: shuffled(SIZE.machines),
  hostnames: shuffled(SIZE.machines),
  macs: shuffled(SIZE.macs),
  ports: shuffled(SIZE.macs),
  disks: shuffled(SIZE.machines * 2),
  hosts: shuffled(SIZE.macs * 3),
  machines: listOf(machineHand, SIZE.machines),
  order: shuffled(SIZE.machines),
  tiers: fc.subarray(['core', 'important', 'can-wait'] as const),
})
type Hand = (typeof hand extends fc.Arbitrary<infer H> ? H : never) & object
type MachineHand = Hand['machines'][number]

export const inventories: fc.Arbitrary<Documents> = hand.map(toDocuments)

function toDocuments(dealt: Hand): Documents {
  const racks = dealt.racks.map((rack, at) => ({
    name: `rack-${at}`,
    datacenter: `dc-${rack.datacenter}`,
    heightU: rack.heightU,
    ...(rack.room && dealt.rooms[0] === rack.datacenter && { room: 'room-0' }),
  }))
  const stacks = racks.map(() => 1)
  const take = { mac: 0, port: 0, host: 0, disk: 0 }
  return {
    datacenters: dealt.zones.map((timeZone, at) => ({
      name: `dc-${at}`,
      dnsDomain: `d${dealt.domains[at]}.example.net`,
      timeZone,
    })),
    rooms: dealt.rooms.map((datacenter, at) => ({ name: `room-${at}`, datacenter: `dc-${datacenter}` })),
    racks,
    networks: dealt.networks.map((network, at) => networkOf(network, at, dealt.cidrs[at] ?? 0)),
    services: [
      { name: 'svc', tier: 'core', developerOwner: 'dev', operationsOwner: 'ops', hostnamePattern: '{service}-{nn}' },
    ],
    windows: [
      {
        name: 'win',
        tiers: dealt.tiers.toReversed(),
        datacenters: ['dc-1', 'dc-0'],
        schedule: '0 1 * * *',
        durationMinutes: 60,
      },
    ],
    machines: dealt.order.map(at => machineOf(dealt, at, { racks, stacks, take })),
  }
}

function networkOf(network: Hand['networks'][number], at: number, cidr: number) {
  const base = `10.${50 + cidr}`
  return {
    name: `net-${at}`,
    datacenter: `dc-${network.datacenter}`,
    purpose: 'data',
    cidr4: `${base}.0.0/23`,
    ...(network.v6 && { cidr6: `FD${50 + cidr}:0::/64`, resolvers: ['fd00::0001', '10.0.0.1'] }),
    ...(network.gateway && { gateway4: `${base}.0.1` }),
    ...(network.vlan !== undefined && { vlan: network.vlan }),
    ...(network.ranges && {
      ranges: [
        { first: `${base}.1.200`, last: `${base}.1.250`, use: 'pool' },
        { first: `${base}.0.200`, last: `${base}.0.210`, use: 'reserved' },
      ],
    }),
  }
}

interface Table {
  racks: readonly { name: string; datacenter: string; heightU: number }[]
  stacks: number[]
  take: { mac: number; port: number; host: number; disk: number }
}

function machineOf(dealt: Hand, at: number, { racks, stacks, take }: Table) {
  const own = dealt.machines[at] as MachineHand
  const datacenter = `dc-${own.datacenter}`
  const networks = dealt.networks.flatMap((network, index) => (network.datacenter === own.datacenter ? [index] : []))
  const address = (index: number) => ({
    network: `net-${index}`,
    ...(own.explicit && { ip: `10.${50 + (dealt.cidrs[index] ?? 0)}.1.${10 + (dealt.hosts[take.host++] ?? 0)}` }),
  })
  const mac = () => `52-54-00-AB-00-${(dealt.macs[take.mac++] ?? 0).toString(16).padStart(2, '0')}`
  const port = () => ({ switch: 'sw', switchPort: `Ethernet${dealt.ports[take.port++]}` })
  const nics = range(own.nics).map(nic => ({
    mac: mac(),
    name: `eth${nic}`,
    ...(own.hasPort && port()),
    addresses: networks.slice(0, own.addresses).map(address),
  }))
  const [oob] = networks
  return {
    name: `machine-${at}`,
    datacenter,
    ...placeOf(own, racks, stacks, datacenter),
    ...(own.hasSerial && {
      serial: `S${dealt.serials[at]}`,
      systemUuid: `AAAAAAAA-0000-0000-0000-00000000000${dealt.uuids[at]}`,
    }),
    ...(own.hasHostname && { hostname: `host-${dealt.hostnames[at]}` }),
    ...(own.vendor !== undefined && { vendor: own.vendor }),
    ...(own.service && { service: 'svc' }),
    labels: own.labels,
    nics: nics.toReversed(),
    disks: range(own.disks).map(() => ({
      serial: `D${take.disk}`,
      wwn: `W${dealt.disks[take.disk++]}`,
      medium: 'nvme',
    })),
    ...(own.bmc &&
      oob !== undefined && {
        bmc: {
          protocol: 'redfish',
          ...bmcAddress(address(oob)),
          quirks: ['b', 'a'],
          ...(own.hasPort && { mac: mac() }),
        },
      }),
  }
}

const bmcAddress = ({ network, ip }: { network: string; ip?: string }) => ({
  network,
  ...(ip !== undefined && { address: ip }),
})

/** On top of what stands in the rack so far, if there is room; without a position where there is none. */
function placeOf(own: MachineHand, racks: Table['racks'], stacks: number[], datacenter: string) {
  const rack = racks[own.rack]
  const heightU = own.halves / 2
  if (!rack || rack.datacenter !== datacenter) return { heightU }
  const positionU = stacks[own.rack] ?? 1
  if (!own.placed || positionU + heightU - 1 > rack.heightU) return { heightU, rack: rack.name }
  stacks[own.rack] = positionU + heightU
  return { heightU, rack: rack.name, positionU }
}
