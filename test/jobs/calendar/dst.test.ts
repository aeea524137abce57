import { describe, expect, test } from 'vitest'
import { makeCalendar } from '../../../src/jobs/calendar/calendar.ts'
import { recurring } from '../../../src/jobs/calendar/spans.ts'

/** Starts that croner is asked for, found by another way: every minute of a stretch, with the clock of the zone. */
const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

function clockOf(timeZone: string): (atMs: number) => number {
  const format = new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', hour: 'numeric', minute: 'numeric' })
  return atMs => {
    const parts = Object.fromEntries(format.formatToParts(atMs).map(({ type, value }) => [type, Number(value)]))
    return (parts.hour ?? 0) * 60 + (parts.minute ?? 0)
  }
}

/** Once a day, when the clock shows `minute` first or skips it. */
function startsByClock(timeZone: string, minute: number, fromMs: number, toMs: number): number[] {
  const clock = clockOf(timeZone)
  const starts: number[] = []
  let before = clock(fromMs - MINUTE_MS)
  for (let at = fromMs; at < toMs; at += MINUTE_MS) {
    const now = clock(at)
    const skipped = now > before + 1 && before < minute && minute < now
    if ((now === minute || skipped) && at - (starts.at(-1) ?? -DAY_MS) > DAY_MS / 2) starts.push(at)
    before = now
  }
  return starts
}

const CHANGES = [
  ['Europe/London', '2026-03-29T01:00Z'],
  ['Europe/London', '2026-10-25T01:00Z'],
  ['America/New_York', '2026-03-08T07:00Z'],
  ['America/New_York', '2026-11-01T06:00Z'],
  ['Australia/Lord_Howe', '2026-10-03T15:30Z'],
  ['Australia/Lord_Howe', '2026-04-04T15:00Z'],
  ['Africa/Casablanca', '2026-02-15T02:00Z'],
  ['Asia/Kolkata', '2026-03-29T01:00Z'],
  ['UTC', '2026-03-29T01:00Z'],
] as const

/** Hours whose change is at hand, by quarters, and others. */
const TIMES = [0, 60, 75, 90, 105, 119, 120, 125, 149, 150, 165, 179, 180, 205, 1_320]

describe.each(CHANGES)('%s around %s', (timeZone, change) => {
  test.each(TIMES)('a window at minute %i of the day opens once a day, as its clock says', minute => {
    const fromMs = Date.parse(change) - 1.5 * DAY_MS
    const spanFrom = recurring(`${minute % 60} ${Math.floor(minute / 60)} * * *`, timeZone, 1)
    const starts: number[] = []
    for (let span = spanFrom(fromMs); span && span.startMs < fromMs + 3 * DAY_MS; span = spanFrom(span.endMs))
      starts.push(span.startMs)
    expect(starts.map(at => new Date(at).toISOString())).toEqual(
      startsByClock(timeZone, minute, fromMs, fromMs + 3 * DAY_MS).map(at => new Date(at).toISOString()),
    )
  })
})

test('a list of times in the skipped hour comes when it is over, each at most once', () => {
  const spanFrom = recurring('15,45 1 * * *', 'Europe/London', 5)
  expect(spanFrom(Date.parse('2026-03-29T00:00Z'))?.startMs).toBe(Date.parse('2026-03-29T01:00Z'))
  expect(spanFrom(Date.parse('2026-03-29T01:05Z'))?.startMs).toBe(Date.parse('2026-03-30T00:15Z'))
})

test('a duration is elapsed time: a night ends an hour later by the clock in spring, an hour earlier in autumn', () => {
  const calendar = makeCalendar({
    datacenters: [{ name: 'lon1', timeZone: 'Europe/London' }],
    windows: [
      { name: 'night', datacenters: [], tiers: [], schedule: '0 22 * * *', durationMinutes: 480, jitterMinutes: 0 },
    ],
    freezes: [],
  })
  const end = (at: string) => {
    const hours = calendar.hours({ datacenter: 'lon1' }, 'windows', Date.parse(at))
    return hours.open && new Date(hours.untilMs).toISOString()
  }
  expect(end('2026-03-28T23:00Z')).toBe('2026-03-29T06:00:00.000Z') // 7:00 in London
  expect(end('2026-10-24T23:00Z')).toBe('2026-10-25T05:00:00.000Z') // 5:00 in London
  expect(end('2026-06-10T23:00Z')).toBe('2026-06-11T05:00:00.000Z') // 6:00 in London
})
