import { CronPattern } from 'croner'
import { Type } from 'typebox'
import Format from 'typebox/format'
import { oneOf } from '../../lib/schema.ts'
import { Label, Line, list, Timestamp } from './fields.ts'
import { TIERS } from './services.ts'

Format.Set('cron', isCron)

function isCron(text: string): boolean {
  try {
    const pattern = new CronPattern(text)
    return text.trim().split(/\s+/).length === 5 && pattern.pattern.length > 0
  } catch {
    return false
  }
}

const Cron = Type.String({ format: 'cron', maxLength: 100, description: 'five cron fields such as "0 22 * * 1-5"' })
const Minutes = Type.Integer({ minimum: 1, maximum: 10_080, description: '1 to 10080 minutes (a week)' })
/** Empty lists mean all. Schedules are read in each datacenter's own time zone. */
const scope = { datacenters: list(Label, 100), tiers: list(oneOf(TIERS), TIERS.length) }

/** When risky work may start. */
export const Window = Type.Object(
  {
    name: Label,
    ...scope,
    schedule: Cron,
    durationMinutes: Minutes,
    jitterMinutes: Type.Integer({
      default: 0,
      minimum: 0,
      maximum: 10_080,
      description: '0 to durationMinutes minutes',
    }),
  },
  { additionalProperties: false },
)

/** When no risky work may start: once (startsAt, endsAt), or again and again (schedule, durationMinutes). */
export const Freeze = Type.Object(
  {
    name: Label,
    reason: Line,
    ...scope,
    startsAt: Type.Optional(Timestamp),
    endsAt: Type.Optional(Timestamp),
    schedule: Type.Optional(Cron),
    durationMinutes: Type.Optional(Minutes),
  },
  { additionalProperties: false },
)
