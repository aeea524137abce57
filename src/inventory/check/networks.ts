import { Address4, Address6 } from 'ip-address'
import { sortableIp } from '../documents/canonical.ts'
import type { Document } from '../documents/kinds.ts'
import type { Incoming, SaveFault, Wrong } from './known.ts'
import type { World } from './world.ts'

export function checkNetworkOverlap(incoming: readonly Incoming[], world: World): SaveFault[] {
  const networks = incoming.filter(one => one.kind === 'network')
  const names = new Set(networks.map(one => one.document.name))
  const held = world.overlapping.filter(other => !names.has(other.network))
  return networks.flatMap(({ document, at }) =>
    (['cidr4', 'cidr6'] as const).flatMap(field => {
      const cidr = document[field]
      if (!cidr) return []
      const other = held.find(candidate => cidrsOverlap(candidate.cidr, cidr))
      held.push({ network: document.name, cidr })
      return other
        ? [
            {
              path: `${at}/${field}`,
              message: `${cidr} overlaps ${other.cidr} of network ${other.network}`,
              taken: true,
            },
          ]
        : []
    }),
  )
}

function cidrsOverlap(a: string, b: string): boolean {
  const [ipA = '', ipB = ''] = [a.split('/')[0], b.split('/')[0]]
  return isInside(ipA, b) || isInside(ipB, a)
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
  for (const [at, { first, last }] of network.ranges.entries()) {
    const outside = [first, last].find(ip => !contains(network, ip))
    faults.push(...wrong(`/ranges/${at}`, outside !== undefined && `${outside} is not inside the network`))
    faults.push(...wrong(`/ranges/${at}`, sortableIp(first) > sortableIp(last) && `${first} comes after ${last}`))
    const next = network.ranges[at + 1]
    faults.push(
      ...wrong(
        `/ranges/${at + 1}`,
        next && sortableIp(next.first) <= sortableIp(last) && `overlaps ${first} to ${last}`,
      ),
    )
  }
  return faults
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
