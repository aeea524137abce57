import { setTimeout as pause } from 'node:timers/promises'
import { type Client, ProblemError } from '../../api/contract/client.ts'
import type { QueryOf } from '../../api/contract/endpoint.ts'
import { events, type TimelineEvent } from '../../api/contract/events.ts'
import { readEvents } from './sse.ts'

/** After a lost connection: at once, then slower. */
const RETRY_MS = [100, 500, 1_000, 2_000, 5_000, 10_000]
/** The controller sends a sign of life every 15 seconds: without one for this long the connection is dead. */
const SILENCE_MS = 60_000

/** Which events are wanted. */
export type EventQuery = Partial<QueryOf<typeof events>>

export interface Follow {
  query: EventQuery
  /** Ends it. */
  signal: AbortSignal
  /** The connection was lost, or is back. */
  onChange?: (text: string) => void
}

/**
 * Every event after `query.after` (without: from now on), then each as it happens. A lost connection is made again where
 * it was lost (Last-Event-ID): no event is missed or doubled. @throws ProblemError, AppError when the first connection
 * fails, or the controller refuses a later one.
 */
export async function* followEvents(
  client: Client,
  { query, signal, onChange = () => undefined }: Follow,
): AsyncGenerator<TimelineEvent> {
  const connection: Connection = { client, query, signal, last: undefined, opened: false }
  for (let failures = 0; !signal.aborted; failures += 1) {
    try {
      for await (const event of connect(connection)) {
        if (failures > 0) onChange('Connected again.')
        failures = 0
        yield event
      }
    } catch (error) {
      if (signal.aborted) return
      const refused = error instanceof ProblemError && error.problem.status < 500
      if (refused || !connection.opened) throw error
    }
    if (signal.aborted) return
    if (failures === 0) onChange('The connection was lost; trying again.')
    const waitMs = RETRY_MS[Math.min(failures, RETRY_MS.length - 1)]
    await pause(waitMs, undefined, { signal }).catch(() => undefined)
  }
}

interface Connection {
  client: Client
  query: EventQuery
  signal: AbortSignal
  /** The last event that came. */
  last: string | undefined
  opened: boolean
}

/** One connection, until it ends or falls silent. */
async function* connect(connection: Connection): AsyncGenerator<TimelineEvent> {
  const { client, query, last } = connection
  const silent = new AbortController()
  const timer = setTimeout(() => silent.abort(), SILENCE_MS)
  try {
    const signal = AbortSignal.any([connection.signal, silent.signal])
    const headers = { accept: 'text/event-stream', ...(last !== undefined && { 'last-event-id': last }) }
    const { body } = await client.open(events, { query, signal }, headers)
    connection.opened = true
    if (!body) return
    for await (const { id, data } of readEvents(heard(body, timer))) {
      connection.last = id ?? connection.last
      if (data !== '') yield JSON.parse(data) as TimelineEvent
    }
  } finally {
    clearTimeout(timer)
    silent.abort()
  }
}

async function* heard(body: ReadableStream<Uint8Array>, timer: NodeJS.Timeout): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  for await (const chunk of body) {
    timer.refresh()
    yield decoder.decode(chunk, { stream: true })
  }
}
