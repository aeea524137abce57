import type { Document } from '../../inventory/documents/kinds.ts'
import type { Condition } from './job.ts'

type Tier = Document<'service'>['tier']

export interface MachineCondition {
  state: Condition
  reason: string
  untilMs?: number | undefined
}

/** A machine with all that limits count: where it stands, what feeds it, whose it is. */
export interface Place {
  machine: string
  datacenter: string
  room?: string | undefined
  rack?: string | undefined
  powerFeeds: readonly string[]
  switch?: string | undefined
  bootServer?: string | undefined
  profile?: string | undefined
  service?: string | undefined
  owner?: string | undefined
  tier?: Tier | undefined
  condition?: MachineCondition | undefined
}

export interface ServiceFacts {
  machines: number
  maxUnavailable: string
}

export interface Topology {
  places: ReadonlyMap<string, Place>
  services: ReadonlyMap<string, ServiceFacts>
  /** Machines by the owner of their service. */
  owners: ReadonlyMap<string, number>
  /** Machines of services that are not `ok`: they are away without any job. */
  away: readonly Place[]
}

export interface TopologyDocuments {
  racks: readonly Pick<Document<'rack'>, 'name' | 'datacenter' | 'room' | 'powerFeeds' | 'switch'>[]
  services: readonly Pick<Document<'service'>, 'name' | 'tier' | 'developerOwner' | 'maxUnavailable'>[]
  machines: readonly Pick<Document<'machine'>, 'name' | 'datacenter' | 'rack' | 'profile' | 'service'>[]
  /** Of machines that are not `ok`. */
  conditions: ReadonlyMap<string, MachineCondition>
  /** Which boot server serves a rack. */
  bootServers: ReadonlyMap<string, string>
}

/** Joins the documents once; admission looks machines up in it until the inventory changes. */
export function makeTopology(documents: TopologyDocuments): Topology {
  const racks = new Map(documents.racks.map(rack => [rack.name, rack]))
  const services = new Map(documents.services.map(service => [service.name, service]))
  const places = documents.machines.map(machine => {
    const rack = machine.rack === undefined ? undefined : racks.get(machine.rack)
    const service = machine.service === undefined ? undefined : services.get(machine.service)
    return {
      machine: machine.name,
      datacenter: machine.datacenter,
      room: rack?.room,
      rack: rack?.name,
      powerFeeds: rack?.powerFeeds ?? [],
      switch: rack?.switch,
      bootServer: rack && documents.bootServers.get(rack.name),
      profile: machine.profile,
      service: service?.name,
      owner: service?.developerOwner,
      tier: service?.tier,
      condition: documents.conditions.get(machine.name),
    }
  })
  const machinesOf = counted(places.map(place => place.service))
  return {
    places: new Map(places.map(place => [place.machine, place])),
    services: new Map(
      documents.services.map(one => [
        one.name,
        { machines: machinesOf.get(one.name) ?? 0, maxUnavailable: one.maxUnavailable },
      ]),
    ),
    owners: counted(places.map(place => place.owner)),
    away: places
      .filter(place => place.service !== undefined && !isOk(place))
      .toSorted((a, b) => (a.machine < b.machine ? -1 : 1)),
  }
}

export const isOk = ({ condition }: Place): boolean => !condition || condition.state === 'ok'

export function counted(names: Iterable<string | undefined>): Map<string, number> {
  const counts = new Map<string, number>()
  for (const name of names) if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1)
  return counts
}
