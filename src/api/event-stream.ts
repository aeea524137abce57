import type { FastifyReply, FastifyRequest } from 'fastify'
import type { EventFilter, TimelineEvent } from '../inventory/timeline.ts'
import type { TimelineEvent as EventView } from './contract/events.ts'
import type { Parts } from './handle.ts'

/** Keeps proxies and firewalls from forgetting a quiet connection. */
const HEARTBEAT_MS = 15_000
/** How soon a browser comes back after the connection ended. */
const RECONNECT_MS = 2_000

export function eventView(event: TimelineEvent): EventView {
  return { ...event, at: event.at.toISOString() }
}

/** Server-sent events (WHATWG HTML, 9.2) until the client goes or falls too far behind. */
export async function streamEvents(
  { feed, metrics }: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
  after: number | undefined,
  filter: EventFilter,
): Promise<void> {
  reply.hijack()
  const { raw } = reply
  const gone = new AbortController()
  raw.on('close', () => gone.abort())
  raw.on('error', () => gone.abort())
  raw.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    'x-request-id': request.id,
  })
  raw.write(`retry: ${RECONNECT_MS}\n\n`)
  const heartbeat = setInterval(() => raw.write(': still here\n\n'), HEARTBEAT_MS)
  metrics.eventStreams.inc()
  try {
    for await (const events of feed.follow(after, filter, gone.signal)) {
      const flushed = raw.write(events.map(asMessage).join(''))
      if (!flushed) await drained(raw, gone.signal)
    }
  } catch (error) {
    // The answer has begun, so there is no problem document to send: the client resumes with Last-Event-ID.
    request.log.warn({ err: error }, 'an event stream ended')
  } finally {
    clearInterval(heartbeat)
    metrics.eventStreams.dec()
    raw.end()
  }
}

const asMessage = (event: TimelineEvent): string => `id: ${event.id}\ndata: ${JSON.stringify(eventView(event))}\n\n`

function drained(raw: NodeJS.EventEmitter, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    raw.once('drain', resolve)
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
