import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { admit } from '../../../src/jobs/admission/admit.ts'
import type { AdmissionInput } from '../../../src/jobs/admission/gates.ts'
import { CONDITIONS, PRIORITIES, type QueuedJob } from '../../../src/jobs/admission/job.ts'
import type { Limits } from '../../../src/jobs/admission/limits.ts'
import { makeCalendar } from '../../../src/jobs/calendar/calendar.ts'
import { playNight } from '../support/night.ts'
import { faultsOf } from '../support/observer.ts'
import { HOUR_MS, input, MINUTE_MS, NO_LIMITS, NOON, queuedJob, smallSite } from '../support/site.ts'

const RUNS = { seed: 7, numRuns: 120 }
const machine = fc.integer({ min: 1, max: 20 }).map(at => `m${at}`)
const allowance = fc.record({ each: fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 8) }, { requiredKeys: [] })
const share = fc.record(
  {
    most: fc.constantFrom(0, 1, 2, 4, 8, 16),
    percent: fc.integer({ min: 0, max: 90 }),
    least: fc.integer({ min: 1, max: 5 }),
  },
  { requiredKeys: ['least'] },
)
const shares = fc.record({ total: share, owner: share, service: share })

const someLimits: fc.Arbitrary<Limits> = fc.record({
  at: fc.record(
    {
      rack: allowance,
      room: allowance,
      powerFeed: allowance,
      switch: allowance,
      bootServer: allowance,
      kind: allowance,
    },
    { requiredKeys: [] },
  ),
  service: fc.record({ perRack: fc.integer({ min: 1, max: 2 }), racks: fc.constant(1) }, { requiredKeys: [] }),
  destructive: fc.record({ atOnce: shares, run: shares }),
  failure: fc.record({ percent: fc.integer({ min: 5, max: 90 }), from: fc.integer({ min: 1, max: 5 }) }),
  powerOnGapMs: fc.constantFrom(0, 90_000),
  climbMs: fc.constant(HOUR_MS),
  overdueMs: fc.constant(2 * HOUR_MS),
  teamWeights: fc.constant({ 'team-1': 2 }),
})

const someJobs = fc
  .array(
    fc.record({
      machine,
      kind: fc.constantFrom('recycle', 'reboot'),
      team: fc.constantFrom('team-1', 'team-2', 'team-3'),
      batch: fc.constantFrom(undefined, 'b1', 'b2'),
      destructive: fc.boolean(),
      disruptive: fc.boolean(),
      powersOn: fc.boolean(),
      priority: fc.constantFrom(...PRIORITIES),
      queuedAt: fc.integer({ min: 0, max: 300 }).map(minutes => NOON - minutes * MINUTE_MS),
      obeys: fc.constantFrom('windows' as const, 'freezes' as const, 'nothing' as const),
      approvedBy: fc.constantFrom(undefined, 'alice'),
      accepts: fc.constantFrom(undefined, ['broken' as const]),
    }),
    { minLength: 10, maxLength: 40, size: 'max' },
  )
  .map(jobs => jobs.map((job, at): QueuedJob => queuedJob({ id: `j${at}`, ...job })))

const batches = new Map(['b1', 'b2'].map((name, canary) => [name, { succeeded: 0, failed: 0, canary }]))
const calendar = makeCalendar({
  datacenters: [{ name: 'lon1', timeZone: 'Europe/London' }],
  windows: [{ name: 'w', datacenters: [], tiers: [], schedule: '0 * * * *', durationMinutes: 45, jitterMinutes: 15 }],
  freezes: [{ name: 'f', reason: 'x', datacenters: [], tiers: ['core'], schedule: '0 15 * * *', durationMinutes: 60 }],
})
const someSite = fc
  .dictionary(machine, fc.record({ state: fc.constantFrom(...CONDITIONS), reason: fc.constant('x') }), { maxKeys: 3 })
  .map(conditions => smallSite(new Map(Object.entries(conditions))))

const someInput: fc.Arbitrary<AdmissionInput> = fc
  .record({ queued: someJobs, limits: someLimits, topology: someSite })
  .map(fields => input({ ...fields, calendar, batches }))

