import type { Document } from '../documents/kinds.ts'
import type { Incoming, Known, SaveFault } from './known.ts'
import type { Placed } from './world.ts'

/** Machines that would stand in the same units, out of their rack, or in a rack of another datacenter. */
export function checkPlaces(incoming: readonly Incoming[], known: Known, stored: readonly Placed[]): SaveFault[] {
  const machines = incoming.filter(one => one.kind === 'machine')
  const names = new Set(machines.map(one => one.document.name))
  const placed = new Map<string, Placed[]>()
  for (const place of stored) if (!names.has(place.machine)) placedIn(placed, place.rack).push(place)
  const faults = machines.flatMap(one => checkRackOf(one, known))
  for (const { document, at } of machines) {
    const place = placeOf(document)
    if (!place) continue
    const others = placedIn(placed, place.rack)
    const other = others.find(candidate => overlaps(place, candidate))
    if (other)
      faults.push({
        path: `${at}/positionU`,
        message: `${unitsOf(place)} of rack ${place.rack} is taken by ${other.machine} (${unitsOf(other)})`,
        taken: true,
      })
    // Whoever came first stays: so the list is never longer than a rack is high.
    else others.push(place)
  }
  return [...faults, ...checkRackHeights(incoming, placed)]
}

function placedIn(placed: Map<string, Placed[]>, rack: string): Placed[] {
  const there = placed.get(rack) ?? []
  placed.set(rack, there)
  return there
}

function placeOf({ name, rack, positionU, heightU }: Document<'machine'>): Placed | undefined {
  return rack && positionU ? { machine: name, rack, positionU, heightU } : undefined
}

const overlaps = (a: Placed, b: Placed): boolean =>
  a.positionU < b.positionU + b.heightU && b.positionU < a.positionU + a.heightU
const unitsOf = ({ positionU, heightU }: Placed): string =>
  heightU === 1 ? `U${positionU}` : `U${positionU} to U${positionU + heightU - 1}`

function checkRackOf({ document, at }: Incoming & { kind: 'machine' }, known: Known): SaveFault[] {
  const { rack: name, positionU, heightU, datacenter } = document
  if (!name) return positionU ? [{ path: `${at}/positionU`, message: 'a position needs a rack' }] : []
  const rack = known.get('rack', name)
  if (!rack) return []
  if (rack.datacenter !== datacenter)
    return [{ path: `${at}/rack`, message: `rack ${name} is in ${rack.datacenter}, not in ${datacenter}` }]
  if (!positionU || positionU + heightU - 1 <= rack.heightU) return []
  return [
    {
      path: `${at}/positionU`,
      message: `rack ${name} has ${rack.heightU} units; U${positionU} with a height of ${heightU} does not fit`,
    },
  ]
}

function checkRackHeights(incoming: readonly Incoming[], placed: ReadonlyMap<string, readonly Placed[]>): SaveFault[] {
  return incoming.flatMap(one => {
    if (one.kind !== 'rack') return []
    const above = placed
      .get(one.document.name)
      ?.find(place => place.positionU + place.heightU - 1 > one.document.heightU)
    return above
      ? [{ path: `${one.at}/heightU`, message: `${above.machine} stands at ${unitsOf(above)}, above that height` }]
      : []
  })
}
