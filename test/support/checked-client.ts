import type { TSchema } from 'typebox'
import { Client } from '../../src/api/contract/client.ts'
import { type Endpoint, Problem, type ReplyOf } from '../../src/api/contract/endpoint.ts'
import { ERRORS } from '../../src/lib/errors.ts'
import { faultsOf } from '../../src/lib/schema.ts'

const closedSchemas = new WeakMap<TSchema, TSchema>()

/** The same schema with every object closed: a field that the contract does not declare is a fault. */
function closedSchema(schema: TSchema): TSchema {
  const known = closedSchemas.get(schema) ?? (close(schema) as TSchema)
  closedSchemas.set(schema, known)
  return known
}

function close(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(close)
  if (typeof schema !== 'object' || schema === null) return schema
  const copy = Object.fromEntries(Object.entries(schema).map(([key, inner]) => [key, close(inner)]))
  return 'properties' in copy ? { ...copy, additionalProperties: false } : copy
}

/** @throws what is wrong with a reply, by the contract. */
export function assertReply(endpoint: Endpoint, status: number, body: unknown): void {
  const schema = endpoint.replies[status]
  if (!schema) throw new Error(`${endpoint.method} ${endpoint.path} answered with ${status}, which it does not declare`)
  if (status === 204) return
  const faults = faultsOf(closedSchema(schema), body)
  if (faults.length > 0)
    throw new Error(
      `${endpoint.method} ${endpoint.path}: its ${status} does not fit its schema: ${JSON.stringify(faults.slice(0, 5))}`,
    )
}

/** @throws what is wrong with a problem: its form, an unknown code, another status than that of its code. */
export function assertProblem(status: number, contentType: string | undefined, body: unknown): void {
  if (!contentType?.startsWith('application/problem+json')) throw new Error(`${status} came as ${contentType}`)
  const faults = faultsOf(closedSchema(Problem), body)
  if (faults.length > 0) throw new Error(`${status} is no problem document: ${JSON.stringify(faults)}`)
  const problem = body as Problem
  const row = (ERRORS as Record<string, { status: number }>)[problem.code]
  if (row?.status !== status || problem.status !== status)
    throw new Error(`${status} has the code '${problem.code}' of ${row?.status}, and says ${problem.status}`)
  if (!/^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(problem.requestId)) throw new Error(`'${problem.requestId}' is no request id`)
  if (problem.type !== `urn:rackwright:problem:${problem.code}`)
    throw new Error(`${problem.type} is not ${problem.code}`)
}

declare const plain: Client
type Given<E extends Endpoint> = Parameters<typeof plain.call<E>>[1]

/** A client that holds every reply, and every refusal, against the contract. */
export class CheckedClient extends Client {
  override async call<E extends Endpoint>(endpoint: E, given: Given<E>): Promise<ReplyOf<E>> {
    const response = await this.open(endpoint, given)
    if (response.status === 204) assertReply(endpoint, 204, undefined)
    const body: unknown =
      response.status === 204
        ? undefined
        : endpoint.contentType === 'text/plain'
          ? await response.text()
          : await response.json()
    assertReply(endpoint, response.status, body)
    return body as ReplyOf<E>
  }

  override async fetch(url: string, init: RequestInit): Promise<Response> {
    const response = await super.fetch(url, init)
    if (!response.ok)
      assertProblem(response.status, response.headers.get('content-type') ?? undefined, await response.clone().json())
    return response
  }
}
