import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Kysely } from 'kysely'
import type { Db } from '../db/schema.ts'
import { retryTransaction } from '../db/transaction.ts'
import { AppError } from '../lib/errors.ts'
import type { Sealer } from '../lib/secrets.ts'
import type { BodyOf, Endpoint, ParamsOf, QueryOf, ReplyOf } from './contract/endpoint.ts'
import type { EventFeed } from './event-feed.ts'
import { once, type StoredReply } from './idempotency.ts'
import type { Metrics } from './metrics.ts'
import type { Actor } from './tokens.ts'

/** What the routes work with. `main.ts` puts it together. */
export interface Parts {
  db: Kysely<Db>
  sealer: Sealer
  feed: EventFeed
  metrics: Metrics
  version: string
}

/** What a handler gets. For methods that change something `db` is a transaction, which its reply commits. */
export interface Call<E extends Endpoint> {
  params: ParamsOf<E>
  query: QueryOf<E>
  body: BodyOf<E>
  actor: Actor
  db: Kysely<Db>
  /** The version that If-Match named. */
  revision: number | undefined
  request: FastifyRequest
  reply: FastifyReply
}

/** Beside the body: the version of what was read or written, for ETag. */
export interface Answer<T> {
  body: T
  revision?: number
}

export interface Route {
  endpoint: Endpoint
  run: (call: Call<Endpoint>) => Promise<Answer<unknown>>
}

/** Ties a handler to its endpoint: what it takes and gives is what the contract says. */
export function handle<E extends Endpoint>(endpoint: E, run: (call: Call<E>) => Promise<Answer<ReplyOf<E>>>): Route {
  return { endpoint, run }
}

declare module 'fastify' {
  interface FastifyRequest {
    actor: Actor | null
  }
}

const NOBODY: Actor = { name: 'nobody', role: 'viewer' }

export function addRoute(app: FastifyInstance, parts: Parts, { endpoint, run }: Route): void {
  app.route({
    method: endpoint.method,
    url: endpoint.path,
    schema: schemaOf(endpoint),
    config: { endpoint },
    ...(endpoint.bodyLimitBytes !== undefined && { bodyLimit: endpoint.bodyLimitBytes }),
    handler: async (request, reply) => {
      const { params, query, body } = request as unknown as { params: never; query: never; body: never }
      const call = {
        params,
        query,
        body,
        request,
        reply,
        actor: request.actor ?? NOBODY,
        revision: revisionOf(endpoint, request),
      }
      const answer =
        endpoint.method === 'GET'
          ? toReply(endpoint, await run({ ...call, db: parts.db }))
          : await change(parts, endpoint, call, run)
      // A stream has taken the connection over, and answers by itself.
      if (reply.sent) return reply
      if (answer.etag) void reply.header('etag', answer.etag)
      if (endpoint.contentType) void reply.type(endpoint.contentType)
      return reply.code(answer.status).send(answer.body)
    },
  })
}

function schemaOf({ params, query, body, replies, summary, tag, role }: Endpoint) {
  return {
    summary,
    tags: [tag],
    ...(params && { params }),
    ...(query && { querystring: query }),
    ...(body && { body }),
    response: replies,
    ...(role !== 'public' && { security: [{ token: [] }], description: `Least role: ${role}.` }),
  }
}

/** One transaction a change: the change, its event, and what a repeat of the call will be answered. */
async function change(
  parts: Parts,
  endpoint: Endpoint,
  call: Omit<Call<Endpoint>, 'db'>,
  run: Route['run'],
): Promise<StoredReply> {
  const key = idempotencyKeyOf(endpoint, call.request)
  const attempt = () =>
    retryTransaction(parts.db, async tx => {
      const work = async () => toReply(endpoint, await run({ ...call, db: tx }))
      if (key === undefined) return work()
      return once(tx, { actor: call.actor.name, key, requestHash: hashOf(parts.sealer, call) }, work)
    })
  try {
    return await attempt()
  } catch (error) {
    // Another was faster by a moment. The second time the checks see it, and say who has what, and where.
    if (error instanceof AppError && isLostRace(error)) return attempt()
    throw error
  }
}

/** What only the database noticed: checks tell the same with faults. */
const isLostRace = ({ code, faults, cause }: AppError): boolean =>
  faults.length === 0 && (code === 'already_taken' || (code === 'already_exists' && cause !== undefined))

function hashOf(sealer: Sealer, { request, body }: Pick<Call<Endpoint>, 'request' | 'body'>): string {
  try {
    return sealer.digest(JSON.stringify([request.method, request.url, body ?? null]))
  } catch (error) {
    // JSON is written by calls within calls, but read without.
    if (error instanceof RangeError)
      throw new AppError('invalid_input', 'The body is nested too deep', { cause: error })
    throw error
  }
}

function toReply(endpoint: Endpoint, { body, revision }: Answer<unknown>): StoredReply {
  const status = Number(Object.keys(endpoint.replies)[0])
  return { status, body, ...(revision !== undefined && { etag: `"${revision}"` }) }
}

function revisionOf(endpoint: Endpoint, { headers }: FastifyRequest): number | undefined {
  const tag = headers['if-match']
  if (tag === undefined || tag === '*') return undefined
  if (!endpoint.ifMatch) throw new AppError('invalid_input', `${endpoint.method} ${endpoint.path} takes no If-Match`)
  const [, revision] = /^"(\d{1,9})"$/.exec(tag) ?? []
  if (revision === undefined) throw new AppError('invalid_input', `If-Match has to be one ETag such as "3", got ${tag}`)
  return Number(revision)
}

const KEY = /^[\u0021-\u007e]{1,200}$/

function idempotencyKeyOf(endpoint: Endpoint, { headers }: FastifyRequest): string | undefined {
  const key = headers['idempotency-key']
  if (key === undefined) return undefined
  if (typeof key !== 'string' || !KEY.test(key))
    throw new AppError('invalid_input', 'Idempotency-Key has to be 1 to 200 printable ASCII characters')
  if (endpoint.secretReply)
    throw new AppError(
      'invalid_input',
      'This call takes no Idempotency-Key: its answer is a secret, which is not kept to be given again',
    )
  return key
}
