import type { Job, RunningJob } from './job.ts'
import {
  allowedAt,
  COUNTING_ALL,
  type CountingAll,
  type Dimension,
  type Limits,
  maxUnavailable,
  shareOf,
} from './limits.ts'
import { isOk, type Place, type Topology } from './topology.ts'

/** How much of a limit is used, and by whom. */
export interface Counter {
  dimension: Dimension
  name: string
  limit: number
  used: number
  /** The first few; `used` counts all. */
  holders: Holder[]
  /** How many of `used` are kept for overdue jobs, and for which of them first. */
  kept: number
  keptFor: string | undefined
}

/** A job, or a machine that is away by its condition. */
export type Holder = { job: string } | { machine: string }

const HOLDERS_SHOWN = 5
/** The counter of all destructive jobs has no name of its own. */
const FLEET = 'the fleet'

/** All counters of one round. They only go up: what ends, ends before the next round. */
export class Ledger {
  readonly #limits: Limits
  readonly #topology: Topology
  readonly #limited: readonly CountingAll[]
  readonly #counters = new Map<Dimension, Map<string, Counter>>()

  constructor(limits: Limits, topology: Topology, running: readonly RunningJob[]) {
    this.#limits = limits
    this.#topology = topology
    this.#limited = COUNTING_ALL.filter(dimension => limits.at[dimension] !== undefined)
    // Oldest first, so that the holders shown do not depend on the order of the input.
    for (const job of running.toSorted((a, b) => a.startedAt - b.startedAt || (a.id < b.id ? -1 : 1)))
      take(this.countersOf(job, topology.places.get(job.machine)), { job: job.id })
    for (const place of topology.away) take(this.#countersOfService(place), { machine: place.machine })
  }

  /** What a job would use. Of a machine that left the inventory only its kind, and the brake, still count. */
  countersOf(job: Job, place: Place | undefined): Counter[] {
    const counters: Counter[] = []
    for (const dimension of this.#limited)
      for (const name of namesOf(dimension, job, place))
        counters.push(this.#counter(dimension, name, () => allowedAt(this.#limits, dimension, name)))
    // A machine that is away already is not taken away by its repair.
    if (job.disruptive && place && isOk(place)) counters.push(...this.#countersOfService(place))
    if (job.destructive) counters.push(...this.#countersOfBrake(place))
    return counters
  }

  #countersOfService({ service, rack }: Place): Counter[] {
    const facts = service === undefined ? undefined : this.#topology.services.get(service)
    if (service === undefined || !facts) return []
    const { perRack = Infinity, racks = Infinity } = this.#limits.service
    const counters = [this.#counter('service', service, () => maxUnavailable(facts.maxUnavailable, facts.machines))]
    if (rack === undefined || (perRack === Infinity && racks === Infinity)) return counters
    const inRack = this.#counter('serviceRack', `${service} in ${rack}`, () => perRack)
    counters.push(inRack)
    // The first machine of a rack makes it one rack more; the next ones add none.
    if (inRack.used === 0) counters.push(this.#counter('serviceRacks', service, () => racks))
    return counters
  }

  #countersOfBrake(place: Place | undefined): Counter[] {
    const { total, owner, service } = this.#limits.destructive.atOnce
    const { places, owners, services } = this.#topology
    const counters = [this.#counter('destructive', FLEET, () => shareOf(total, places.size))]
    if (place?.owner !== undefined) {
      const name = place.owner
      counters.push(this.#counter('destructiveOwner', name, () => shareOf(owner, owners.get(name) ?? 0)))
    }
    if (place?.service !== undefined) {
      const name = place.service
      const all = () => services.get(name)?.machines ?? 0
      counters.push(this.#counter('destructiveService', name, () => shareOf(service, all())))
    }
    return counters
  }

  #counter(dimension: Dimension, name: string, limit: () => number): Counter {
    let named = this.#counters.get(dimension)
    if (!named) this.#counters.set(dimension, (named = new Map()))
    let counter = named.get(name)
    if (!counter) {
      counter = { dimension, name, limit: limit(), used: 0, holders: [], kept: 0, keptFor: undefined }
      named.set(name, counter)
    }
    return counter
  }
}

export function take(counters: readonly Counter[], holder: Holder): void {
  for (const counter of counters) {
    counter.used += 1
    if (counter.holders.length < HOLDERS_SHOWN) counter.holders.push(holder)
  }
}

/** Keeps what is still free for a job that has waited too long: else smaller wants could for ever come before it. */
export function keep(counters: readonly Counter[], job: string): void {
  for (const counter of counters) {
    if (counter.used >= counter.limit) continue
    counter.used += 1
    counter.kept += 1
    counter.keptFor ??= job
  }
}

function namesOf(dimension: CountingAll, job: Job, place: Place | undefined): readonly string[] {
  if (dimension === 'kind') return [job.kind]
  if (!place) return []
  if (dimension === 'powerFeed') return place.powerFeeds
  const name = place[dimension]
  return name === undefined ? [] : [name]
}
