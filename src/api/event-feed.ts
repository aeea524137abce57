import { setTimeout as sleep } from 'node:timers/promises'
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
  slow: boolean
  wake: () => void
}

/**
 * The timeline as it happens, for any number of followers in this process: new events are read once for all of them.
 * `hint` is called for every NOTIFY; nothing is read while nobody follows.
 */
export class EventFeed {
  readonly db: Kysely<Db>
  readonly log: Logger
  readonly pollMs: number
  readonly followers = new Set<Follower>()
  readonly closing = new AbortController()
  /** The last event that was handed out. Only `inTurn` moves it: else one could set it back, and events came twice. */
  tail = 0
  turn: Promise<unknown> = Promise.resolve()
  hinted = false
  pausing = new AbortController()
  pumping: Promise<void> | undefined
  constructor(db: Kysely<Db>, log: Logger, pollMs = POLL_MS) {
    this.db = db
    this.log = log
    this.pollMs = pollMs
  }

  hint(): void {
    this.hinted = true
    this.pausing.abort()
    if (this.followers.size > 0) this.pumping ??= this.pump().finally(() => (this.pumping = undefined))
  }

  async close(): Promise<void> {
    this.closing.abort()
    this.pausing.abort()
    for (const follower of this.followers) follower.wake()
    await this.pumping
  }

  /**
   * Batches of events behind `after` (undefined: from now on, when this resolves) until `signal`. Ends early for a
   * follower that is too slow. The batches have to be read: a follower stays until they end.
   */
  async follow(
    after: number | undefined,
    filter: EventFilter,
    signal: AbortSignal,
  ): Promise<AsyncGenerator<TimelineEvent[]>> {
    const follower: Follower = { filter, queue: [], slow: false, wake: () => undefined }
    const until = await this.join(follower)
    return this.deliver(follower, { after, until }, AbortSignal.any([signal, this.closing.signal]))
  }

  async *deliver(
    follower: Follower,
    { after, until }: { after: number | undefined; until: number },
    ended: AbortSignal,
  ): AsyncGenerator<TimelineEvent[]> {
    const poll = setInterval(() => this.hint(), this.pollMs)
    try {
      if (after !== undefined) yield* this.catchUp(after, until, follower.filter, ended)
      while (!ended.aborted && !follower.slow) {
        if (follower.queue.length > 0) yield follower.queue.splice(0)
        else await nextWake(follower, ended)
      }
    } finally {
      clearInterval(poll)
      this.followers.delete(follower)
    }
  }

  /**
   * Adds a follower and tells the event that live ones come after. The tail is brought up to date before: who comes back
   * with an event that we have not handed out yet would get it again.
   */
  join(follower: Follower): Promise<number> {
    return this.inTurn(async () => {
      if (this.followers.size === 0) this.tail = await newestEvent(this.db)
      else for (let read = BATCH; read === BATCH; ) read = (await this.advance()).length
      this.followers.add(follower)
      return this.tail
    })
  }

  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.turn.then(work)
    this.turn = mine.catch(() => undefined)
    return mine
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
    for (let empty = 0; !this.closing.signal.aborted && this.followers.size > 0 && empty < RETRY_MS.length; ) {
      this.hinted = false
      const events = await this.readNew()
      if (events.length > 0) empty = 0
      else {
        await this.pause(RETRY_MS[empty])
        empty = this.hinted ? 0 : empty + 1
      }
    }
  }

  /** A hint ends it: what just happened is not kept waiting. */
  async pause(ms: number | undefined): Promise<void> {
    if (this.hinted || this.closing.signal.aborted) return
    this.pausing = new AbortController()
    await sleep(ms, undefined, { signal: this.pausing.signal }).catch(() => undefined)
  }

  async readNew(): Promise<readonly TimelineEvent[]> {
    try {
      return await this.inTurn(() => this.advance())
    } catch (error) {
      // The next poll tries again; followers see a pause, not an end.
      this.log.warn({ err: error }, 'new events could not be read')
      return []
    }
  }

  async advance(): Promise<readonly TimelineEvent[]> {
    const events = await readAfter(this.db, { after: this.tail }, {}, BATCH)
    this.tail = events.at(-1)?.id ?? this.tail
    for (const follower of this.followers) if (!push(follower, events)) this.followers.delete(follower)
    return events
  }
}

/** False for a follower that has fallen too far behind: it ends, and what it did not take is not kept. */
function push(follower: Follower, events: readonly TimelineEvent[]): boolean {
  const wanted = events.filter(event => matches(event, follower.filter))
  if (wanted.length === 0) return true
  follower.queue.push(...wanted)
  follower.slow = follower.queue.length > QUEUE_MAX
  if (follower.slow) follower.queue = []
  follower.wake()
  return !follower.slow
}

const matches = (event: TimelineEvent, { machine, kind, source }: EventFilter): boolean =>
  (machine === undefined || event.machine === machine) &&
  (kind === undefined || event.kind === kind) &&
  (source === undefined || event.source === source)

function nextWake(follower: Follower, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    follower.wake = () => {
      signal.removeEventListener('abort', follower.wake)
      resolve()
    }
    signal.addEventListener('abort', follower.wake)
  })
}
