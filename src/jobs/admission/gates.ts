import { type Calendar, fits, type Hours, mayStartAt, type Open } from '../calendar/calendar.ts'
import { brakeRuns, stopOf } from './brakes.ts'
import type { Batch, QueuedJob, RunningJob } from './job.ts'
import type { Limits, Pause } from './limits.ts'
import type { Reason } from './reasons.ts'
import type { Place, Topology } from './topology.ts'

export interface AdmissionInput {
  queued: readonly QueuedJob[]
  running: readonly RunningJob[]
  /** Of the batches that have jobs here. A batch that is not in it has ended nothing and has no canaries. */
  batches: ReadonlyMap<string, Batch>
  /** When a rack last switched a machine on. */
  powerOns: ReadonlyMap<string, number>
  paused: readonly Pause[]
  topology: Topology
  limits: Limits
  calendar: Calendar
  nowMs: number
}

/** What keeps a job from starting that no other job's end changes; undefined: only limits can. */
export type Gate = (job: QueuedJob, place: Place) => Reason | undefined

/** The gates of one round, in the order in which they are told: what a person has to do, before what time does. */
export function makeGate(input: AdmissionInput): Gate {
  const gates = [machineGate, pauseGate(input.paused), batchGate(input), approvalGate(input), calendarGate(input)]
  return (job, place) => {
    for (const gate of gates) {
      const reason = gate(job, place)
      if (reason) return reason
    }
    return undefined
  }
}

const machineGate: Gate = (job, { machine, condition }) =>
  !condition || condition.state === 'ok' || job.accepts?.includes(condition.state)
    ? undefined
    : {
        code: 'machine-condition',
        machine,
        condition: condition.state,
        why: condition.reason,
        untilMs: condition.untilMs,
      }

function pauseGate(paused: readonly Pause[]): Gate {
  if (paused.length === 0) return () => undefined
  return (job, place) => {
    const facts: Partial<Record<string, string | undefined>> = {
      datacenter: place.datacenter,
      room: place.room,
      rack: place.rack,
      service: place.service,
      kind: job.kind,
      team: job.team,
      batch: job.batch,
    }
    const pause = paused.find(({ by: _by, reason: _reason, ...scope }) =>
      Object.entries(scope).every(([field, value]) => facts[field] === value),
    )
    return pause && { code: 'paused', what: scopeName(pause), by: pause.by, why: pause.reason }
  }
}

function scopeName({ by: _by, reason: _reason, ...scope }: Pause): string {
  const parts = Object.entries(scope).map(([field, value]) => `${field} ${value}`)
  return parts.length === 0 ? 'everything' : parts.join(', ')
}

function batchGate({ batches, limits }: AdmissionInput): Gate {
  return ({ batch }) => {
    const progress = batch === undefined ? undefined : batches.get(batch)
    const stop = progress && stopOf(progress, limits)
    if (batch === undefined || !stop) return undefined
    const { failed, succeeded } = progress
    if (stop === 'canary-failed') return { code: stop, batch, failed }
    return { code: stop, batch, failed, ended: failed + succeeded, percent: limits.failure.percent }
  }
}

function approvalGate({ queued, running, batches, topology, limits }: AdmissionInput): Gate {
  const heldBy = brakeRuns(queued, running, batches, topology, limits)
  return job => {
    const excess = heldBy(job)
    const run = job.batch === undefined ? `What team ${job.team} asked for` : `The batch ${job.batch}`
    return excess && { code: 'needs-approval', run, excess }
  }
}

/** The calendar is asked once for each scope, not for each job. */
function calendarGate({ calendar, nowMs }: AdmissionInput): Gate {
  const known = new Map<string, Hours>()
  const hoursOf = ({ datacenter, tier }: Place, obeys: QueuedJob['obeys'], atMs: number) => {
    const key = `${datacenter}\n${tier}\n${obeys}\n${atMs}`
    const found = known.get(key) ?? calendar.hours({ datacenter, tier }, obeys, atMs)
    known.set(key, found)
    return found
  }
  return (job, place) => {
    const hours = hoursOf(place, job.obeys, nowMs)
    if (!hours.open) return closedReason(hours)
    const turn = mayStartAt(hours, job.id)
    if (turn && turn.atMs > nowMs) return { code: 'jitter', window: turn.window, startsAtMs: turn.atMs }
    if (fits(hours, nowMs, job.takes.p95Ms)) return undefined
    return tooLong(job, hours, hoursOf(place, job.obeys, hours.untilMs), atMs => hoursOf(place, job.obeys, atMs))
  }
}

function closedReason({ freeze, next }: Extract<Hours, { open: false }>): Reason {
  const opensAtMs = next?.opensAtMs
  return freeze
    ? { code: 'frozen', freeze: freeze.name, why: freeze.reason, untilMs: freeze.untilMs, opensAtMs }
    : { code: 'window-closed', opensAtMs, window: next?.window }
}

function tooLong(job: QueuedJob, now: Open, after: Hours, hoursAt: (atMs: number) => Hours): Reason {
  const opensAtMs = after.open ? undefined : after.next?.opensAtMs
  const then = opensAtMs === undefined ? undefined : hoursAt(opensAtMs)
  return {
    code: 'too-long',
    needsMs: job.takes.p95Ms,
    endsAtMs: now.untilMs,
    freeze: now.endsBy?.freeze,
    opensAtMs,
    fitsThen: opensAtMs !== undefined && then?.open === true && fits(then, opensAtMs, job.takes.p95Ms),
  }
}
