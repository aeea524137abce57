import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger'
import { type TSchema, Type } from 'typebox'
import { inputOf } from '../lib/schema.ts'
import { type Endpoint, Problem } from './contract/endpoint.ts'
import { events } from './contract/events.ts'

/** OpenAPI 3.1 of the contract: what the routes check by, and what their handlers take and give beside it. */
export function description(version: string): FastifyDynamicSwaggerOptions {
  return {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Rackwright',
        version,
        description: 'Bare-metal provisioning. Errors are problem documents (RFC 9457).',
      },
      components: {
        securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
        schemas: { Problem: Problem as object },
      },
    },
    transform: ({ schema, url, route }) => {
      const { endpoint } = route.config ?? {}
      return { schema: endpoint ? { ...schema, ...describe(endpoint) } : schema, url }
    },
  }
}

function describe(endpoint: Endpoint) {
  const headers = headersOf(endpoint)
  return {
    ...(endpoint.query && { querystring: inputOf(endpoint.query) }),
    ...(endpoint.body && { body: inputOf(endpoint.body), consumes: consumedBy(endpoint) }),
    ...(Object.keys(headers).length > 0 && { headers: Type.Object(headers) }),
    response: { ...repliesOf(endpoint), '4XX': PROBLEM, '5XX': PROBLEM },
  }
}

const consumedBy = ({ method }: Endpoint): string[] =>
  method === 'PATCH' ? ['application/merge-patch+json', 'application/json'] : ['application/json']

function headersOf({ method, path, ifMatch, secretReply }: Endpoint): Record<string, TSchema> {
  const text = (words: string) => Type.Optional(Type.String({ description: words }))
  return {
    ...(ifMatch && {
      'if-match': text('The ETag of the version that was read; refused as `stale` if there is a newer one'),
    }),
    ...(method !== 'GET' &&
      !secretReply && { 'idempotency-key': text('Of your own: makes a repeated call the same call') }),
    ...(path === events.path && { 'last-event-id': text('Where a stream goes on') }),
  }
}

function repliesOf({ path, replies, contentType }: Endpoint) {
  const types = [contentType ?? 'application/json', ...(path === events.path ? ['text/event-stream'] : [])]
  const entries = Object.entries(replies).map(([status, schema]) => [
    status,
    status === '204'
      ? { type: 'null', description: 'It is done.' }
      : { description: 'What was asked for.', content: Object.fromEntries(types.map(type => [type, { schema }])) },
  ])
  return Object.fromEntries(entries) as object
}

const PROBLEM = {
  description: 'A problem: `code` to branch on, `detail` for people, every fault of an input in `faults`.',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
}
