import { beforeAll, describe, expect, test } from 'vitest'
import type { Endpoint } from '../../src/api/contract/endpoint.ts'
import { ENDPOINTS } from '../../src/api/contract/table.ts'
import { useApp } from '../support/app.ts'

interface Media {
  content?: Record<string, { schema: Schema }>
  description?: string
}
interface Operation {
  summary: string
  tags: string[]
  description?: string
  security?: object[]
  parameters?: { name: string; in: string; required?: boolean; schema: Schema; description?: string }[]
  requestBody?: Media & { required?: boolean }
  responses: Record<string, Media>
}
interface Schema {
  type?: string
  properties?: Record<string, Schema>
  required?: string[]
  additionalProperties?: unknown
  $ref?: string
}
interface Description {
  openapi: string
  info: { title: string; version: string }
  paths: Record<string, Record<string, Operation>>
  components: { securitySchemes: object; schemas: Record<string, Schema> }
}

const setup = useApp()
let described: Description

beforeAll(async () => {
  described = (await setup.app.inject({ method: 'GET', url: '/openapi.json' })).json<Description>()
})

const pathOf = ({ path }: Endpoint) => path.replaceAll(/:(\w+)/g, '{$1}')
const operationOf = (endpoint: Endpoint) => described.paths[pathOf(endpoint)]?.[endpoint.method.toLowerCase()]
const CASES = ENDPOINTS.map(endpoint => [`${endpoint.method} ${endpoint.path}`, endpoint] as const)
const fieldsOf = (schema: unknown) => Object.keys((schema as Schema | undefined)?.properties ?? {})

test('it is of version 3.1, with every operation of the contract and no other', () => {
  expect(described.openapi).toMatch(/^3\.1\.\d$/)
  expect(described.info).toMatchObject({ title: 'Rackwright', version: '0.0.0' })
  expect(described.components.securitySchemes).toEqual({ token: { type: 'http', scheme: 'bearer' } })
  const operations = Object.entries(described.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map(method => `${method.toUpperCase()} ${path}`),
  )
  expect(operations.toSorted()).toEqual(ENDPOINTS.map(one => `${one.method} ${pathOf(one)}`).toSorted())
})

describe.each(CASES)('%s', (_, endpoint) => {
  test('says what it is for, and who may call it', () => {
    const operation = operationOf(endpoint)
    expect(operation).toMatchObject({ summary: endpoint.summary, tags: [endpoint.tag] })
    if (endpoint.role === 'public') expect(operation?.security).toBeUndefined()
    else expect(operation).toMatchObject({ security: [{ token: [] }], description: `Least role: ${endpoint.role}.` })
  })

  test('names its parameters, and needs only what has no default', () => {
    const { parameters = [] } = operationOf(endpoint) ?? { parameters: [] }
    const named = (place: string) => parameters.filter(one => one.in === place).map(one => one.name)
    expect(named('path').map(name => `{${name}}`)).toEqual(pathOf(endpoint).match(/\{\w+\}/g) ?? [])
    expect(named('query')).toEqual(fieldsOf(endpoint.query))
    expect(named('header')).toEqual([
      ...(endpoint.ifMatch ? ['if-match'] : []),
      ...(endpoint.method !== 'GET' && !endpoint.secretReply ? ['idempotency-key'] : []),
      ...(endpoint.path === '/v1/events' ? ['last-event-id'] : []),
    ])
    const needed = parameters.filter(one => one.required).map(one => one.in)
    expect(new Set(needed)).toEqual(new Set(named('path').length > 0 ? ['path'] : []))
  })

  test('has a body exactly where it takes one, in which defaults may be left out', () => {
    const body = operationOf(endpoint)?.requestBody
    expect(body !== undefined).toBe(endpoint.body !== undefined)
    if (!body) return
    expect(body.required).toBe(true)
    expect(Object.keys(body.content ?? {})).toEqual(
      endpoint.method === 'PATCH' ? ['application/merge-patch+json', 'application/json'] : ['application/json'],
    )
    for (const { schema } of Object.values(body.content ?? {})) {
      expect(fieldsOf(schema)).toEqual(fieldsOf(endpoint.body))
      for (const name of schema.required ?? []) expect(schema.properties?.[name]).not.toHaveProperty('default')
    }
  })

  test('shows what it answers, and how it refuses', () => {
    const { responses = {} } = operationOf(endpoint) ?? {}
    const [status = ''] = Object.keys(endpoint.replies)
    expect(Object.keys(responses).toSorted()).toEqual([status, '4XX', '5XX'])
    const types = Object.keys(responses[status]?.content ?? {})
    const own = endpoint.contentType ?? 'application/json'
    expect(types).toEqual(status === '204' ? [] : endpoint.path === '/v1/events' ? [own, 'text/event-stream'] : [own])
    for (const refused of ['4XX', '5XX'])
      expect(responses[refused]?.content).toEqual({
        'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
      })
  })
})

const TYPES = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null']

/** What is wrong with a JSON schema (2020-12), at any depth. */
function schemaFaults(schema: unknown, at: string): string[] {
  if (Array.isArray(schema)) return schema.flatMap((one, index) => schemaFaults(one, `${at}/${index}`))
  if (typeof schema !== 'object' || schema === null) return []
  const { type, pattern, $ref, required, properties } = schema as Schema & { pattern?: string }
  const faults: string[] = []
  if (type !== undefined && typeof type === 'string' && !TYPES.includes(type)) faults.push(`${at}: type ${type}`)
  if (typeof pattern === 'string') faults.push(...patternFaults(pattern, at))
  if (typeof $ref === 'string' && !resolve($ref)) faults.push(`${at}: ${$ref} leads nowhere`)
  if (Array.isArray(required) && properties)
    faults.push(
      ...required.filter(name => !(name in properties)).map(name => `${at}: ${name} is required, and nowhere`),
    )
  return [...faults, ...Object.entries(schema).flatMap(([key, inner]) => schemaFaults(inner, `${at}/${key}`))]
}

/** JSON Schema patterns are ECMAScript regular expressions with Unicode (2020-12 §6.4). */
function patternFaults(pattern: string, at: string): string[] {
  try {
    RegExp(pattern, 'u')
    return []
  } catch (error) {
    return [`${at}: ${String(error)}`]
  }
}

const resolve = (ref: string): unknown =>
  ref
    .replace(/^#\//, '')
    .split('/')
    .reduce<unknown>((here, key) => (here as Record<string, unknown> | undefined)?.[key], described)

test('every schema in it is one, and every reference leads somewhere', () => {
  expect(schemaFaults(described.paths, '#/paths')).toEqual([])
  expect(schemaFaults(described.components.schemas, '#/components/schemas')).toEqual([])
})

test('it says which fields are secret', () => {
  const text = JSON.stringify(described.paths['/v1/machines/{name}/bmc/password'])
  expect(text).toContain('"writeOnly":true')
  const create = JSON.stringify(described.paths['/v1/machines']?.post?.requestBody)
  expect(create).toMatch(/"initialPassword":\{[^}]*"writeOnly":true/)
  const change = JSON.stringify(described.paths['/v1/machines/{name}']?.patch?.requestBody)
  expect(change).toMatch(/"initialPassword":\{.*?"writeOnly":true/)
  for (const [path, methods] of Object.entries(described.paths))
    for (const operation of Object.values(methods))
      expect([path, JSON.stringify(operation.responses).includes('initialPassword')]).toEqual([path, false])
})
