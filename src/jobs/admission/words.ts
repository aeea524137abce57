/** `2026-03-29 01:00 UTC`, by the minute, a started one as the next: nobody comes too early. */
export function time(atMs: number): string {
  const iso = new Date(Math.ceil(atMs / 60_000) * 60_000).toISOString()
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`
}

/** `1 h 05 min`, `12 min`; a started minute counts. */
export function span(ms: number): string {
  const minutes = Math.ceil(ms / 60_000)
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`
}

const SUFFIXES = new Map([
  ['one', 'st'],
  ['two', 'nd'],
  ['few', 'rd'],
])
const rules = new Intl.PluralRules('en', { type: 'ordinal' })

/** `1st`, `2nd`, `3rd`, `11th` */
export const ordinal = (count: number): string => `${count}${SUFFIXES.get(rules.select(count)) ?? 'th'}`
