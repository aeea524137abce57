import { type Document, KINDS } from '../documents/kinds.ts'
import { checkAddresses } from './addresses.ts'
import { type Claim, claimsOf, referencesOf } from './claims.ts'
import { type Incoming, idOf, Known, type Named, type SaveFault, type Wrong } from './known.ts'
import { checkNetwork, checkNetworkOverlap } from './networks.ts'
import { checkPlaces } from './places.ts'
import type { World } from './world.ts'

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

function checkTwins(incoming: readonly Incoming[]): SaveFault[] {
  const seen = new Set<string>()
  return incoming.flatMap(({ kind, document, at }) => {
    const id = idOf({ kind, name: document.name })
    if (seen.has(id)) return [{ path: `${at}/name`, message: `${kind} '${document.name}' is there twice` }]
    seen.add(id)
    return []
  })
}

function checkReferences(one: Incoming, known: Known): SaveFault[] {
  return referencesOf(one)
    .filter(({ kind, name }) => !known.has(kind, name))
    .map(({ kind, name, path }) => ({
      path: one.at + path,
      message: `there is no ${kind} '${name}'; declare it under ${KINDS[kind].plural}`,
    }))
}

/** In the order of the documents: the first keeps what it claims, later ones are told who has it. */
function checkClaims(incoming: readonly Incoming[], stored: readonly Claim[]): SaveFault[] {
  const ids = new Set(incoming.map(one => idOf({ kind: one.kind, name: one.document.name })))
  // What a document of this very input gives up is free: its new self is among the claims below.
  const held = new Map(
    stored.filter(claim => !ids.has(ownerOf(claim))).map(claim => [keyOf(claim), `is taken by ${claim.owner}`]),
  )
  const faults: SaveFault[] = []
  for (const one of incoming) {
    for (const claim of claimsOf(one)) {
      const holder = held.get(keyOf(claim))
      if (holder)
        faults.push({ path: one.at + claim.path, message: `${claim.field} ${claim.value} ${holder}`, taken: true })
      else held.set(keyOf(claim), `is claimed twice, first by ${claim.owner}`)
    }
  }
  return faults
}

const ownerOf = ({ field, owner }: Claim): string =>
  idOf({ kind: field === 'DNS domain' ? 'datacenter' : 'machine', name: owner })
const keyOf = (claim: Claim): string => `${claim.field} ${claim.value}`

function checkOne(one: Incoming, known: Known): SaveFault[] {
  const wrong: Wrong = (path, message) => (message ? [{ path: one.at + path, message }] : [])
  switch (one.kind) {
    case 'rack': {
      const room = one.document.room && known.get('room', one.document.room)
      return wrong(
        '/room',
        room &&
          room.datacenter !== one.document.datacenter &&
          `room ${room.name} is in ${room.datacenter}, not in ${one.document.datacenter}`,
      )
    }
    case 'network':
      return checkNetwork(one.document, wrong)
    case 'service':
      return wrong(
        '/port',
        (one.document.protocol === undefined) !== (one.document.port === undefined) && 'protocol and port go together',
      )
    case 'window':
      return wrong(
        '/jitterMinutes',
        one.document.jitterMinutes > one.document.durationMinutes && 'the jitter is longer than the window',
      )
    case 'freeze':
      return wrong('', freezeFault(one.document))
    case 'machine':
      return [...checkParts(one.document, wrong), ...checkAddresses(one.document, known, wrong)]
    default:
      return []
  }
}

/** What one machine cannot have twice, or not alone. */
function checkParts({ nics, disks }: Document<'machine'>, wrong: Wrong): SaveFault[] {
  return [
    ...nics.flatMap(({ name, switch: device, switchPort }, at) => [
      ...wrong(`/nics/${at}/switchPort`, switchPort !== undefined && device === undefined && 'a port needs its switch'),
      ...wrong(
        `/nics/${at}/name`,
        name !== undefined && nics.findIndex(nic => nic.name === name) < at && `'${name}' is the name of another NIC`,
      ),
    ]),
    ...disks.flatMap(({ serial }, at) =>
      wrong(`/disks/${at}/serial`, disks.findIndex(disk => disk.serial === serial) < at && `${serial} is there twice`),
    ),
  ]
}

function freezeFault({ startsAt, endsAt, schedule, durationMinutes }: Document<'freeze'>): string | false {
  const once = startsAt !== undefined && endsAt !== undefined && schedule === undefined && durationMinutes === undefined
  const again =
    startsAt === undefined && endsAt === undefined && schedule !== undefined && durationMinutes !== undefined
  if (!once && !again) return 'a freeze needs either startsAt and endsAt, or schedule and durationMinutes'
  return once && startsAt >= endsAt && 'startsAt is not before endsAt'
}
