import { Address4, Address6 } from 'ip-address'
import type { Fault } from '../../lib/errors.ts'
import { sortableIp } from '../documents/canonical.ts'
import { type AnyDocument, type Document, type Kind, KINDS } from '../documents/kinds.ts'
import { type Claim, claimsOf, referencesOf } from './claims.ts'
import type { Placed, World } from './world.ts'

/** A document on its way in. `at` is the JSON pointer to it in what was sent, '' for a single one. */
export type Incoming = AnyDocument & { at: string }

/** `taken`: right in itself, but another has it. */
export interface SaveFault extends Fault {
  taken?: boolean
}

/**
 * Everything that is wrong with documents that each fit their schema: unknown names, things claimed twice, addresses out
 * of their network, machines in one place. All at once, so that a file is corrected in one go. Pure: the database
 * enforces the same by constraints, this says it in words. `broken`: documents that exist but cannot be read.
 */
export function check(incoming: readonly Incoming[], world: World, broken: readonly Named[] = []): SaveFault[] {
  const known = new Known(incoming, world, broken)
  return [
    ...checkTwins(incoming),
    ...incoming.flatMap(one => checkReferences(one, known)),
    ...checkClaims(incoming, world.holders),
    ...checkPlaces(incoming, known, world.placed),
    ...checkNetworkOverlap(incoming, world),
    ...incoming.flatMap(one => checkOne(one, known)),
  ]
}

export interface Named {
  kind: Kind
  name: string
}

const idOf = ({ kind, name }: Named): string => `${kind} ${name}`

function checkTwins(incoming: readonly Incoming[]): SaveFault[] {
  const seen = new Set<string>()
  return incoming.flatMap(({ kind, document, at }) => {
    const id = idOf({ kind, name: document.name })
    if (seen.has(id)) return [{ path: `${at}/name`, message: `${kind} '${document.name}' is there twice` }]
    seen.add(id)
    return []
  })
}

/** What exists once these documents are saved: the file's own first, then the database's. */
class Known {
  readonly incoming: ReadonlyMap<string, Incoming>
  readonly world: World
  readonly broken: ReadonlySet<string>
  constructor(incoming: readonly Incoming[], world: World, broken: readonly Named[]) {
    this.broken = new Set(broken.map(idOf))
    this.incoming = new Map(incoming.map(one => [`${one.kind} ${one.document.name}`, one]))
    this.world = world
  }
  has(kind: Kind, name: string): boolean {
    const id = idOf({ kind, name })
    return this.incoming.has(id) || this.broken.has(id) || (this.world.names.get(kind)?.has(name) ?? false)
  }
  get(kind: 'rack', name: string): Document<'rack'> | undefined
  get(kind: 'room', name: string): Document<'room'> | undefined
  get(kind: 'network', name: string): Document<'network'> | undefined
  get(kind: 'rack' | 'room' | 'network', name: string) {
    const stored = { rack: this.world.racks, room: this.world.rooms, network: this.world.networks }[kind]
    return this.incoming.get(`${kind} ${name}`)?.document ?? stored.get(name)
  }
}

function checkReferences(one: Incoming, known: Known): SaveFault[] {
  return referencesOf(one)
    .filter(({ kind, name }) => !known.has(kind, name))
    .map(({ kind, name, path }) => ({ path: one.at + path, message: `there is no ${kind} '${name}'; declare it under ${KINDS[kind].plural}` }))
}

/** In the order of the documents: the first keeps what it claims, later ones are told who has it. */
function checkClaims(incoming: readonly Incoming[], stored: readonly Claim[]): SaveFault[] {
  const names = new Set(incoming.map(one => one.document.name))
  // What a document of this very input gives up is free: its new self is among the claims below.
  const held = new Map(stored.filter(claim => !names.has(claim.owner)).map(claim => [keyOf(claim), `is taken by ${claim.owner}`]))
  const faults: SaveFault[] = []
  for (const one of incoming) {
    for (const claim of claimsOf(one)) {
      const holder = held.get(keyOf(claim))
      if (holder) faults.push({ path: one.at + claim.path, message: `${claim.field} ${claim.value} ${holder}`, taken: true })
      else held.set(keyOf(claim), `is claimed twice, first by ${claim.owner}`)
    }
  }
  return faults
}

const keyOf = (claim: Claim): string => `${claim.field} ${claim.value}`

