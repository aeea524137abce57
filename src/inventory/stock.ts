import { type Kysely, sql } from 'kysely'
import type { Db } from '../db/schema.ts'

/** Machines of a datacenter and profile, by what can be done with them. */
export interface StockRow {
  datacenter: string
  /** null: machines that no profile was matched to yet. */
  profile: string | null
  total: number
  /** Can be given out now: in stock, and nothing wrong with them. */
  free: number
  /** Known, not yet qualified. */
  expected: number
  commissioning: number
  reserved: number
  inUse: number
  recycling: number
  /** On hold, broken or in maintenance, in whatever state. */
  held: number
  retired: number
}

const count = (condition: string) => sql.raw<number>(`(count(*) filter (where ${condition}))::integer`)

/** What there is, by datacenter and profile: one pass over an index, no table row is read. */
export async function stock(
  db: Kysely<Db>,
  filter: { datacenter?: string | undefined; profile?: string | undefined },
): Promise<StockRow[]> {
  let query = db
    .selectFrom('machine')
    .select(['datacenter', 'profile'])
    .select([
      count(`true`).as('total'),
      count(`lifecycle = 'available' and condition = 'ok'`).as('free'),
      count(`lifecycle in ('discovered', 'enrolled')`).as('expected'),
      count(`lifecycle = 'commissioning'`).as('commissioning'),
      count(`lifecycle = 'reserved'`).as('reserved'),
      count(`lifecycle in ('installing', 'in_use', 'rescuing')`).as('inUse'),
      count(`lifecycle = 'recycling'`).as('recycling'),
      count(`condition <> 'ok' and lifecycle <> 'retired'`).as('held'),
      count(`lifecycle = 'retired'`).as('retired'),
    ])
    .groupBy(['datacenter', 'profile'])
    .orderBy('datacenter')
    .orderBy('profile')
  if (filter.datacenter) query = query.where('datacenter', '=', filter.datacenter)
  if (filter.profile) query = query.where('profile', '=', filter.profile)
  return query.execute()
}
