import { describe, expect, test } from 'vitest'
import { type CalendarDocuments, fits, makeCalendar, mayStartAt } from '../../../src/jobs/calendar/calendar.ts'
import { shareOfJob } from '../../../src/jobs/calendar/jitter.ts'

const all = { datacenters: [], tiers: [] }
const at = (text: string) => Date.parse(text)
const window = (name: string, schedule: string, durationMinutes: number, fields = {}) => ({
  name,
  ...all,
  schedule,
  durationMinutes,
  jitterMinutes: 0,
  ...fields,
})
const calendarOf = (fields: Partial<CalendarDocuments>) =>
  makeCalendar({
    datacenters: [
      { name: 'lon1', timeZone: 'Europe/London' },
      { name: 'ash1', timeZone: 'America/New_York' },
    ],
    windows: [window('night', '0 22 * * 1-5', 480)],
    freezes: [],
    ...fields,
  })
const lon1 = { datacenter: 'lon1', tier: 'core' as const }

describe('hours', () => {
  test('begin and end by the clock of each datacenter', () => {
    const { hours } = calendarOf({})
    expect(hours(lon1, 'windows', at('2026-06-10T21:00Z'))).toMatchObject({
      open: true,
      untilMs: at('2026-06-11T05:00Z'),
    })
    expect(hours({ datacenter: 'ash1' }, 'windows', at('2026-06-10T21:00Z'))).toEqual({
      open: false,
      freeze: undefined,
      next: { opensAtMs: at('2026-06-11T02:00Z'), window: 'night' },
    })
    expect(hours(lon1, 'windows', at('2026-06-11T05:00Z')).open).toBe(false) // [start, end)
  })

  test('are always open where no window is meant, and for what obeys none', () => {
    const { hours } = calendarOf({ windows: [window('core', '0 22 * * *', 60, { tiers: ['core'] })] })
    const noon = at('2026-06-10T12:00Z')
    expect(hours({ datacenter: 'lon1', tier: 'can-wait' }, 'windows', noon)).toMatchObject({
      open: true,
      untilMs: Infinity,
    })
    expect(hours({ datacenter: 'lon1' }, 'windows', noon).open).toBe(true)
    expect(hours(lon1, 'windows', noon).open).toBe(false)
    expect(hours(lon1, 'freezes', noon).open).toBe(true)
  })

  test('of windows that touch or overlap are one, up to a freeze', () => {
    const windows = [window('a', '0 20 * * *', 120), window('b', '0 22 * * *', 60), window('c', '30 22 * * *', 90)]
    const from = at('2026-01-10T21:00Z')
    expect(calendarOf({ windows }).hours(lon1, 'windows', from)).toMatchObject({ untilMs: at('2026-01-11T00:00Z') })
    const freeze = {
      name: 'gala',
      reason: 'x',
      ...all,
      startsAt: '2026-01-10T23:00:00Z',
      endsAt: '2026-01-12T00:00:00Z',
    }
    const frozen = calendarOf({ windows, freezes: [freeze] })
    const hours = frozen.hours(lon1, 'windows', from)
    expect(hours).toMatchObject({ untilMs: at('2026-01-10T23:00Z'), endsBy: { freeze: 'gala' } })
    expect(hours.open && fits(hours, from, 2 * 3_600_000)).toBe(true)
    expect(hours.open && fits(hours, from, 2 * 3_600_000 + 1)).toBe(false)
    expect(frozen.hours(lon1, 'windows', at('2026-01-11T21:00Z'))).toEqual({
      open: false,
      freeze: { name: 'gala', reason: 'x', untilMs: at('2026-01-12T00:00Z') },
      next: { opensAtMs: at('2026-01-12T20:00Z'), window: 'a' },
    })
  })

  test('of a recurring freeze: no Fridays for core services, and Friday is one of the place', () => {
    const freezes = [
      {
        name: 'friday',
        reason: 'the weekend',
        ...all,
        tiers: ['core' as const],
        schedule: '0 0 * * 5',
        durationMinutes: 1_440,
      },
    ]
    const { hours } = calendarOf({ windows: [], freezes })
    expect(hours(lon1, 'freezes', at('2026-06-11T23:30Z')).open).toBe(false) // 0:30 on Friday in London
    expect(hours({ ...lon1, datacenter: 'ash1' }, 'freezes', at('2026-06-11T23:30Z')).open).toBe(true)
    expect(hours({ datacenter: 'lon1', tier: 'can-wait' }, 'freezes', at('2026-06-12T12:00Z')).open).toBe(true)
    expect(hours(lon1, 'nothing', at('2026-06-12T12:00Z')).open).toBe(true)
  })

  test('do not depend on what was asked before', () => {
    const windows = [window('hours', '0 8-12 * * *', 60), window('month', '0 3 1 * *', 600)]
    const used = calendarOf({ windows })
    for (let hour = 0; hour < 24 * 40; hour += 29) {
      const time = at('2026-03-01T00:00Z') + hour * 3_600_000
      expect(used.hours(lon1, 'windows', time)).toEqual(calendarOf({ windows }).hours(lon1, 'windows', time))
    }
  })
})

test('jitter spreads the starts of jobs over the beginning of a window, each job always at its own time', () => {
  const { hours } = calendarOf({ windows: [window('night', '0 22 * * *', 480, { jitterMinutes: 100 })] })
  const now = hours(lon1, 'windows', at('2026-01-10T22:00Z'))
  const minutes = Array.from({ length: 1_000 }, (_, id) => {
    const start = now.open ? mayStartAt(now, `job-${id}`) : undefined
    return ((start?.atMs ?? 0) - at('2026-01-10T22:00Z')) / 60_000
  })
  const tenths = Object.groupBy(minutes, minute => Math.floor(minute / 10))
  expect(Object.keys(tenths)).toHaveLength(10)
  for (const starts of Object.values(tenths)) expect(starts?.length).toBeGreaterThan(60)
  expect(shareOfJob('job-1')).toBe(shareOfJob('job-1'))
})