/** Machines that would stand in the same units, out of their rack, or in a rack of another datacenter. */
function checkPlaces(incoming: readonly Incoming[], known: Known, stored: readonly Placed[]): SaveFault[] {
  const machines = incoming.filter(one => one.kind === 'machine')
  const names = new Set(machines.map(one => one.document.name))
  const placed = new Map<string, Placed[]>()
  for (const place of stored) if (!names.has(place.machine)) placed.set(place.rack, [...(placed.get(place.rack) ?? []), place])
  const faults = machines.flatMap(one => checkRackOf(one, known))
  for (const { document, at } of machines) {
    const place = placeOf(document)
    if (!place) continue
    const others = placed.get(place.rack) ?? []
    const other = others.find(candidate => overlaps(place, candidate))
    if (other) faults.push({ path: `${at}/positionU`, message: `${unitsOf(place)} of rack ${place.rack} is taken by ${other.machine} (${unitsOf(other)})`, taken: true })
    placed.set(place.rack, [...others, place])
  }
  return [...faults, ...checkRackHeights(incoming, placed)]
}

function placeOf({ name, rack, positionU, heightU }: Document<'machine'>): Placed | undefined {
  return rack && positionU ? { machine: name, rack, positionU, heightU } : undefined
}

const overlaps = (a: Placed, b: Placed): boolean => a.positionU < b.positionU + b.heightU && b.positionU < a.positionU + a.heightU
const unitsOf = ({ positionU, heightU }: Placed): string => (heightU === 1 ? `U${positionU}` : `U${positionU} to U${positionU + heightU - 1}`)

function checkRackOf({ document, at }: Incoming & { kind: 'machine' }, known: Known): SaveFault[] {
  const { rack: name, positionU, heightU, datacenter } = document
  if (!name) return positionU ? [{ path: `${at}/positionU`, message: 'a position needs a rack' }] : []
  const rack = known.get('rack', name)
  if (!rack) return []
  if (rack.datacenter !== datacenter) return [{ path: `${at}/rack`, message: `rack ${name} is in ${rack.datacenter}, not in ${datacenter}` }]
  if (!positionU || positionU + heightU - 1 <= rack.heightU) return []
  return [{ path: `${at}/positionU`, message: `rack ${name} has ${rack.heightU} units; U${positionU} with a height of ${heightU} does not fit` }]
}

function checkRackHeights(incoming: readonly Incoming[], placed: ReadonlyMap<string, readonly Placed[]>): SaveFault[] {
  return incoming.flatMap(one => {
    if (one.kind !== 'rack') return []
    const above = placed.get(one.document.name)?.find(place => place.positionU + place.heightU - 1 > one.document.heightU)
    return above ? [{ path: `${one.at}/heightU`, message: `${above.machine} stands at ${unitsOf(above)}, above that height` }] : []
  })
}

function checkNetworkOverlap(incoming: readonly Incoming[], world: World): SaveFault[] {
  const networks = incoming.filter(one => one.kind === 'network')
  const names = new Set(networks.map(one => one.document.name))
  const held = world.overlapping.filter(other => !names.has(other.network))
  return networks.flatMap(({ document, at }) =>
    (['cidr4', 'cidr6'] as const).flatMap(field => {
      const cidr = document[field]
      if (!cidr) return []
      const other = held.find(candidate => cidrsOverlap(candidate.cidr, cidr))
      held.push({ network: document.name, cidr })
      return other ? [{ path: `${at}/${field}`, message: `${cidr} overlaps ${other.cidr} of network ${other.network}`, taken: true }] : []
    }),
  )
}

function checkOne(one: Incoming, known: Known): SaveFault[] {
  const wrong = (path: string, message: string | false | undefined) => (message ? [{ path: one.at + path, message }] : [])
  switch (one.kind) {
    case 'rack': {
      const room = one.document.room && known.get('room', one.document.room)
      return wrong('/room', room && room.datacenter !== one.document.datacenter && `room ${room.name} is in ${room.datacenter}, not in ${one.document.datacenter}`)
    }
    case 'network':
      return checkNetwork(one.document, wrong)
    case 'service':
      return wrong('/port', (one.document.protocol === undefined) !== (one.document.port === undefined) && 'protocol and port go together')
    case 'window':
      return wrong('/jitterMinutes', one.document.jitterMinutes > one.document.durationMinutes && 'the jitter is longer than the window')
    case 'freeze':
      return wrong('', freezeFault(one.document))
    case 'machine':
      return checkAddresses(one.document, known, wrong)
    default:
      return []
  }
}

