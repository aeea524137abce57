import type { Kysely } from 'kysely'
import type { Db } from '../db/schema.ts'
import { type EventFilter, newestEvent, readAfter, type TimelineEvent } from '../inventory/timeline.ts'
import type { Logger } from '../lib/log.ts'

const BATCH = 500
/** Hints can be lost; the table is looked at this often while somebody follows. */
const POLL_MS = 5_000
/** After a hint the event may not be readable yet: an older transaction is still open. Then it is looked for again. */
const RETRY_MS = [20, 50, 100, 200, 400, 800]
/** Whoever falls behind further is cut off, and comes back with Last-Event-ID. */
const QUEUE_MAX = 10_000

interface Follower {
  filter: EventFilter
  queue: TimelineEvent[]
  wake: () => void
}

/**
 * The timeline as it happens, for any number of followers in this process: new events are read once for all of them.
 * `hint` is called for every NOTIFY; nothing is read while nobody follows.
 */
export class EventFeed {
  readonly db: Kysely<Db>
  readonly log: Logger
  readonly followers = new Set<Follower>()
  readonly closing = new AbortController()
  /** The last event that was handed out. */
  tail = 0
  hinted = false
  pumping: Promise<void> | undefined
  constructor(db: Kysely<Db>, log: Logger) {
    this.db = db
    this.log = log
  }

  hint(): void {
    this.hinted = true
    if (this.followers.size > 0) this.pumping ??= this.pump().finally(() => (this.pumping = undefined))
  }

  async close(): Promise<void> {
    this.closing.abort()
    for (const follower of this.followers) follower.wake()
    await this.pumping
  }

  /** Batches of events behind `after` (undefined: from now on) until `signal`. Ends early for a follower that is too slow. */
  async *follow(after: number | undefined, filter: EventFilter, signal: AbortSignal): AsyncGenerator<TimelineEvent[]> {
    const ended = AbortSignal.any([signal, this.closing.signal])
    const newest = this.followers.size === 0 ? await newestEvent(this.db) : 0
    // Another may have come while we asked: then the tail moves already, and must not go back.
    if (this.followers.size === 0) this.tail = newest
    const until = this.tail
    const follower: Follower = { filter, queue: [], wake: () => undefined }
    this.followers.add(follower)
    const poll = setInterval(() => this.hint(), POLL_MS)
    try {
      if (after !== undefined) yield* this.catchUp(after, until, filter, ended)
      while (!ended.aborted) {
        if (follower.queue.length > QUEUE_MAX) return
        if (follower.queue.length > 0) yield follower.queue.splice(0)
        else await nextWake(follower, ended)
      }
    } finally {
      clearInterval(poll)
      this.followers.delete(follower)
    }
  }

  /** What happened before the follower came, up to where the live events take over. */
  async *catchUp(
    after: number,
    until: number,
    filter: EventFilter,
    signal: AbortSignal,
  ): AsyncGenerator<TimelineEvent[]> {
    for (let from = after; !signal.aborted; ) {
      const events = await readAfter(this.db, { after: from, until }, filter, BATCH)
      if (events.length > 0) yield events
      if (events.length < BATCH) return
      from = events.at(-1)?.id ?? until
    }
  }

  /** Reads what is new and hands it out, until there is no more and no hint came meanwhile. */
  async pump(): Promise<void> {
    for (let empty = 0; !this.closing.signal.aborted && empty < RETRY_MS.length; ) {
      this.hinted = false
      const events = await this.readNew()
      if (events.length > 0) empty = 0
      else {
        await pause(RETRY_MS[empty] ?? 0, this.closing.signal)
        empty = this.hinted ? 0 : empty + 1
      }
    }
  }

  async readNew(): Promise<TimelineEvent[]> {
    try {
      const events = await readAfter(this.db, { after: this.tail }, {}, BATCH)
      this.tail = events.at(-1)?.id ?? this.tail
      for (const follower of this.followers) push(follower, events)
      return events
    } catch (error) {
      // The next poll tries again; followers see a pause, not an end.
      this.log.warn({ err: error }, 'new events could not be read')
      return []
    }
  }
}

function push(follower: Follower, events: readonly TimelineEvent[]): void {
  const wanted = events.filter(event => matches(event, follower.filter))
  if (wanted.length === 0) return
  follower.queue.push(...wanted)
  follower.wake()
}

const matches = (event: TimelineEvent, { machine, kind, source }: EventFilter): boolean =>
  (machine === undefined || event.machine === machine) &&
  (kind === undefined || event.kind === kind) &&
  (source === undefined || event.source === source)

function nextWake(follower: Follower, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    follower.wake = resolve
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true })
  })
}
