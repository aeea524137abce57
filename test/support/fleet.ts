import type { Document, Kind, KINDS } from '../../src/inventory/documents/kinds.ts'

type FleetKind = Exclude<Kind, 'image' | 'window' | 'freeze'>
type Machine = Document<'machine'>
type Network = Document<'network'>

/** Documents by the plural of their kind: the body of `apply`, complete in itself. */
export type Fleet = { [K in FleetKind as (typeof KINDS)[K]['plural']]: Document<K>[] }

export interface FleetOptions {
  machines: number
  /** Another seed, another fleet of the same shape. */
  seed?: number
}

const DATACENTERS = [
  { name: 'lon1', timeZone: 'Europe/London' },
  { name: 'sto1', timeZone: 'Europe/Stockholm' },
  { name: 'ash1', timeZone: 'America/New_York' },
  { name: 'sjc1', timeZone: 'America/Los_Angeles' },
] as const
const UNITS_FILLED = 40
const RACK_UNITS = 42
const RACKS_A_ROOM = 20
const NICS = 4
/** Of its four NICs a machine has an address on the first two; the others are the second legs of bonds. */
const NIC_NETWORKS = ['provision', 'data'] as const
const PURPOSES = ['provision', 'data', 'oob'] as const

const HARDWARE = [
  { profile: 'web-small', vendor: 'Dell Inc.', model: 'PowerEdge R660', diskTb: 1, medium: 'ssd', protocol: 'redfish' },
  {
    profile: 'web-large',
    vendor: 'Dell Inc.',
    model: 'PowerEdge R760',
    diskTb: 2,
    medium: 'nvme',
    protocol: 'redfish',
  },
  { profile: 'storage', vendor: 'Supermicro', model: 'SSG-640SP', diskTb: 16, medium: 'hdd', protocol: 'redfish' },
  { profile: 'database', vendor: 'HPE', model: 'ProLiant DL380 Gen11', diskTb: 4, medium: 'nvme', protocol: 'redfish' },
  { profile: 'old', vendor: 'Supermicro', model: 'SYS-6018U', diskTb: 2, medium: 'ssd', protocol: 'ipmi' },
] as const
const SERVICES = 'playlist search metadata storage login ads radio social encode image payment proxy'.split(' ')
const TEAMS = ['team-discovery', 'team-content', 'team-accounts', 'team-playback'] as const
const TIERS = ['core', 'important', 'can-wait'] as const

/**
 * A whole inventory of `machines` machines in four datacenters: rooms of 20 racks, racks of 40 machines, a set of networks a
 * room. Pure. With one seed, a smaller fleet is the beginning of each datacenter of a larger one.
 */
export function makeFleet({ machines, seed = 1 }: FleetOptions): Fleet {
  const places = Array.from({ length: machines }, (_, index) => placeOf(index))
  const rooms = [...new Map(places.map(place => [place.room, place])).values()]
  const racks = [...new Map(places.map(place => [place.rack, place])).values()]
  return {
    datacenters: DATACENTERS.map(one => ({ ...one, dnsDomain: `${one.name}.example.net` })),
    rooms: rooms.map(({ room, datacenter }) => ({ name: room, datacenter })),
    racks: racks.map(rackOf),
    networks: rooms.flatMap(place => PURPOSES.map(purpose => networkOf(place, purpose))),
    profiles: HARDWARE.map(({ profile: name, model }) => ({
      name,
      summary: model,
      match: [{ fact: 'model', like: model }],
    })),
    services: SERVICES.map(serviceOf),
    machines: places.map((place, index) => machineOf(place, index, seed)),
  }
}

interface Place {
  datacenter: string
  room: string
  rack: string
  unit: number
  /** Counts all rooms: each has its own part of 10.0.0.0/8. */
  roomNumber: number
  /** Counts the machines of the room. */
  inRoom: number
}

function placeOf(index: number): Place {
  const site = index % DATACENTERS.length
  const datacenter = (DATACENTERS[site] ?? DATACENTERS[0]).name
  const inSite = Math.floor(index / DATACENTERS.length)
  const rackNumber = Math.floor(inSite / UNITS_FILLED)
  const roomInSite = Math.floor(rackNumber / RACKS_A_ROOM)
  return {
    datacenter,
    room: `${datacenter}-room-${roomInSite + 1}`,
    rack: `${datacenter}-r${String(rackNumber + 1).padStart(3, '0')}`,
    unit: (inSite % UNITS_FILLED) + 1,
    roomNumber: roomInSite * DATACENTERS.length + site,
    inRoom: inSite % (UNITS_FILLED * RACKS_A_ROOM),
  }
}

function rackOf({ rack, room, datacenter }: Place): Document<'rack'> {
  const powerFeeds = [`${rack}-a`, `${rack}-b`]
  return { name: rack, datacenter, room, heightU: RACK_UNITS, powerFeeds, switch: `${rack}-tor-1` }
}

/** A /20 a purpose, so a /18 a room: 4,096 addresses for 800 machines, and room for 1,024 rooms in 10.0.0.0/8. */
const NETWORK_SIZE = 4_096
const STATIC_OFFSET = 768
const baseOf = ({ roomNumber }: Place, purpose: (typeof PURPOSES)[number]): number =>
  roomNumber * 4 * NETWORK_SIZE + PURPOSES.indexOf(purpose) * NETWORK_SIZE
