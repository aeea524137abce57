import { once } from 'node:events'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type EventFilter, newestEvent, type TimelineEvent } from '../inventory/timeline.ts'
import type { TimelineEvent as EventView } from './contract/events.ts'
import type { Parts } from './handle.ts'
import { isValid } from './tokens.ts'

/** Keeps proxies and firewalls from forgetting a quiet connection. */
const HEARTBEAT_MS = 15_000
/** How soon a browser comes back after the connection ended. */
const RECONNECT_MS = 2_000
/** A client that takes nothing for so long is cut off, and comes back with Last-Event-ID. */
const DRAIN_TIMEOUT_MS = 30_000

export function eventView(event: TimelineEvent): EventView {
  return { ...event, at: event.at.toISOString() }
}

/** A page of events, newest first, with where the next one begins. */
export function pageBack(events: readonly TimelineEvent[], limit: number): { items: EventView[]; next?: number } {
  const next = events.length === limit ? events.at(-1)?.id : undefined
  return { items: events.map(eventView), ...(next !== undefined && { next }) }
}

/** Server-sent events (WHATWG HTML, 9.2) until the client goes, falls too far behind, or loses its right to see them. */
export async function streamEvents(
  { db, feed, metrics }: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
  after: number | undefined,
  filter: EventFilter,
): Promise<void> {
  const { raw } = reply
  const gone = new AbortController()
  const ended = AbortSignal.any([gone.signal, feed.closing.signal])
  raw.on('close', () => gone.abort())
  raw.on('error', () => gone.abort())
  // Before the answer begins: whoever has heard from us misses nothing that happens then.
  const start = after ?? (await newestEvent(db))
  const batches = await feed.follow(start, filter, gone.signal)
  reply.hijack()
  raw.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    'x-request-id': request.id,
  })
  // The id alone: whoever is cut off before the first event comes back to where it began.
  raw.write(`retry: ${RECONNECT_MS}\nid: ${start}\n\n`)
  const heartbeat = setInterval(() => {
    raw.write(': still here\n\n')
    // A token that is revoked or ends is one at once, for a stream that is open too.
    void isValid(db, request.actor?.name ?? '').then(
      valid => (valid ? undefined : gone.abort()),
      () => undefined,
    )
  }, HEARTBEAT_MS)
  metrics.eventStreams.inc()
  try {
    for await (const events of batches) {
      const flushed = raw.write(events.map(asMessage).join(''))
      if (!flushed && !(await drained(raw, ended))) break
    }
  } catch (error) {
    // The answer has begun, so there is no problem document to send: the client resumes with Last-Event-ID.
    request.log.warn({ err: error }, 'an event stream ended')
  } finally {
    clearInterval(heartbeat)
    metrics.eventStreams.dec()
    // To whoever does not read there is no way to say goodbye, and waiting for it would keep the process from stopping.
    if (raw.writableNeedDrain) raw.destroy()
    else raw.end()
  }
}

const asMessage = (event: TimelineEvent): string => `id: ${event.id}\ndata: ${JSON.stringify(eventView(event))}\n\n`

/** False when the client did not take what was sent to it in time. */
async function drained(raw: NodeJS.EventEmitter, signal: AbortSignal): Promise<boolean> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(DRAIN_TIMEOUT_MS)])
  return once(raw, 'drain', { signal: limit }).then(
    () => true,
    () => false,
  )
}
