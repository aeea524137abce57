import { beforeAll, describe, expect, test } from 'vitest'
import { KIND_NAMES, KINDS } from '../../src/inventory/documents/kinds.ts'
import { useApp } from '../support/app.ts'
import { makeFleet } from '../support/fleet.ts'

/** Work in proportion to the change, never to the fleet: what a request asks the database is counted. */
let queries = 0
const setup = useApp(undefined, [
  {
    transformQuery: ({ node }) => {
      queries += 1
      return node
    },
    transformResult: async ({ result }) => result,
  },
])
const FLEET = 400
const fleet = makeFleet({ machines: FLEET })

beforeAll(async () => {
  const applied = await setup.inject({ method: 'POST', url: '/v1/inventory/apply', body: fleet })
  if (applied.statusCode !== 200) throw new Error(applied.payload)
  // The first use of a token in a minute is noted, which is a statement more.
  await setup.inject({ method: 'GET', url: '/v1/whoami' })
})

/** Without `begin` and `commit` of a change. */
async function queriesOf(method: string, url: string, body?: unknown): Promise<number> {
  queries = 0
  const reply = await setup.inject({ method, url, body })
  if (reply.statusCode >= 300) throw new Error(reply.payload)
  return queries
}

const [first] = fleet.machines
if (!first) throw new Error('the fleet is empty')

describe.each(KIND_NAMES)('%s', kind => {
  const path = `/v1/${KINDS[kind].plural}`
  test.each([1, 100, 1_000])('a page of %i takes two: the token, and the page', async limit => {
    expect(await queriesOf('GET', `${path}?limit=${limit}`)).toBe(2)
  })
})

test.each(['q=web', 'lifecycle=enrolled&sort=-updatedAt', 'rack=lon1-a01&sort=place', 'mac=52:54:00:12:34:56'])(
  'a list narrowed by %s takes two',
  async query => {
    expect(await queriesOf('GET', `/v1/machines?${query}`)).toBe(2)
  },
)

test.each([`/v1/machines/${first.name}`, '/v1/stock', '/v1/whoami', '/v1/events?limit=1000'])(
  '%s takes at most two',
  async url => {
    expect([1, 2]).toContain(await queriesOf('GET', url))
  },
)

/** The statements of an apply of these machines with a new label, so that each is really changed. */
let turn = 0
async function applyOf(machines: readonly object[]): Promise<number> {
  turn += 1
  const changed = machines.map(machine => ({ ...machine, labels: { turn: String(turn) } }))
  return queriesOf('POST', '/v1/inventory/apply', { machines: changed })
}

test('an apply of one machine asks as much in a fleet of twice the size, and of ten barely more', async () => {
  const one = await applyOf([first])
  await setup.inject({ method: 'POST', url: '/v1/inventory/apply', body: makeFleet({ machines: 2 * FLEET }) })
  expect(await applyOf([first])).toBe(one)
  const ten = await applyOf(fleet.machines.slice(0, 10))
  // One update a machine; everything else is asked for all at once.
  expect(ten - one).toBeLessThanOrEqual(9 + 2)
})

test('an apply that changes nothing writes nothing, and asks a constant number', async () => {
  const few = await queriesOf('POST', '/v1/inventory/apply', { machines: fleet.machines.slice(20, 21) })
  const many = await queriesOf('POST', '/v1/inventory/apply', { machines: fleet.machines.slice(20, 220) })
  expect(many).toBe(few)
})

test('a comparison of everything takes one a kind, and the token', async () => {
  const digests = Object.fromEntries(
    KIND_NAMES.map(kind => [kind, { [kind === 'machine' ? first.name : 'some']: '0'.repeat(64) }]),
  )
  const machines = Object.fromEntries(fleet.machines.map(machine => [machine.name, 'f'.repeat(64)]))
  const asked = { digests: { ...digests, machine: machines }, withPassword: [] }
  expect(await queriesOf('POST', '/v1/inventory/compare', asked)).toBe(KIND_NAMES.length + 1)
})