const ipOf = (offset: number): string => `10.${offset >>> 16}.${(offset >>> 8) & 255}.${offset & 255}`
const networkName = ({ room }: Place, purpose: string): string => `${room}-${purpose}`

function networkOf(place: Place, purpose: (typeof PURPOSES)[number]): Network {
  const base = baseOf(place, purpose)
  return {
    name: networkName(place, purpose),
    datacenter: place.datacenter,
    purpose,
    vlan: 100 + place.roomNumber * PURPOSES.length + PURPOSES.indexOf(purpose),
    cidr4: `${ipOf(base)}/20`,
    gateway4: ipOf(base + 1),
    resolvers: [ipOf(base + 2), ipOf(base + 3)],
    ranges: [
      { first: ipOf(base + 2), last: ipOf(base + 255), use: 'reserved' },
      { first: ipOf(base + 256), last: ipOf(base + STATIC_OFFSET - 1), use: 'pool' },
      { first: ipOf(base + STATIC_OFFSET), last: ipOf(base + NETWORK_SIZE - 2), use: 'static' },
    ],
  }
}

function serviceOf(name: string, index: number): Document<'service'> {
  const developerOwner = pick(TEAMS, index)
  const tier = pick(TIERS, index)
  const port = { protocol: 'tcp' as const, port: 8_000 + index }
  return {
    name,
    tier,
    developerOwner,
    operationsOwner: 'operations',
    ...port,
    maxUnavailable: '10%',
    hostnamePattern: `${name}-{nnn}`,
  }
}

function machineOf(place: Place, index: number, seed: number): Machine {
  const random = randomFrom(seed * 1_000_003 + index)
  const hardware = pick(HARDWARE, Math.floor(random() * HARDWARE.length))
  const service = pick(SERVICES, Math.floor(random() * SERVICES.length))
  const inUse = random() < 0.75
  return {
    name: `${place.rack}-u${String(place.unit).padStart(2, '0')}`,
    datacenter: place.datacenter,
    rack: place.rack,
    positionU: place.unit,
    heightU: 1,
    serial: `${letters(random, 4)}${index.toString(36).toUpperCase().padStart(5, '0')}`,
    systemUuid: uuidOf(random, index),
    vendor: hardware.vendor,
    model: hardware.model,
    profile: hardware.profile,
    ...(inUse && { service, hostname: `${service}-${String(index).padStart(5, '0')}` }),
    labels: {
      batch: `${2021 + Math.floor(random() * 5)}-q${1 + Math.floor(random() * 4)}`,
      rail: String(1 + (place.unit % 2)),
    },
    nics: Array.from({ length: NICS }, (_, port) => nicOf(place, index, port)),
    disks: [1, 2].map(bay => diskOf(hardware, index, bay)),
    bmc: bmcOf(place, hardware, index),
  }
}

type Nic = Machine['nics'][number]
type Hardware = (typeof HARDWARE)[number]

function nicOf(place: Place, index: number, port: number): Nic {
  const purpose = NIC_NETWORKS[port]
  const addresses = purpose ? [{ network: networkName(place, purpose), ip: staticIp(place, purpose) }] : []
  const leg = 1 + (port % 2)
  return {
    mac: macOf(index, port),
    name: `eth${port}`,
    switch: `${place.rack}-tor-${leg}`,
    switchPort: `Ethernet${place.unit * 2 + Math.floor(port / 2) - 1}`,
    speedMbps: 25_000,
    addresses,
  }
}

function diskOf({ vendor, medium, diskTb }: Hardware, index: number, bay: number): Machine['disks'][number] {
  const number = index * 2 + bay
  return {
    serial: `S6${number.toString(36).toUpperCase().padStart(8, '0')}`,
    wwn: `eui.0025385${number.toString(16).padStart(9, '0')}`,
    model: `${vendor} ${diskTb} TB ${medium}`,
    medium,
    sizeBytes: diskTb * 1e12,
  }
}

function bmcOf(place: Place, { vendor, protocol }: Hardware, index: number): NonNullable<Machine['bmc']> {
  const where = { network: networkName(place, 'oob'), address: staticIp(place, 'oob'), mac: macOf(index, NICS) }
  return { protocol, ...where, username: 'rackwright', vendor, firmware: '7.10.30', quirks: [] }
}

const staticIp = (place: Place, purpose: (typeof PURPOSES)[number]): string =>
  ipOf(baseOf(place, purpose) + STATIC_OFFSET + place.inRoom)

/** Five a machine under one vendor's number, the last one its BMC's. */
function macOf(index: number, port: number): string {
  const number = index * (NICS + 1) + port
  const bytes = [number >>> 16, (number >>> 8) & 255, number & 255]
  return ['b0', '7b', '25', ...bytes.map(byte => byte.toString(16).padStart(2, '0'))].join(':')
}

function uuidOf(random: () => number, index: number): string {
  const hex = (digits: number) =>
    Math.floor(random() * 16 ** digits)
      .toString(16)
      .padStart(digits, '0')
  return `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${index.toString(16).padStart(12, '0')}`
}

function letters(random: () => number, count: number): string {
  return Array.from({ length: count }, () => String.fromCodePoint(65 + Math.floor(random() * 26))).join('')
}

const pick = <T>(from: readonly T[], index: number): T => from[index % from.length] as T

/** Numbers in [0, 1) that depend on the seed alone: mulberry32, https://gist.github.com/tommyettinger/46a874533244883189143505d203312c. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
