import { Cron } from 'croner'
import type { Static } from 'typebox'
import type { Freeze, Window } from '../../inventory/documents/calendar.ts'

/** Milliseconds since 1970, [startMs, endMs). */
export interface Span {
  startMs: number
  endMs: number
}

/** The first span that ends after `atMs`: it lasts at that time, or it is the next one. Undefined: none ever. */
export type SpanFrom = (atMs: number) => Span | undefined

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
/** Spans that touch are one. A chain of more joins is told up to here; it is looked at again as time goes on. */
const MAX_JOINS = 32

/**
 * Spans of a cron schedule. A duration is elapsed time, as in RFC 5545 §3.3.6: 22:00 for eight hours ends at 7:00 in the
 * night that skips an hour. croner 11 was measured (test/jobs/calendar/dst.test.ts): a fixed time that the clock skips
 * comes when the skip is over, one that the clock shows twice comes the first time only, and a time with `*` in it is
 * left out in the skipped hour and comes twice in the doubled one. Only its search forward does so: `match()` is true
 * at both of the doubled times, so it is not used here.
 */
export function recurring(pattern: string, timeZone: string, durationMinutes: number): SpanFrom {
  const cron = new Cron(pattern, { timezone: timeZone, mode: '5-part', fixedTimeRule: 'no-wildcard' })
  const lengthMs = durationMinutes * MINUTE_MS
  const nextAfter = (atMs: number): number | undefined => cron.nextRun(new Date(atMs))?.getTime()
  return remembered(atMs => {
    const latest = latestStart(nextAfter, atMs, lengthMs)
    const start = latest ?? nextAfter(atMs)
    return start === undefined ? { joins: 0 } : joined(nextAfter, start, lengthMs)
  })
}

/** A span given by its two ends. */
function once(startsAt: string, endsAt: string): SpanFrom {
  const span = { startMs: Date.parse(startsAt), endMs: Date.parse(endsAt) }
  return atMs => (atMs < span.endMs ? span : undefined)
}

type NextAfter = (atMs: number) => number | undefined

/** The latest start in (atMs - withinMs, atMs]. Where starts are minutes apart, it looks from ever further back. */
function latestStart(nextAfter: NextAfter, atMs: number, withinMs: number): number | undefined {
  const first = nextAfter(atMs - withinMs)
  if (first === undefined || first > atMs) return undefined
  for (let backMs = HOUR_MS; backMs < withinMs; backMs *= 2) {
    const latest = lastOf(nextAfter, atMs - backMs, atMs)
    if (latest !== undefined) return latest
  }
  return lastOf(nextAfter, first - 1, atMs)
}

function lastOf(nextAfter: NextAfter, fromMs: number, toMs: number): number | undefined {
  let last: number | undefined
  for (let at = nextAfter(fromMs); at !== undefined && at <= toMs; at = nextAfter(at)) last = at
  return last
}

interface Found {
  span?: Span
  joins: number
}

function joined(nextAfter: NextAfter, start: number, lengthMs: number): Found {
  let startMs = start
  let endMs = start + lengthMs
  let back = 0
  for (; back < MAX_JOINS; back += 1) {
    const before = latestStart(nextAfter, startMs - 1, lengthMs)
    if (before === undefined) break
    startMs = before
  }
  let forward = 0
  for (; forward < MAX_JOINS; forward += 1) {
    const after = latestStart(nextAfter, endMs, lengthMs)
    if (after === undefined) break
    endMs = after + lengthMs
  }
  return { span: { startMs, endMs }, joins: Math.max(back, forward) }
}

/** So many spans of a rule are remembered: those of the coming days. */
const REMEMBERED = 16
const LOOK_AGAIN_MS = 15 * MINUTE_MS

/** A schedule costs a tenth of a millisecond to evaluate; what it said holds until the span is over. */
function remembered(find: (atMs: number) => Found): SpanFrom {
  const known: { fromMs: number; toMs: number; span: Span }[] = []
  return atMs => {
    const hit = known.find(({ fromMs, toMs }) => atMs >= fromMs && atMs < toMs)
    if (hit) return hit.span
    const { span, joins } = find(atMs)
    if (!span) return undefined
    // The ends of a chain that was cut short lie further away as time goes on: it is looked at again.
    if (joins < MAX_JOINS) known.push({ fromMs: Math.min(atMs, span.startMs), toMs: span.endMs, span })
    else known.push({ fromMs: atMs, toMs: Math.min(atMs + LOOK_AGAIN_MS, span.endMs), span })
    if (known.length > REMEMBERED) known.shift()
    return span
  }
}

/** Of a freeze: `check` lets in only those with both ends, or with schedule and duration. */
export function spansOfFreeze(freeze: Static<typeof Freeze>, timeZone: string): SpanFrom {
  const { startsAt, endsAt, schedule, durationMinutes } = freeze
  if (schedule !== undefined && durationMinutes !== undefined) return recurring(schedule, timeZone, durationMinutes)
  return once(startsAt ?? '', endsAt ?? '')
}

export const spansOfWindow = ({ schedule, durationMinutes }: Static<typeof Window>, timeZone: string): SpanFrom =>
  recurring(schedule, timeZone, durationMinutes)
