import { UsageError } from './failure.ts'

const UNITS_MS: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 }

/** A time to come, in ISO 8601: from now on (`90m`, `4h`, `30d`, `2w`) or as it is written. @throws UsageError */
export function momentOf(text: string, option: string, now: Date): string {
  const [, count, unit = ''] = /^(\d{1,4})([mhdw])$/.exec(text) ?? []
  if (count !== undefined) return new Date(now.getTime() + Number(count) * (UNITS_MS[unit] ?? 0)).toISOString()
  // Without a zone it would mean another time on each desk.
  if (
    /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/.test(text) &&
    !Number.isNaN(Date.parse(text))
  )
    return new Date(text).toISOString()
  throw new UsageError(
    `${option} has to be a time to come such as 90m, 4h, 30d or 2026-12-24T18:00:00Z, got '${text}'.`,
  )
}
