import { randomUUID } from 'node:crypto'
import swagger from '@fastify/swagger'
import fastify, { type FastifyInstance, type FastifyRequest, LogController } from 'fastify'
import { Convert } from 'typebox/value'
import type { TSchema } from 'typebox'
import { AppError } from '../lib/errors.ts'
import type { Logger } from '../lib/log.ts'
import { parse } from '../lib/schema.ts'
import { type Endpoint, ROLES } from './contract/endpoint.ts'
import { description } from './description.ts'
import { addRoute, type Parts } from './handle.ts'
import { refuseUnread, sendProblem } from './problems.ts'
import { readJson } from './read-json.ts'
import { inventoryRoutes } from './routes/inventory.ts'
import { machineRoutes } from './routes/machines.ts'
import { systemRoutes } from './routes/system.ts'
import { tokenRoutes } from './routes/tokens.ts'
import { authenticate } from './tokens.ts'

const REQUEST_TIMEOUT_MS = 60_000
const KEEP_ALIVE_MS = 72_000
/** Longer than any name; a longer path is not one of ours. */
const PARAM_LENGTH_MAX = 200

export interface AppOptions extends Parts {
  log: Logger
  tls?: { cert: Buffer; key: Buffer } | undefined
}

declare module 'fastify' {
  interface FastifyContextConfig {
    endpoint?: Endpoint
  }
}

/** The whole HTTP API, not listening yet. Every route is a row of the contract. */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const app = createServer(options)
  app.decorateRequest('actor', null)
  readJson(app)
  useContract(app)
  app.setErrorHandler((error, request, reply) => sendProblem(error, request, reply))
  app.setNotFoundHandler((request, reply) =>
    sendProblem(
      new AppError('not_found', `There is no ${request.method} ${pathOf(request)}`, {
        fix: 'See /openapi.json for what there is.',
      }),
      request,
      reply,
    ),
  )
  app.addHook('onRequest', async request => authorize(request, options))
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.config.endpoint?.path ?? 'none'
    options.metrics.requestSeconds.observe(
      { method: request.method, route, status: reply.statusCode },
      reply.elapsedTime / 1000,
    )
  })
  await app.register(swagger, description(options.version))
  for (const route of [
    ...inventoryRoutes(options),
    ...machineRoutes(options),
    ...systemRoutes(options),
    ...tokenRoutes(),
  ])
    addRoute(app, options, route)
  return app
}

function createServer({ log, tls }: AppOptions): FastifyInstance {
  const app = fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => randomUUID(),
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    routerOptions: { maxParamLength: PARAM_LENGTH_MAX },
    // What never gets to a route is answered in the same form.
    frameworkErrors: (error, request, reply) => void sendProblem(error, request, reply),
    clientErrorHandler: refuseUnread,
    // At the end: idle connections at once, others after their answer.
    forceCloseConnections: 'idle',
    ...(tls && { https: tls }),
  })
  return app as unknown as FastifyInstance
}

/** One validator for everything that comes in, the same that reads files and configuration. Queries are text: converted. */
function useContract(app: FastifyInstance): void {
  app.setValidatorCompiler<TSchema>(({ schema, httpPart }) => (value: unknown) => {
    try {
      const input = httpPart === 'body' ? value : Convert(schema, value)
      return { value: parse(schema, input, `The ${NAMES[httpPart ?? ''] ?? 'request'}`) }
    } catch (error) {
      return { error: error as Error }
    }
  })
  // Replies are built field by field where they are made; a test holds each against its schema.
  app.setSerializerCompiler(() => data => JSON.stringify(data))
}

const NAMES: Record<string, string> = { body: 'body', querystring: 'query', params: 'path', headers: 'header' }

const pathOf = (request: FastifyRequest): string => request.url.split('?')[0] ?? ''

/** Whoever has no right to call is refused before anything else of the request is looked at. */
async function authorize(request: FastifyRequest, { db, metrics }: Parts): Promise<void> {
  const { endpoint } = request.routeOptions.config
  if (!endpoint || endpoint.role === 'public') return
  try {
    request.actor = await authenticate(db, bearerOf(request))
    if (ROLES.indexOf(request.actor.role) < ROLES.indexOf(endpoint.role))
      throw new AppError(
        'forbidden',
        `${endpoint.method} ${endpoint.path} needs the role ${endpoint.role}, '${request.actor.name}' is ${request.actor.role}`,
      )
  } catch (error) {
    if (error instanceof AppError && (error.code === 'unauthenticated' || error.code === 'forbidden'))
      metrics.refusedTokens.inc()
    throw error
  }
}

/** RFC 6750 §2.1. */
function bearerOf({ headers }: FastifyRequest): string {
  const [, token] = /^Bearer ([\w.~+/=-]{1,200})$/i.exec(headers.authorization ?? '') ?? []
  if (token) return token
  throw new AppError(
    'unauthenticated',
    headers.authorization ? 'The authorization header is not `Bearer TOKEN`' : 'No token came with the request',
  )
}
