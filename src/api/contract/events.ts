import { Type } from 'typebox'
import { Label, Timestamp } from '../../inventory/documents/fields.ts'
import { closed, endpoint } from './endpoint.ts'

const orNull = (schema: Parameters<typeof Type.Union>[0][number]) => Type.Union([schema, Type.Null()])

export const Event = Type.Unsafe<TimelineEvent>(
  Type.Object({
    id: Type.Integer(),
    at: Timestamp,
    machine: orNull(Type.String()),
    job: orNull(Type.Integer()),
    request: orNull(Type.Integer()),
    source: Type.String(),
    kind: Type.String(),
    actor: orNull(Type.String()),
    data: Type.Unknown(),
  }),
)
export interface TimelineEvent {
  id: number
  at: string
  machine: string | null
  job: number | null
  request: number | null
  source: string
  kind: string
  actor: string | null
  data: unknown
}

const Word = Type.String({ minLength: 1, maxLength: 100, pattern: '^[^\\u0000]*$' })
const EventId = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description: 'the id of an event' })

export const eventPage = {
  before: Type.Optional(EventId),
  kind: Type.Optional(Word),
  source: Type.Optional(Word),
  limit: Type.Integer({ minimum: 1, maximum: 1_000, default: 100, description: 'a number from 1 to 1000' }),
}

/**
 * With `accept: text/event-stream`: every event after `after` (or the header Last-Event-ID), then each as it happens.
 * Else one page: of those after `after`, oldest first; or of those before `before`, newest first, for who looks back.
 * Without either a stream starts now and a page at the first event.
 */
export const events = endpoint({
  method: 'GET',
  path: '/v1/events',
  role: 'viewer',
  tag: 'events',
  summary:
    'The timeline: a page, or with `accept: text/event-stream` a stream that goes on where Last-Event-ID left off',
  query: Type.Object(
    {
      after: Type.Optional(EventId),
      before: eventPage.before,
      machine: Type.Optional(Label),
      kind: Type.Optional(Word),
      source: Type.Optional(Word),
      limit: eventPage.limit,
    },
    closed,
  ),
  replies: { 200: Type.Object({ items: Type.Array(Event), next: Type.Optional(Type.Integer()) }) },
})
