import { expect, test } from 'vitest'
import { forecast } from '../../../src/jobs/admission/forecast.ts'
import { makeHistory } from '../../../src/jobs/admission/history.ts'
import { makeCalendar } from '../../../src/jobs/calendar/calendar.ts'
import { HOUR_MS, input, MINUTE_MS, NO_LIMITS, NOON, queuedJob, running } from '../support/site.ts'

const takes = { p50Ms: 10 * MINUTE_MS, p95Ms: 20 * MINUTE_MS }

test('jobs behind a limit are told one after the other, and what only a person frees, why', () => {
  const queued = ['m1', 'm2', 'm3'].map((machine, at) => queuedJob({ id: `j${at}`, machine, queuedAt: NOON - 10 + at }))
  const holder = running(queuedJob({ id: 'h', machine: 'm4' }), NOON - 4 * MINUTE_MS)
  const estimates = forecast({
    ...input({ queued: [...queued, queuedJob({ id: 'gone', machine: 'gone' })], running: [holder] }),
    limits: { ...NO_LIMITS, at: { rack: { each: 1 } } },
    runningTake: new Map([['h', takes]]),
  })
  const starts = queued.map(({ id }) => {
    const estimate = estimates.get(id)
    return estimate && 'startsAtMs' in estimate ? (estimate.startsAtMs - NOON) / MINUTE_MS : undefined
  })
  expect(starts).toEqual([6, 16, 26])
  expect(estimates.get('j0')).toEqual({
    startsAtMs: NOON + 6 * MINUTE_MS,
    endsAtMs: NOON + 16 * MINUTE_MS,
    endsLateMs: NOON + 26 * MINUTE_MS,
  })
  expect(estimates.get('gone')).toEqual({ wait: { code: 'machine-unknown', machine: 'gone' } })
})

test('what waits for a window is told its beginning; the rest of a batch, when its canary has succeeded', () => {
  const calendar = makeCalendar({
    datacenters: [{ name: 'lon1', timeZone: 'UTC' }],
    windows: [
      { name: 'night', datacenters: [], tiers: [], schedule: '0 22 * * *', durationMinutes: 480, jitterMinutes: 0 },
    ],
    freezes: [],
  })
  const queued = ['m1', 'm2'].map((machine, at) => queuedJob({ id: `j${at}`, machine, batch: 'b', obeys: 'windows' }))
  const batches = new Map([['b', { succeeded: 0, failed: 0, canary: 1 }]])
  const estimates = forecast({ ...input({ queued, batches, calendar }), runningTake: new Map() })
  expect(estimates.get('j0')).toMatchObject({ startsAtMs: NOON + 10 * HOUR_MS })
  const second = estimates.get('j1')
  const lateMs = second && 'startsAtMs' in second ? second.startsAtMs - (NOON + 10 * HOUR_MS + takes.p50Ms) : Infinity
  expect(lateMs).toBeGreaterThanOrEqual(0)
  expect(lateMs).toBeLessThanOrEqual(0.1 * 10.2 * HOUR_MS) // a tenth of the wait
})

test('history speaks for a kind on a hardware profile, else for the kind, else not', () => {
  const past = Array.from({ length: 20 }, (_, at) => ({
    kind: 'recycle',
    profile: at < 15 ? 'big' : 'small',
    tookMs: at + 1,
  }))
  const { durationOf } = makeHistory([...past, { kind: 'recycle', profile: 'rare', tookMs: 1_000 }])
  expect(durationOf('recycle', 'big', takes)).toEqual({ p50Ms: 8, p95Ms: 15 })
  expect(durationOf('recycle', 'rare', takes)).toEqual({ p50Ms: 11, p95Ms: 20 })
  expect(durationOf('install', 'big', takes)).toBe(takes)
})
