import { beforeAll, describe, expect, test } from 'vitest'
import type { Endpoint } from '../../src/api/contract/endpoint.ts'
import { inventory } from '../../src/api/contract/inventory.ts'
import { KIND_NAMES, type Kind } from '../../src/inventory/documents/kinds.ts'
import { SORTS } from '../../src/inventory/documents/status.ts'
import type { CheckedClient } from '../support/checked-client.ts'
import { useController } from '../support/controller.ts'
import { applyAll, checkedClient, refusalOf } from '../support/site.ts'

const controller = useController()
let client: CheckedClient

interface Item {
  name: string
  createdAt: string
  updatedAt: string
  rack?: string
  positionU?: number
}
interface Page {
  items: Item[]
  next?: string
}

const list = (kind: Kind, query: Record<string, string | number>): Promise<Page> =>
  client.call<Endpoint>(inventory[kind].list, { query } as never) as Promise<Page>

/** Every item of a list, page by page. `between` happens before each next page. */
async function walk(
  kind: Kind,
  query: Record<string, string | number>,
  between?: () => Promise<void>,
): Promise<Item[]> {
  const items: Item[] = []
  for (let cursor: string | undefined, pages = 0; pages === 0 || cursor !== undefined; pages++) {
    const page: Page = await list(kind, { ...query, ...(cursor !== undefined && { cursor }) })
    expect(page.items.length).toBeLessThanOrEqual(Number(query.limit))
    items.push(...page.items)
    cursor = page.next
    if (cursor !== undefined) await between?.()
  }
  return items
}

const COUNT = 11
/** Names whose order differs between locales, and from the order they are made in. */
const NAMES = ['a', 'b', 'a-b', 'a.b', 'a_b', 'ab', 'a1', 'a10', 'a2', '1a', 'z'].map(name => `p${name}`)

beforeAll(async () => {
  client = checkedClient(controller)
  const places = { datacenter: 'pa' }
  // One after the other, so that each was made at another time.
  for (const [at, name] of NAMES.entries())
    await applyAll(client, {
      datacenters: [{ name, dnsDomain: `${name.replaceAll(/[._]/g, '-')}-${at}.example.net`, timeZone: 'UTC' }],
      rooms: [{ name, ...places }],
      racks: [{ name, ...places, heightU: 42 }],
      networks: [{ name, ...places, purpose: 'data', cidr4: `10.90.${at}.0/24` }],
      profiles: [{ name, match: [] }],
      services: [{ name, tier: 'core', developerOwner: 'd', operationsOwner: 'o', hostnamePattern: '{n}' }],
      images: [
        {
          name,
          os: 'x',
          version: '1',
          architecture: 'arm64',
          format: 'raw',
          url: 'http://x/y',
          sha256: '0'.repeat(64),
        },
      ],
      windows: [{ name, schedule: '0 1 * * *', durationMinutes: 1 }],
      freezes: [{ name, reason: 'x', schedule: '0 1 * * *', durationMinutes: 1 }],
      machines: [{ name, ...places, ...(at % 3 && { rack: NAMES[at % 4] ?? 'pa', positionU: 41.5 - at * 2 }) }],
    })
})

/** By bytes, as the database does. */
const compare = <T>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0)
const KEYS: Record<string, (item: Item) => (string | number)[]> = {
  name: item => [item.name],
  createdAt: item => [item.createdAt, item.name],
  updatedAt: item => [item.updatedAt, item.name],
  place: item => [item.rack ?? '', item.positionU ?? 0, item.name],
}

function sorted(items: readonly Item[], sort: string): Item[] {
  const keyOf = KEYS[sort.replace('-', '')] ?? (() => [])
  const ascending = items.toSorted((a, b) => {
    const [ka, kb] = [keyOf(a), keyOf(b)]
    const at = ka.findIndex((key, index) => key !== kb[index])
    return at < 0 ? 0 : compare(ka[at] ?? '', kb[at] ?? '')
  })
  return sort.startsWith('-') ? ascending.toReversed() : ascending
}

const LISTS = KIND_NAMES.flatMap(kind => SORTS[kind].flatMap(key => [[kind, key] as const, [kind, `-${key}`] as const]))

describe.each(LISTS)('%s by %s', (kind, sort) => {
  test('gives each once, in order, whatever the size of its pages', async () => {
    const whole = await list(kind, { sort, limit: 1_000 })
    expect(whole.next).toBeUndefined()
    expect(whole.items.map(item => item.name).toSorted(compare)).toEqual(NAMES.toSorted(compare))
    expect(whole.items).toEqual(sorted(whole.items, sort))
    for (const limit of [kind === 'machine' ? 1 : 3, COUNT - 1, COUNT, COUNT + 1])
      expect(await walk(kind, { sort, limit })).toEqual(whole.items)
  })
})

test.each(['name', '-name', 'createdAt', '-createdAt', 'place'])(
  'by %s, what is added and removed meanwhile neither doubles nor hides the others',
  async sort => {
    let added = 0
    const churn = async () => {
      added += 1
      const name = `${'zpa'[added % 3]}new-${sort.replace('-', '').toLowerCase()}-${sort.startsWith('-') ? 'd' : 'u'}${added}`
      await client.call(inventory.machine.create, { body: { name, datacenter: 'pa' } as never })
      if (added % 2 === 0) await client.call(inventory.machine.remove, { params: { name } })
    }
    const seen = (await walk('machine', { sort, limit: 2 }, churn)).map(item => item.name)
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen).toEqual(expect.arrayContaining(NAMES))
    expect(added).toBeGreaterThan(3)
  },
)

test('a cursor is of one list and one sort', async () => {
  const { next = '' } = await list('machine', { limit: 1 })
  const other = refusalOf(list('machine', { limit: 1, sort: '-name', cursor: next }))
  expect((await other).problem).toMatchObject({ code: 'invalid_input', detail: expect.stringMatching(/cursor/) })
  const { problem } = await refusalOf(list('machine', { limit: 1, cursor: `${next.slice(0, -2)}AA` }))
  expect(problem.code).toBe('invalid_input')
})

test.each(KIND_NAMES)('a page of %s has at most 1000, and at least one', async kind => {
  for (const limit of [0, -1, 1_001, 1e9]) {
    const { faults } = await refusalOf(list(kind, { limit }))
    expect(faults).toEqual([{ path: '/limit', message: expect.stringContaining(String(limit)) }])
  }
})
