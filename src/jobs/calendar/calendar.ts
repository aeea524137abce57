import type { Document } from '../../inventory/documents/kinds.ts'
import { shareOfJob } from './jitter.ts'
import { type Span, type SpanFrom, spansOfFreeze, spansOfWindow } from './spans.ts'

type Tier = Document<'service'>['tier']

/** Where and for whom work is. Without a tier (a machine of no service) only what is meant for all tiers counts. */
export interface Scope {
  datacenter: string
  tier?: Tier | undefined
}

export interface CalendarDocuments {
  datacenters: readonly Pick<Document<'datacenter'>, 'name' | 'timeZone'>[]
  windows: readonly Document<'window'>[]
  freezes: readonly Document<'freeze'>[]
}

/** What work keeps to. A person who has to act at once keeps to nothing; what a developer waits for, to freezes only. */
export const OBEYS = ['windows', 'freezes', 'nothing'] as const
export type Obeys = (typeof OBEYS)[number]

export interface OpenWindow extends Span {
  name: string
  jitterMs: number
}

/** Infinity: no end, as no window limits this scope. */
export interface Open {
  open: true
  untilMs: number
  /** What ends it: a freeze by its name, or the last window. */
  endsBy: { freeze: string } | undefined
  windows: readonly OpenWindow[]
}

export interface Closed {
  open: false
  /** Of several freezes the one that lasts longest. Undefined: it is only that no window is open. */
  freeze: { name: string; reason: string; untilMs: number } | undefined
  /** When work may start again, by which window (undefined: none limits this scope). Undefined: never, as it stands. */
  next: { opensAtMs: number; window: string | undefined } | undefined
}

export type Hours = Open | Closed

interface Rule {
  name: string
  spanFrom: SpanFrom
  jitterMs: number
  reason: string
  covers: (scope: Scope) => boolean
}

/** The rules of one scope: what `hours` looks at. */
interface Rules {
  windows: readonly Rule[]
  freezes: readonly Rule[]
}

export interface Calendar {
  /** How things stand for a scope at a time. @throws never: an unknown datacenter has no rules, so is open. */
  hours: (scope: Scope, obeys: Obeys, atMs: number) => Hours
}

/** Freezes that follow each other, windows that touch: beyond this many, what was found so far counts. */
const MAX_HOPS = 100
/** Windows that overlap for ever have no end to find. No job takes longer than this. */
const FAR_MS = 48 * 3_600_000
const NO_RULES: Rules = { windows: [], freezes: [] }

/** Reads the documents once. A scope that no window covers is always open: windows limit only those they name. */
export function makeCalendar({ datacenters, windows, freezes }: CalendarDocuments): Calendar {
  const rules = new Map(
    datacenters.map(({ name, timeZone }) => {
      const here = (one: { datacenters: readonly string[] }) =>
        one.datacenters.length === 0 || one.datacenters.includes(name)
      return [
        name,
        {
          windows: windows.filter(here).map(one => ruleOf(one, spansOfWindow(one, timeZone))),
          freezes: freezes.filter(here).map(one => ruleOf(one, spansOfFreeze(one, timeZone))),
        },
      ]
    }),
  )
  const rulesFor = (scope: Scope, obeys: Obeys): Rules => {
    const all = obeys === 'nothing' ? NO_RULES : (rules.get(scope.datacenter) ?? NO_RULES)
    return {
      windows: obeys === 'windows' ? all.windows.filter(rule => rule.covers(scope)) : [],
      freezes: all.freezes.filter(rule => rule.covers(scope)),
    }
  }
  return { hours: (scope, obeys, atMs) => hoursAt(rulesFor(scope, obeys), atMs) }
}