type Wrong = (path: string, message: string | false | undefined) => SaveFault[]

function freezeFault({ startsAt, endsAt, schedule, durationMinutes }: Document<'freeze'>): string | false {
  const once = startsAt !== undefined && endsAt !== undefined && schedule === undefined && durationMinutes === undefined
  const again = startsAt === undefined && endsAt === undefined && schedule !== undefined && durationMinutes !== undefined
  if (!once && !again) return 'a freeze needs either startsAt and endsAt, or schedule and durationMinutes'
  return once && startsAt >= endsAt && 'startsAt is not before endsAt'
}

function checkNetwork(network: Document<'network'>, wrong: Wrong): SaveFault[] {
  const faults = wrong('', !network.cidr4 && !network.cidr6 && 'a network needs cidr4, cidr6 or both')
  for (const [gateway, cidr] of [['gateway4', 'cidr4'], ['gateway6', 'cidr6']] as const) {
    const [ip, space] = [network[gateway], network[cidr]]
    faults.push(...wrong(`/${gateway}`, ip !== undefined && !(space && isInside(ip, space)) && `${ip} is not inside ${cidr} ${space ?? '(which is missing)'}`))
  }
  for (const [at, { first, last }] of network.ranges.entries()) {
    const outside = [first, last].find(ip => !contains(network, ip))
    faults.push(...wrong(`/ranges/${at}`, outside !== undefined && `${outside} is not inside the network`))
    faults.push(...wrong(`/ranges/${at}`, sortableIp(first) > sortableIp(last) && `${first} comes after ${last}`))
    const next = network.ranges[at + 1]
    faults.push(...wrong(`/ranges/${at + 1}`, next && sortableIp(next.first) <= sortableIp(last) && `overlaps ${first} to ${last}`))
  }
  return faults
}

function checkAddresses(machine: Document<'machine'>, known: Known, wrong: Wrong): SaveFault[] {
  const bmc = machine.bmc ? [{ network: machine.bmc.network, ip: machine.bmc.address, path: '/bmc/address' }] : []
  const nics = machine.nics.flatMap((nic, at) =>
    nic.addresses.map((address, index) => ({ network: address.network, ip: address.ip, path: `/nics/${at}/addresses/${index}/ip` })),
  )
  return [...bmc, ...nics].flatMap(({ network: name, ip, path }) => {
    const network = known.get('network', name)
    return network ? wrong(path, addressFault(machine, network, ip)) : []
  })
}

function addressFault(machine: Document<'machine'>, network: Document<'network'>, ip: string | undefined): string | false {
  if (network.datacenter !== machine.datacenter) return `network ${network.name} is in ${network.datacenter}, not in ${machine.datacenter}`
  if (ip === undefined) return false
  if (!contains(network, ip)) return `${ip} is not inside network ${network.name} (${[network.cidr4, network.cidr6].filter(Boolean).join(', ')})`
  if (ip === network.gateway4 || ip === network.gateway6) return `${ip} is the gateway of network ${network.name}`
  return isNetworkOrBroadcast(network, ip) && `${ip} is the network or broadcast address of ${network.name}`
}

const contains = (network: Document<'network'>, ip: string): boolean =>
  [network.cidr4, network.cidr6].some(cidr => cidr !== undefined && isInside(ip, cidr))

function isInside(ip: string, cidr: string): boolean {
  if (Address4.isValid(ip)) return Address4.isValid(cidr) && new Address4(ip).isInSubnet(new Address4(cidr))
  return Address6.isValid(cidr) && new Address6(ip).isInSubnet(new Address6(cidr))
}

/** RFC 922 §7; a /31 has neither (RFC 3021). */
function isNetworkOrBroadcast({ cidr4 }: Document<'network'>, ip: string): boolean {
  if (!cidr4 || !Address4.isValid(ip)) return false
  const space = new Address4(cidr4)
  if (space.subnetMask >= 31) return false
  return [space.startAddress(), space.endAddress()].some(edge => edge.correctForm() === ip)
}

function cidrsOverlap(a: string, b: string): boolean {
  const [ipA = '', ipB = ''] = [a.split('/')[0], b.split('/')[0]]
  return isInside(ipA, b) || isInside(ipB, a)
}
