import { type Kysely, type SqlBool, sql } from 'kysely'
import type { Db, Json } from '../db/schema.ts'

/** What a room reports. `actor` is who did it, for changes that somebody asked for. Never put a secret into `data`. */
export interface NewEvent {
  source: string
  kind: string
  machine?: number | undefined
  job?: number
  request?: number
  actor?: string
  data?: object
}

export interface TimelineEvent {
  id: number
  at: Date
  /** The machine's name, as far as it still exists. */
  machine: string | null
  job: number | null
  request: number | null
  source: string
  kind: string
  actor: string | null
  data: Json
}

export interface EventFilter {
  machine?: string | undefined
  source?: string | undefined
  kind?: string | undefined
}

/** PostgreSQL takes at most 65,535 parameters in a statement. */
const ROWS_A_STATEMENT = 1_000

/** Appends events, best in the transaction of what they tell. */
export async function record(db: Kysely<Db>, events: readonly NewEvent[]): Promise<void> {
  for (let at = 0; at < events.length; at += ROWS_A_STATEMENT) {
    const rows = events
      .slice(at, at + ROWS_A_STATEMENT)
      .map(({ data = {}, machine, job, request, actor, ...event }) => ({
        ...event,
        machine: machine ?? null,
        job: job ?? null,
        request: request ?? null,
        actor: actor ?? null,
        data: JSON.stringify(data),
      }))
    await db.insertInto('event').values(rows).execute()
  }
}

/**
 * At most `limit` events of a range, oldest first, in the one order that never gains an
 * event behind a reader: by transaction, then id, and only of transactions that no older one can still precede.
 */
export async function readAfter(
  db: Kysely<Db>,
  range: EventRange,
  filter: EventFilter,
  limit: number,
): Promise<TimelineEvent[]> {
  let query = selectEvents(db, filter)
    .where(sql<SqlBool>`event.txid < pg_snapshot_xmin(pg_current_snapshot())`)
    .where(sql<SqlBool>`(event.txid, event.id) > ${placeOf(range.after)}`)
  if (range.until !== undefined) query = query.where(sql<SqlBool>`(event.txid, event.id) <= ${placeOf(range.until)}`)
  return query.orderBy('event.txid').orderBy('event.id').limit(limit).execute()
}

/** From behind the event `after` (0: from the first), up to the event `until` with it. */
export interface EventRange {
  after: number
  until?: number
}

/** An event's place in the order. One that is not known stands before all. */
const placeOf = (id: number) => sql`(coalesce((select e.txid from event e where e.id = ${id}), '0'), ${id}::bigint)`

/** The newest `limit` events before the event `before`, newest first: for people who look at what happened. */
export async function readBefore(
  db: Kysely<Db>,
  before: number,
  filter: EventFilter,
  limit: number,
): Promise<TimelineEvent[]> {
  return selectEvents(db, filter).where('event.id', '<', before).orderBy('event.id', 'desc').limit(limit).execute()
}

/** The newest event that `readAfter` could give: where a reader starts who wants only what comes. 0 if there is none. */
export async function newestEvent(db: Kysely<Db>): Promise<number> {
  const row = await db
    .selectFrom('event')
    .select('id')
    .where(sql<SqlBool>`txid < pg_snapshot_xmin(pg_current_snapshot())`)
    .orderBy('txid', 'desc')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.id ?? 0
}

function selectEvents(db: Kysely<Db>, filter: EventFilter) {
  let query = db
    .selectFrom('event')
    .leftJoin('machine', 'machine.id', 'event.machine')
    .select(['event.id', 'event.at', 'machine.name as machine', 'event.job', 'event.request'])
    .select(['event.source', 'event.kind', 'event.actor', 'event.data'])
  if (filter.machine) query = query.where('event.machine', '=', machineId(db, filter.machine))
  if (filter.source) query = query.where('event.source', '=', filter.source)
  if (filter.kind) query = query.where('event.kind', '=', filter.kind)
  return query
}

const machineId = (db: Kysely<Db>, name: string) => db.selectFrom('machine').select('id').where('name', '=', name)
