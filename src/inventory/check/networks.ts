import { Address4, Address6 } from 'ip-address'
import { sortableIp } from '../documents/canonical.ts'
import type { Document } from '../documents/kinds.ts'
import type { Incoming, SaveFault, Wrong } from './known.ts'
import type { World } from './world.ts'

/** Networks that share addresses: of two in the input, the later one is told. */
export function checkNetworkOverlap(incoming: readonly Incoming[], world: World): SaveFault[] {
  const networks = incoming.filter(one => one.kind === 'network')
  const names = new Set(networks.map(one => one.document.name))
  const held = world.overlapping.filter(other => !names.has(other.network))
  const spans = [
    ...held.map(({ network, cidr }) => spanOf(network, cidr)),
    ...networks.flatMap(({ document, at }) =>
      (['cidr4', 'cidr6'] as const).flatMap(field => {
        const cidr = document[field]
        return cidr ? [spanOf(document.name, cidr, `${at}/${field}`)] : []
      }),
    ),
  ].map((span, turn) => ({ ...span, turn }))
  // CIDRs contain each other or have nothing in common: in this order, what contains one comes right before it.
  const ordered = spans.toSorted((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : a.last > b.last ? -1 : 1))
  const faults = new Map<string, SaveFault>()
  let widest = ordered[0]
  for (const span of ordered.slice(1)) {
    if (!widest || span.first > widest.last) {
      widest = span
      continue
    }
    const [first, second] = widest.turn < span.turn ? [widest, span] : [span, widest]
    const { path, cidr } = second
    const message = `${cidr} overlaps ${first.cidr} of network ${first.network}`
    if (path !== undefined && !faults.has(path)) faults.set(path, { path, message, taken: true })
  }
  return [...faults.values()]
}

/** First and last address as texts that sort as the addresses do. */
function spanOf(network: string, cidr: string, path?: string) {
  const space = Address4.isValid(cidr) ? new Address4(cidr) : new Address6(cidr)
  const [first, last] = [space.startAddress(), space.endAddress()].map(end => sortableIp(end.correctForm()))
  return { network, cidr, path, first: first ?? '', last: last ?? '' }
}

export function checkNetwork(network: Document<'network'>, wrong: Wrong): SaveFault[] {
  const faults = wrong('', !network.cidr4 && !network.cidr6 && 'a network needs cidr4, cidr6 or both')
  for (const [gateway, cidr] of [
    ['gateway4', 'cidr4'],
    ['gateway6', 'cidr6'],
  ] as const) {
    const [ip, space] = [network[gateway], network[cidr]]
    faults.push(
      ...wrong(
        `/${gateway}`,
        ip !== undefined &&
          !(space && isInside(ip, space)) &&
          `${ip} is not inside ${cidr} ${space ?? '(which is missing)'}`,
      ),
    )
  }
  return [...faults, ...checkRanges(network, wrong)]
}

/** The ranges are sorted by their first address. */
function checkRanges(network: Document<'network'>, wrong: Wrong): SaveFault[] {
  let before: Document<'network'>['ranges'][number] | undefined
  return network.ranges.flatMap((range, at) => {
    const { first, last } = range
    const outside = [first, last].find(ip => !contains(network, ip))
    const faults = [
      ...wrong(`/ranges/${at}`, outside !== undefined && `${outside} is not inside the network`),
      ...wrong(`/ranges/${at}`, first.includes(':') !== last.includes(':') && `${first} and ${last} are of two kinds`),
      ...wrong(`/ranges/${at}`, sortableIp(first) > sortableIp(last) && `${first} comes after ${last}`),
      ...wrong(
        `/ranges/${at}`,
        before && sortableIp(first) <= sortableIp(before.last) && `overlaps ${before.first} to ${before.last}`,
      ),
    ]
    // The one that reaches furthest: a long range may overlap several after it.
    const isRange = first.includes(':') === last.includes(':')
    if (isRange && (!before || sortableIp(last) > sortableIp(before.last))) before = range
    return faults
  })
}

export const contains = (network: Document<'network'>, ip: string): boolean =>
  [network.cidr4, network.cidr6].some(cidr => cidr !== undefined && isInside(ip, cidr))

function isInside(ip: string, cidr: string): boolean {
  if (Address4.isValid(ip)) return Address4.isValid(cidr) && new Address4(ip).isInSubnet(new Address4(cidr))
  return Address6.isValid(cidr) && new Address6(ip).isInSubnet(new Address6(cidr))
}

/** RFC 922 §7; a /31 has neither (RFC 3021). */
export function isNetworkOrBroadcast({ cidr4 }: Document<'network'>, ip: string): boolean {
  if (!cidr4 || !Address4.isValid(ip)) return false
  const space = new Address4(cidr4)
  if (space.subnetMask >= 31) return false
  return [space.startAddress(), space.endAddress()].some(edge => edge.correctForm() === ip)
}
