import * as fc from 'fast-check'
import type { Kysely } from 'kysely'
import type { TSchema } from 'typebox'
import type { Endpoint } from '../../src/api/contract/endpoint.ts'
import { apply } from '../../src/api/contract/inventory.ts'
import type { Db } from '../../src/db/schema.ts'
import { KINDS } from '../../src/inventory/documents/kinds.ts'
import { assertProblem, assertReply } from './checked-client.ts'
import { fingerprint } from './contents.ts'
import { type RawRequest, sendRaw } from './http.ts'
import { fitting, HOSTILE, nearly } from './schema-arbitrary.ts'

const TEXTS = HOSTILE.filter(value => typeof value === 'string')
/** Node refuses to send these, so nobody can with it; others are tried on a bare socket. */
const SENDABLE = TEXTS.filter(text => /^[\t\u0020-\u007e\u0080-\u00ff]*$/.test(text) && text.length < 1_000)

/** The contract leaves the documents of a file open, as each is checked by itself. */
const file = fc.record(
  Object.fromEntries(
    Object.values(KINDS).map(({ plural, input }) => [plural, fc.array(nearlyOrFitting(input), { maxLength: 3 })]),
  ),
  { requiredKeys: [] },
)

function nearlyOrFitting(schema: TSchema): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 1, arbitrary: fitting(schema) }, { weight: 3, arbitrary: nearly(schema) })
}

const bodyOf = ({ method, path, body }: Endpoint): fc.Arbitrary<unknown> => {
  if (path === apply.path) return file
  if (!body) return fc.constant(undefined)
  return method === 'PATCH' ? nearlyOrFitting(body).map(mostlyWithoutName) : nearlyOrFitting(body)
}

/** A patch that names its document is refused, and then nothing else of it is looked at. */
function mostlyWithoutName(patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Object.keys(patch).length % 3 === 0) return patch
  return Object.fromEntries(Object.entries(patch).filter(([key]) => key !== 'name'))
}

const rawBody = fc.constantFrom(
  '',
  '{',
  '{"name":',
  'null',
  '[]',
  '"text"',
  '1',
  'name=x',
  '\ufeff{}',
  '{"a":1}{"b":2}',
  '{"a":1,"a":2}',
  '{"a":01}',
  "{'a':1}",
  '{"a":NaN}',
  '[1,]',
  '{"a":"\u0001"}',
  '['.repeat(50_000),
  '{"a":'.repeat(20_000),
)

const headers = fc.record(
  {
    'content-type': fc.constantFrom(
      'application/json',
      'application/json',
      'application/json',
      'application/merge-patch+json',
      'text/plain',
      'application/xml',
      'application/json; charset=utf-16',
      'multipart/form-data; boundary=x',
      'nonsense',
      '',
    ),
    'if-match': fc.oneof(
      fc.constantFrom('"1"', '*', 'W/"1"', '"1", "2"', '1', '"999999999999"', '"-1"'),
      fc.constantFrom(...SENDABLE),
    ),
    'idempotency-key': fc.oneof(
      fc.constantFrom('k1', 'k2', 'x'.repeat(200), 'x'.repeat(201), 'a b'),
      fc.constantFrom(...SENDABLE),
    ),
    accept: fc.constantFrom('*/*', 'text/html', 'application/xml', '', 'text/plain;q=0.1, nonsense'),
    'last-event-id': fc.constantFrom(...SENDABLE, '0', '99999999999999999999'),
    'x-request-id': fc.constantFrom(...SENDABLE),
    'accept-version': fc.constantFrom('1.x', '9', ''),
    'x-forwarded-for': fc.constantFrom(...SENDABLE),
  },
  { requiredKeys: [] },
)

const escaped = (value: unknown): string => encodeURIComponent(asText(value).toWellFormed())
const asText = (value: unknown): string =>
  (typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).slice(0, 2_000)
