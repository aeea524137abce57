import type { FastifyRequest } from 'fastify'
import { sql } from 'kysely'
import { stock as countStock } from '../../inventory/stock.ts'
import { readAfter, readBefore } from '../../inventory/timeline.ts'
import { AppError } from '../../lib/errors.ts'
import { events } from '../contract/events.ts'
import { healthz, metrics, openapi, readyz, stock } from '../contract/system.ts'
import { eventView, pageBack, streamEvents } from '../event-stream.ts'
import { handle, type Parts, type Route } from '../handle.ts'

export const systemRoutes = (parts: Parts): Route[] => [
  handle(stock, async ({ query, db }) => ({ body: { items: await countStock(db, query) } })),
  handle(events, async ({ query, db, request, reply }) => {
    const { after, before, limit, ...filter } = query
    if (wantsStream(request)) {
      const resume = lastEventId(request.headers['last-event-id']) ?? after
      await streamEvents(parts, request, reply, resume, filter)
      return { body: { items: [] } }
    }
    if (before !== undefined) return { body: pageBack(await readBefore(db, before, filter, limit), limit) }
    const items = await readAfter(db, { after: after ?? 0 }, filter, limit)
    return { body: { items: items.map(eventView), next: items.at(-1)?.id ?? after ?? 0 } }
  }),
  handle(healthz, async () => ({ body: { status: 'ok', version: parts.version } })),
  handle(readyz, async ({ db }) => {
    await sql`select 1`.execute(db)
    return { body: { status: 'ready' } }
  }),
  handle(metrics, async () => ({ body: await parts.metrics.registry.metrics() })),
  handle(openapi, async ({ request }) => ({ body: request.server.swagger() })),
]

/** Not with HEAD: an answer without a body would never end. */
const wantsStream = ({ method, headers }: FastifyRequest): boolean =>
  method === 'GET' && (headers.accept?.includes('text/event-stream') ?? false)

/** A browser sends it when it comes back; '' is none. */
function lastEventId(header: string | string[] | undefined): number | undefined {
  if (header === undefined || header === '') return undefined
  if (typeof header === 'string' && /^\d{1,15}$/.test(header)) return Number(header)
  throw new AppError('invalid_input', 'Last-Event-ID has to be the id of an event')
}