describe('admission, whatever is queued and whatever the limits are', () => {
  test('exceeds no limit at any moment of a day in which jobs end and fail at random times', () => {
    let starts = 0
    fc.assert(
      fc.property(someInput, fc.integer(), (first, seed) => {
        const faults: string[] = []
        const watch = (moment: Parameters<typeof faultsOf>[0]) => {
          starts += moment.started.length
          faults.push(...faultsOf(moment))
        }
        playNight(first, { seed, stepMs: 7 * MINUTE_MS, rounds: 40, failing: 0.2, watch })
        expect(faults).toEqual([])
      }),
      RUNS,
    )
    expect(starts).toBeGreaterThan(600)
  })

  test('answers for every job once, and the same for any order of its input', () => {
    fc.assert(
      fc.property(someInput, fc.integer(), (first, seed) => {
        const shuffled = [...first.queued].toSorted(
          (a, b) => ((seed ^ a.id.length) & 1 ? 1 : -1) * (a.id < b.id ? -1 : 1),
        )
        const answer = admit(first)
        expect(admit({ ...first, queued: shuffled })).toEqual(answer)
        expect(answer.map(one => one.job).toSorted()).toEqual(first.queued.map(job => job.id).toSorted())
      }),
      RUNS,
    )
  })

  test('a free place is not left: what waits for a limit names one that is full', () => {
    fc.assert(
      fc.property(someInput, first => {
        for (const one of admit(first))
          if (!one.start && one.wait.code === 'limit')
            for (const { used, limit } of one.wait.full) expect(used).toBeGreaterThanOrEqual(limit)
      }),
      RUNS,
    )
  })

  /** Without calendar, brakes, conditions: limits are all that keeps a job, and none of them is nothing. */
  const clean = (at: Limits['at'], queued: readonly QueuedJob[]) =>
    input({
      limits: { ...NO_LIMITS, at, climbMs: HOUR_MS, overdueMs: 2 * HOUR_MS },
      queued: queued.map(job => ({ ...job, obeys: 'nothing' as const, batch: undefined, approvedBy: 'alice' })),
    })
  const small = fc.record({ each: fc.integer({ min: 1, max: 3 }) })

  test('no job starves, though more urgent ones come in for ever', () => {
    const at = fc.record({ rack: small, room: small, powerFeed: small, kind: small })
    fc.assert(
      fc.property(at, someJobs, fc.integer(), (limits, jobs, seed) => {
        const first = clean(limits, jobs)
        const arrivals = (round: number) =>
          ['m1', 'm12'].map(name =>
            queuedJob({
              id: `u${round}-${name}`,
              machine: name,
              team: 'team-9',
              priority: 'urgent',
              queuedAt: NOON + round * 10 * MINUTE_MS,
            }),
          )
        const { startedAt } = playNight(first, { seed, stepMs: 10 * MINUTE_MS, rounds: 150, arrivals, watch: () => {} })
        // Two hours until overdue, then at worst one after the other: each job holds its places for twenty minutes.
        const bound = NOON + 2 * HOUR_MS + (jobs.length + 1) * 30 * MINUTE_MS
        for (const { id } of jobs) expect(startedAt.get(id) ?? Infinity).toBeLessThanOrEqual(bound)
      }),
      { ...RUNS, numRuns: 40 },
    )
  })

  test('where limits lie inside each other, a higher one starts at least as many', () => {
    const at = fc.record({ rack: small, room: small, datacenter: small })
    fc.assert(
      fc.property(at, someJobs, fc.constantFrom('rack', 'room', 'datacenter'), (limits, jobs, raised) => {
        const one = [...new Map(jobs.map(job => [job.machine, job])).values()]
        const starts = (given: Limits['at']) => admit(clean(given, one)).filter(({ start }) => start).length
        const more = { ...limits, [raised]: { each: (limits[raised as 'rack'].each ?? 0) + 1 } }
        expect(starts(more)).toBeGreaterThanOrEqual(starts(limits))
      }),
      RUNS,
    )
  })

  test('teams that want the same differ by at most one start, weighted', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 3 }), (places, weight) => {
        const queued = Array.from({ length: 20 }, (_, at) =>
          queuedJob({
            id: `j${at}`,
            machine: `m${at + 1}`,
            team: at < 14 ? 'many' : 'few',
            queuedAt: NOON - HOUR_MS + at,
          }),
        )
        const limits = { ...NO_LIMITS, at: { room: { each: places } }, teamWeights: { few: weight } }
        const started = admit(input({ queued, limits })).filter(({ start }) => start)
        const few = started.filter(({ job }) => Number(job.slice(1)) >= 14).length
        const many = started.length - few
        expect(few === 6 || Math.abs(few / weight - many) <= 1).toBe(true)
      }),
      RUNS,
    )
  })
})

test('a higher limit may delay another job: what it lets in takes a place elsewhere', () => {
  const queued = [
    queuedJob({ id: 'a', machine: 'm1', queuedAt: 1 }),
    queuedJob({ id: 'b', machine: 'm2', queuedAt: 2 }),
    queuedJob({ id: 'c', machine: 'm11', queuedAt: 3 }),
  ]
  const started = (rack: number) =>
    admit(input({ queued, nowMs: 4, limits: { ...NO_LIMITS, at: { rack: { each: rack }, room: { each: 2 } } } }))
      .filter(({ start }) => start)
      .map(({ job }) => job)
  expect(started(1)).toEqual(['a', 'c'])
  expect(started(2)).toEqual(['a', 'b'])
})