function ruleOf(one: Document<'window'> | Document<'freeze'>, spanFrom: SpanFrom): Rule {
  return {
    name: one.name,
    spanFrom,
    jitterMs: 'jitterMinutes' in one ? one.jitterMinutes * 60_000 : 0,
    reason: 'reason' in one ? one.reason : '',
    covers: ({ tier }) => one.tiers.length === 0 || (tier !== undefined && one.tiers.includes(tier)),
  }
}

function hoursAt(rules: Rules, atMs: number): Hours {
  const freeze = longestOf(rules.freezes, atMs)
  const windows = openWindows(rules, atMs)
  if (!freeze && (windows.length > 0 || rules.windows.length === 0))
    return { open: true, ...endOf(rules, windows, atMs), windows }
  return {
    open: false,
    freeze: freeze && { name: freeze.rule.name, reason: freeze.rule.reason, untilMs: freeze.span.endMs },
    next: nextOpening(rules, atMs),
  }
}

interface Lasting {
  rule: Rule
  span: Span
}

function lastingAt(rules: readonly Rule[], atMs: number): Lasting[] {
  return rules.flatMap(rule => {
    const span = rule.spanFrom(atMs)
    return span && span.startMs <= atMs ? [{ rule, span }] : []
  })
}

const longestOf = (rules: readonly Rule[], atMs: number): Lasting | undefined =>
  lastingAt(rules, atMs).reduce<Lasting | undefined>(
    (longest, one) => (longest && longest.span.endMs >= one.span.endMs ? longest : one),
    undefined,
  )

const openWindows = (rules: Rules, atMs: number): OpenWindow[] =>
  lastingAt(rules.windows, atMs).map(({ rule, span }) => ({ name: rule.name, jitterMs: rule.jitterMs, ...span }))

function endOf(rules: Rules, windows: readonly OpenWindow[], atMs: number): Pick<Open, 'untilMs' | 'endsBy'> {
  let untilMs = windows.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...windows.map(one => one.endMs))
  for (let hop = 0; hop < MAX_HOPS && untilMs < atMs + FAR_MS; hop += 1) {
    const next = longestOf(rules.windows, untilMs)
    if (!next) break
    untilMs = next.span.endMs
  }
  const starts = rules.freezes.map(rule => ({ freeze: rule.name, atMs: rule.spanFrom(atMs)?.startMs ?? Infinity }))
  const first = starts.toSorted((a, b) => a.atMs - b.atMs)[0]
  if (!first || first.atMs >= untilMs) return { untilMs, endsBy: undefined }
  return { untilMs: first.atMs, endsBy: { freeze: first.freeze } }
}

function nextOpening(rules: Rules, fromMs: number): Closed['next'] {
  let atMs: number | undefined = fromMs
  for (let hop = 0; hop < MAX_HOPS && atMs !== undefined; hop += 1) {
    const freeze = longestOf(rules.freezes, atMs)
    const [window] = openWindows(rules, atMs)
    if (freeze) atMs = freeze.span.endMs
    else if (window || rules.windows.length === 0) return { opensAtMs: atMs, window: window?.name }
    else atMs = nextWindow(rules, atMs)
  }
  return undefined
}

function nextWindow(rules: Rules, atMs: number): number | undefined {
  const starts = rules.windows.map(rule => rule.spanFrom(atMs)?.startMs ?? Infinity)
  const first = Math.min(...starts)
  return Number.isFinite(first) ? first : undefined
}

/** When a job may start in hours that are open: each window lets its jobs in over its jitter, each job at its own time. */
export function mayStartAt({ windows }: Open, job: string): { window: string; atMs: number } | undefined {
  if (windows.every(one => one.jitterMs === 0)) return undefined
  const share = shareOfJob(job)
  const times = windows.map(one => ({ window: one.name, atMs: one.startMs + Math.floor(share * one.jitterMs) }))
  return times.reduce((first, one) => (one.atMs < first.atMs ? one : first))
}

export const fits = (hours: Open, atMs: number, lengthMs: number): boolean => atMs + lengthMs <= hours.untilMs
