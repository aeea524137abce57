import type { AdmissionInput } from '../../../src/jobs/admission/gates.ts'
import type { Job } from '../../../src/jobs/admission/job.ts'
import type { Share } from '../../../src/jobs/admission/limits.ts'
import type { Place } from '../../../src/jobs/admission/topology.ts'
import type { Moment } from './night.ts'

/**
 * What is wrong at a moment, by counting anew over all that runs: it shares no code with admission. A limit that was
 * exceeded before admission began (it was lowered, a machine broke) must not get worse.
 */
export function faultsOf({ given, started, running }: Moment): string[] {
  return [
    ...twiceOn(running),
    ...overLimits(given, started, running),
    ...overServices(given, started, running),
    ...overBrakes(given, started, running),
    ...started.flatMap(job => wrongStart(given, job)),
    ...crowdedRacks(given, started),
  ]
}

function twiceOn(running: readonly Job[]): string[] {
  const machines = running.map(job => job.machine)
  return machines.filter((machine, at) => machines.indexOf(machine) !== at).map(machine => `two jobs on ${machine}`)
}

type Tags = (job: Job, place: Place) => readonly (string | undefined)[]
const TAGS: Record<string, Tags> = {
  rack: (_, place) => [place.rack],
  room: (_, place) => [place.room],
  datacenter: (_, place) => [place.datacenter],
  switch: (_, place) => [place.switch],
  bootServer: (_, place) => [place.bootServer],
  powerFeed: (_, place) => place.powerFeeds,
  kind: job => [job.kind],
}

function tally(given: AdmissionInput, jobs: readonly Job[], tags: Tags): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const job of jobs) {
    const place = given.topology.places.get(job.machine)
    if (place) for (const tag of tags(job, place)) if (tag !== undefined) counts[tag] = (counts[tag] ?? 0) + 1
  }
  return counts
}

/** Names over their limit that something was started in. */
function exceeded(
  given: AdmissionInput,
  started: readonly Job[],
  running: readonly Job[],
  tags: Tags,
  limitOf: (name: string) => number,
): string[] {
  const now = tally(given, running, tags)
  return Object.keys(tally(given, started, tags))
    .filter(name => (now[name] ?? 0) > limitOf(name))
    .map(name => `${name}: ${now[name]} of ${limitOf(name)}`)
}

function overLimits(given: AdmissionInput, started: readonly Job[], running: readonly Job[]): string[] {
  return Object.entries(given.limits.at).flatMap(([dimension, allowance]) =>
    exceeded(
      given,
      started,
      running,
      TAGS[dimension] ?? (() => []),
      name => allowance.named?.[name] ?? allowance.each ?? Infinity,
    ),
  )
}

function overServices(given: AdmissionInput, started: readonly Job[], running: readonly Job[]): string[] {
  const faults: string[] = []
  for (const [service, { machines, maxUnavailable }] of given.topology.services) {
    const mine = (job: Job) => job.disruptive && given.topology.places.get(job.machine)?.service === service
    // What repairs a machine that is away takes no other away.
    const wasOk = (job: Job) => (given.topology.places.get(job.machine)?.condition?.state ?? 'ok') === 'ok'
    if (!started.some(job => mine(job) && wasOk(job))) continue
    const away = new Set(running.filter(mine).map(job => job.machine))
    for (const place of given.topology.places.values())
      if (place.service === service && place.condition && place.condition.state !== 'ok') away.add(place.machine)
    const percent = /^(\d+)%$/.exec(maxUnavailable)?.[1]
    const floor = Math.floor((machines * Number(percent)) / 100)
    const most = percent === undefined ? Number(maxUnavailable) : Number(percent) === 0 ? 0 : Math.max(1, floor)
    if (away.size > most) faults.push(`service ${service}: ${away.size} away of ${most}`)
    faults.push(...overRacks(given, service, away))
  }
  return faults
}

function overRacks({ topology, limits }: AdmissionInput, service: string, away: ReadonlySet<string>): string[] {
  const racks = Object.groupBy(away, machine => topology.places.get(machine)?.rack ?? '')
  const { perRack = Infinity, racks: most = Infinity } = limits.service
  const crowded = Object.entries(racks).filter(([, machines]) => (machines?.length ?? 0) > perRack)
  const spread = Object.keys(racks).length
  return [
    ...crowded.map(([rack]) => `${service} in ${rack}`),
    ...(spread > most ? [`${service} in ${spread} racks`] : []),
  ]
}

function overBrakes(given: AdmissionInput, started: readonly Job[], running: readonly Job[]): string[] {
  const { total, owner, service } = given.limits.destructive.atOnce
  const destroying = (jobs: readonly Job[]) => jobs.filter(job => job.destructive)
  const most = ({ most: cap = Infinity, percent, least }: Share, all: number) =>
    percent === undefined ? cap : Math.min(cap, Math.max(least, Math.floor((percent / 100) * all + 1e-9)))
  const check = (tags: Tags, limitOf: (name: string) => number) =>
    exceeded(given, destroying(started), destroying(running), tags, limitOf).map(fault => `destructive ${fault}`)
  return [
    ...check(
      () => ['all'],
      () => most(total, given.topology.places.size),
    ),
    ...check(
      (_, place) => [place.owner],
      name => most(owner, given.topology.owners.get(name) ?? 0),
    ),
    ...check(
      (_, place) => [place.service],
      name => most(service, given.topology.services.get(name)?.machines ?? 0),
    ),
  ]
}

function wrongStart(given: AdmissionInput, job: Moment['started'][number]): string[] {
  const place = given.topology.places.get(job.machine)
  if (!place) return [`${job.id} started on no machine`]
  const hours = given.calendar.hours({ datacenter: place.datacenter, tier: place.tier }, job.obeys, given.nowMs)
  const batch = job.batch === undefined ? undefined : given.batches.get(job.batch)
  const ended = batch ? batch.failed + batch.succeeded : 0
  const { from, percent } = given.limits.failure
  return [
    ...(!hours.open || hours.untilMs < given.nowMs + job.takes.p95Ms ? [`${job.id} started outside its window`] : []),
    ...(batch && ended >= from && batch.failed / ended > percent / 100 ? [`${job.id} of a stopped batch started`] : []),
    ...(batch && batch.failed > 0 && batch.succeeded < batch.canary
      ? [`${job.id} started after its canary failed`]
      : []),
    ...(place.condition && place.condition.state !== 'ok' && !job.accepts?.includes(place.condition.state)
      ? [`${job.id} started on a machine that is ${place.condition.state}`]
      : []),
  ]
}

function crowdedRacks(given: AdmissionInput, started: Moment['started']): string[] {
  const gapMs = given.limits.powerOnGapMs
  if (gapMs === 0) return []
  const on = tally(
    given,
    started.filter(job => job.powersOn),
    (_, place) => [place.rack],
  )
  return Object.entries(on)
    .filter(([rack, count]) => count > 1 || given.nowMs - (given.powerOns.get(rack) ?? -Infinity) < gapMs)
    .map(([rack]) => `power-ons in ${rack} too close`)
}
