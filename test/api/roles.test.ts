import { beforeAll, describe, expect, test } from 'vitest'
import { type Endpoint, ROLES, type Role } from '../../src/api/contract/endpoint.ts'
import { ENDPOINTS } from '../../src/api/contract/table.ts'
import { tokenOf, useApp } from '../support/app.ts'
import { assertProblem } from '../support/checked-client.ts'

const setup = useApp()
const tokens = {} as Record<Role | 'expired' | 'revoked', string>

beforeAll(async () => {
  for (const role of ROLES) tokens[role] = await tokenOf(setup.db, role)
  tokens.expired = await tokenOf(setup.db, 'admin', new Date(Date.now() - 1_000))
  tokens.revoked = await tokenOf(setup.db, 'admin')
  const newest = setup.db.selectFrom('token').select(({ fn }) => fn.max('id').as('id'))
  await setup.db.updateTable('token').set({ revokedAt: new Date() }).where('id', '=', newest).execute()
})

const nameOf = ({ method, path }: Endpoint) => `${method} ${path}`
const ENDPOINTS_WITH_ROLE = ENDPOINTS.filter(endpoint => endpoint.role !== 'public')

/** Everything about it is wrong but its path: who has no right must not learn even that. */
async function call({ method, path }: Endpoint, authorization: string | undefined) {
  const reply = await setup.app.inject({
    method,
    url: `${path.replaceAll(/:\w+/g, 'NO NAME')}?nonsense=1`.replaceAll(' ', '%20'),
    headers: { ...(authorization !== undefined && { authorization }), 'content-type': 'application/json' },
    ...(method !== 'GET' && { payload: '{"no": json' }),
  })
  if (reply.statusCode >= 400)
    assertProblem(reply.statusCode, String(reply.headers['content-type']), JSON.parse(reply.payload))
  return reply
}

const status = async (endpoint: Endpoint, token: string) => (await call(endpoint, `Bearer ${token}`)).statusCode

describe.each(ENDPOINTS_WITH_ROLE.map(endpoint => [nameOf(endpoint), endpoint] as const))('%s', (_, endpoint) => {
  test('is closed without a valid token', async () => {
    const refused = [
      undefined,
      '',
      'Bearer',
      'Bearer ',
      'Bearer rwt_nonsense',
      `Bearer ${tokens.expired}`,
      `Bearer ${tokens.revoked}`,
      `Bearer ${tokens.admin} `,
      `Bearer ${tokens.admin.slice(0, -1)}`,
      `Basic ${Buffer.from(`admin:${tokens.admin}`).toString('base64')}`,
      tokens.admin,
    ]
    for (const authorization of refused) {
      const reply = await call(endpoint, authorization)
      // Node and proxies take space around a header's value for nothing.
      const isAdmin = authorization?.trim() === `Bearer ${tokens.admin}`
      expect([authorization, reply.statusCode]).toEqual([authorization, isAdmin ? expect.any(Number) : 401])
      if (!isAdmin) expect(reply.headers['www-authenticate']).toBe('Bearer')
    }
  })

  test('refuses every lower role, and lets its own and higher ones in', async () => {
    const least = ROLES.indexOf(endpoint.role as Role)
    for (const role of ROLES.slice(0, least)) expect([role, await status(endpoint, tokens[role])]).toEqual([role, 403])
    for (const role of ROLES.slice(least)) {
      const got = await status(endpoint, tokens[role])
      expect([role, got === 401 || got === 403]).toEqual([role, false])
    }
  })
})

test.each(['/healthz', '/readyz', '/openapi.json'])(
  '%s needs no token, and takes no notice of a bad one',
  async url => {
    const anonymous = await setup.app.inject({ method: 'GET', url })
    const garbage = await setup.app.inject({ method: 'GET', url, headers: { authorization: 'Bearer nonsense' } })
    expect([anonymous.statusCode, garbage.statusCode]).toEqual([200, 200])
  },
)

test('only what must be public is', () => {
  expect(ENDPOINTS.filter(endpoint => endpoint.role === 'public').map(nameOf)).toEqual([
    'GET /healthz',
    'GET /readyz',
    'GET /openapi.json',
  ])
})

test('nothing that changes something is open to viewers, and tokens are for admins', () => {
  const writing = ENDPOINTS.filter(endpoint => endpoint.method !== 'GET' && endpoint.role === 'viewer').map(nameOf)
  // Both only compare what comes with what there is.
  expect(writing).toEqual(['POST /v1/inventory/compare', 'POST /v1/profiles/match'])
  const tokensOf = ENDPOINTS.filter(endpoint => endpoint.path.startsWith('/v1/tokens'))
  expect(tokensOf.map(endpoint => endpoint.role)).toEqual(['admin', 'admin', 'admin'])
})

/** The routes that the server really has, read from the tree that it prints. */
function routesOf(printed: string): string[] {
  const parts: string[] = []
  return printed.split('\n').flatMap(line => {
    const [, indent = '', part = '', methods] = /^([│├└─\s]*)(\S.*?)(?: \(([A-Z, ]+)\))?$/.exec(line) ?? []
    if (part === '' || part === '(empty root node)') return []
    const depth = Math.max(0, indent.length / 4 - 1)
    parts.splice(depth, parts.length, part)
    return (methods ?? '').split(', ').flatMap(method => (method ? [`${method} ${parts.join('')}`] : []))
  })
}

test('the server has the routes of the contract, and no other', () => {
  const routes = routesOf(setup.app.printRoutes({ commonPrefix: true }))
  const declared = ENDPOINTS.map(nameOf)
  // HEAD comes with every GET, and goes through the same check: see below.
  const heads = ENDPOINTS.filter(({ method }) => method === 'GET').map(({ path }) => `HEAD ${path}`)
  expect(routes.toSorted()).toEqual([...declared, ...heads].toSorted())
  expect(new Set(declared).size).toBe(declared.length)
})

test('HEAD is closed where GET is', async () => {
  for (const endpoint of ENDPOINTS_WITH_ROLE.filter(({ method }) => method === 'GET')) {
    const url = endpoint.path.replaceAll(/:\w+/g, 'x')
    const reply = await setup.app.inject({ method: 'HEAD', url })
    expect([url, reply.statusCode]).toEqual([url, 401])
  }
})

test('what does not exist is told without a token, as there is nothing to protect', async () => {
  const reply = await setup.app.inject({ method: 'POST', url: '/v1/nothing', payload: {} })
  expect(reply.statusCode).toBe(404)
  assertProblem(404, String(reply.headers['content-type']), reply.json())
})
