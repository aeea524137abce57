import { DEFAULT_LIMITS, type Limits } from '../../../src/jobs/admission/limits.ts'
import type { AdmissionInput } from '../../../src/jobs/admission/gates.ts'
import { PRIORITIES, type QueuedJob, type RunningJob } from '../../../src/jobs/admission/job.ts'
import { makeTopology, type Topology } from '../../../src/jobs/admission/topology.ts'
import { makeCalendar } from '../../../src/jobs/calendar/calendar.ts'
import { makeFleet } from '../../support/fleet.ts'

export const MINUTE_MS = 60_000
export const HOUR_MS = 60 * MINUTE_MS
export const NOON = Date.parse('2026-06-10T12:00:00Z')

export const NO_LIMITS: Limits = {
  ...DEFAULT_LIMITS,
  at: {},
  destructive: {
    atOnce: { total: { least: 1 }, owner: { least: 1 }, service: { least: 1 } },
    run: { total: { least: 1 }, owner: { least: 1 }, service: { least: 1 } },
  },
  powerOnGapMs: 0,
}

const OPEN_CALENDAR = makeCalendar({ datacenters: [], windows: [], freezes: [] })

export const queuedJob = (fields: Partial<QueuedJob> & Pick<QueuedJob, 'id' | 'machine'>): QueuedJob => ({
  kind: 'reboot',
  team: 'team-a',
  destructive: false,
  disruptive: false,
  powersOn: false,
  priority: 'routine',
  queuedAt: NOON - HOUR_MS,
  obeys: 'nothing',
  takes: { p50Ms: 10 * MINUTE_MS, p95Ms: 20 * MINUTE_MS },
  ...fields,
})

export const running = (job: QueuedJob, startedAt = NOON - MINUTE_MS): RunningJob => ({ ...job, startedAt })

/** Two racks of one room in lon1 with ten machines each; `web` is on m1 to m5 and m11 to m15, others are stock. */
export function smallSite(conditions: Parameters<typeof makeTopology>[0]['conditions'] = new Map()): Topology {
  const rack = (name: string) => ({
    name,
    datacenter: 'lon1',
    room: 'hall-1',
    powerFeeds: [`${name}-a`, `${name}-b`],
    switch: `${name}-tor`,
  })
  return makeTopology({
    racks: [rack('r1'), rack('r2')],
    services: [{ name: 'web', tier: 'core', developerOwner: 'team-web', maxUnavailable: '2' }],
    machines: Array.from({ length: 20 }, (_, at) => ({
      name: `m${at + 1}`,
      datacenter: 'lon1',
      rack: at < 10 ? 'r1' : 'r2',
      profile: 'small',
      ...(at % 10 < 5 && { service: 'web' }),
    })),
    conditions,
    bootServers: new Map([
      ['r1', 'boot-1'],
      ['r2', 'boot-1'],
    ]),
  })
}

export const input = (fields: Partial<AdmissionInput>): AdmissionInput => ({
  queued: [],
  running: [],
  batches: new Map(),
  powerOns: new Map(),
  paused: [],
  topology: smallSite(),
  limits: NO_LIMITS,
  calendar: OPEN_CALENDAR,
  nowMs: NOON,
  ...fields,
})

/** The fleet of `machines` machines in four datacenters with racks of 40. */
export function fleetTopology(machines: number): Topology {
  const fleet = makeFleet({ machines })
  const bootServers = new Map(fleet.racks.map(rack => [rack.name, `${rack.room}-boot`]))
  return makeTopology({ ...fleet, conditions: new Map(), bootServers })
}

const KINDS = [
  { kind: 'recycle', destructive: true, disruptive: true, powersOn: true },
  { kind: 'install', destructive: true, disruptive: false, powersOn: true },
  { kind: 'reboot', destructive: false, disruptive: true, powersOn: true },
  { kind: 'inspect', destructive: false, disruptive: false, powersOn: false },
] as const

/** `count` jobs on different machines, of four kinds, eight teams and all priorities, spread by multiplication. */
export function manyJobs(topology: Topology, count: number): QueuedJob[] {
  const machines = [...topology.places.keys()]
  return Array.from({ length: count }, (_, at) => {
    const draw = (Math.imul(at + 1, 2_654_435_761) >>> 0) / 2 ** 32
    return queuedJob({
      id: `job-${String(at).padStart(6, '0')}`,
      machine: machines[(at * 7_919) % machines.length] ?? '',
      ...(KINDS[at % KINDS.length] ?? KINDS[0]),
      team: `team-${Math.floor(draw * 8)}`,
      priority: PRIORITIES[1 + (Math.floor(draw * 1_000) % 3)] ?? 'routine',
      queuedAt: NOON - Math.floor(draw * 30 * HOUR_MS),
      obeys: at % 3 === 0 ? 'windows' : 'freezes',
      approvedBy: 'alice',
    })
  })
}
