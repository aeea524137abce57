import { expect, test } from 'vitest'
import { DEFAULT_LIMITS } from '../../../src/jobs/admission/limits.ts'
import { sentenceOf } from '../../../src/jobs/admission/reasons.ts'
import { makeCalendar } from '../../../src/jobs/calendar/calendar.ts'
import { playNight } from '../../jobs/support/night.ts'
import { faultsOf } from '../../jobs/support/observer.ts'
import { fleetTopology, HOUR_MS, input, manyJobs, MINUTE_MS, NOON } from '../../jobs/support/site.ts'

const ROUNDS = 96

test('a night of 10,000 machines with 4,000 jobs: no limit is exceeded, every wait is told, all teams get on', {
  timeout: 120_000,
}, () => {
  const topology = fleetTopology(10_000)
  const queued = manyJobs(topology, 4_000).map((job, at) => ({ ...job, batch: `batch-${at % 20}` }))
  const calendar = makeCalendar({
    datacenters: ['lon1', 'sto1', 'ash1', 'sjc1'].map(name => ({ name, timeZone: 'Europe/London' })),
    windows: [
      { name: 'night', datacenters: [], tiers: [], schedule: '0 22 * * *', durationMinutes: 480, jitterMinutes: 60 },
    ],
    freezes: [],
  })
  const batches = new Map(
    Array.from({ length: 20 }, (_, at) => [`batch-${at}`, { succeeded: 0, failed: 0, canary: 2 }]),
  )
  const first = input({ topology, queued, calendar, batches, limits: DEFAULT_LIMITS, nowMs: NOON + 8 * HOUR_MS })
  const faults: string[] = []
  const teams = new Map<string, number>()
  let told = 0
  const { startedAt } = playNight(first, {
    seed: 11,
    stepMs: 5 * MINUTE_MS,
    rounds: ROUNDS,
    failing: 0.03,
    watch: moment => {
      faults.push(...faultsOf(moment))
      for (const { team } of moment.started) teams.set(team, (teams.get(team) ?? 0) + 1)
      for (const one of moment.decisions) if (!one.start) told += Number(sentenceOf(one.wait).endsWith('.'))
    },
  })
  expect(faults).toEqual([])
  expect(startedAt.size).toBeGreaterThan(2_000)
  expect(told).toBeGreaterThan(10_000)
  expect(Math.min(...teams.values())).toBeGreaterThan(0.5 * Math.max(...teams.values()))
})