/** What there is of each kind, by the beginning of the path. */
const PRESENT: [string, string[]][] = [
  ['/v1/datacenters/', ['lon1']],
  ['/v1/rooms/', ['x']],
  ['/v1/racks/', ['rack1']],
  ['/v1/networks/', ['net1']],
  ['/v1/services/', ['svc1']],
  ['/v1/profiles/', ['x']],
  ['/v1/machines/', ['m1', 'm2']],
]

function segmentOf({ path }: Endpoint): fc.Arbitrary<string> {
  const [, present = ['x']] = PRESENT.find(([start]) => path.startsWith(start)) ?? []
  return fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...present) },
    { weight: 1, arbitrary: fc.constantFrom('nobody', 'constructor') },
    { weight: 1, arbitrary: fc.constantFrom(...TEXTS).map(escaped) },
    {
      weight: 1,
      arbitrary: fc.constantFrom('%', '%zz', '%c0%af', '%00', '..', '.', '%2e%2e%2f', '%ed%a0%80', ';x', '*', ':name'),
    },
  )
}
const pair = fc.tuple(
  fc.constantFrom(...TEXTS).map(escaped),
  fc.constantFrom(...TEXTS, '%zz', '%').map(text => (text.startsWith('%') ? text : escaped(text))),
)

function queryOf(endpoint: Endpoint): fc.Arbitrary<string> {
  const own = endpoint.query ? nearly(endpoint.query) : fc.constant({})
  return fc.tuple(own, fc.array(pair, { maxLength: 1 })).map(([fields, pairs]) => {
    const named = typeof fields === 'object' && fields !== null ? Object.entries(fields) : []
    const all = [
      ...named.flatMap(([name, value]) =>
        (Array.isArray(value) ? value.slice(0, 3) : [value]).map(one => [escaped(name), escaped(one)]),
      ),
      ...pairs,
    ]
    return all
      .map(([name, value]) => `${name}=${value}`)
      .join('&')
      .slice(0, 12_000)
  })
}

/** Requests to an endpoint: most of them nearly right, so that they come far; some not even HTTP's idea of right. */
export function hostileRequests(endpoint: Endpoint): fc.Arbitrary<RawRequest> {
  const segments = fc.array(segmentOf(endpoint), { minLength: 2, maxLength: 2 })
  const body = fc.oneof({ weight: 5, arbitrary: bodyOf(endpoint) }, { weight: 1, arbitrary: rawBody })
  const query = fc.oneof({ weight: 2, arbitrary: fc.constant('') }, { weight: 1, arbitrary: queryOf(endpoint) })
  return fc
    .record({
      segments,
      body,
      query,
      headers: fc.oneof({ weight: 4, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: headers }),
    })
    .map(given => ({
      method: endpoint.method,
      path: `${endpoint.path.replaceAll(/:\w+/g, () => given.segments.pop() ?? 'x')}${given.query ? `?${given.query}` : ''}`,
      headers: given.headers,
      body: endpoint.method === 'GET' ? undefined : given.body,
    }))
}

export interface Target {
  url: string
  token: string
  db: Kysely<Db>
}

/** Sends a request, and holds the answer and what it left behind against what was promised. */
export async function expectSafe({ url, token, db }: Target, endpoint: Endpoint, request: RawRequest): Promise<number> {
  const writes = request.method !== 'GET'
  const before = writes ? await fingerprint(db) : ''
  const reply = await sendRaw(url, { ...request, token })
  const type = reply.headers['content-type']
  if (reply.status < 400) {
    const body = endpoint.contentType === 'text/plain' ? reply.text : reply.json
    // A path such as /v1/machines/.. is another one, or the same with a name: whatever answers, answers with JSON.
    if (type?.startsWith('application/json') || reply.status === 204) assertIfDeclared(endpoint, reply.status, body)
    return reply.status
  }
  assertProblem(reply.status, type, reply.json)
  if (reply.status >= 500) throw new Error(`${reply.status}: ${reply.text}`)
  if (writes && (await fingerprint(db)) !== before) throw new Error(`${reply.status}, and yet something was written`)
  return reply.status
}

function assertIfDeclared(endpoint: Endpoint, status: number, body: unknown): void {
  if (endpoint.replies[status]) assertReply(endpoint, status, body)
}
