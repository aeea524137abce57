import { inventory } from '../../src/api/contract/inventory.ts'
import { metrics, stock } from '../../src/api/contract/system.ts'
import { MACHINE_COUNTS, machinesWhere, SEARCH_TEXT, STOCK } from './sql.ts'
import type { Site } from './site.ts'
import type { Work } from './work.ts'

type Query = Record<string, string | number>

const list = (site: Site, query: Query) => site.client.call(inventory.machine.list, { query: { limit: 100, ...query } })

/** A list with a filter, against the same condition in SQL. `valuesOf` gives both the words to look for. */
function filtered(
  what: string,
  filter: readonly string[],
  condition: string,
  valuesOf: (site: Site) => string[],
): Work {
  return {
    what,
    ours: site => {
      const values = valuesOf(site)
      return { run: () => list(site, Object.fromEntries(filter.map((name, at) => [name, values[at] ?? '']))) }
    },
    peer: site => ({ run: () => site.sql.query(machinesWhere(condition), valuesOf(site)) }),
  }
}

/** The page of 100 behind the first `skipped` machines. */
function page(what: string, skipped: (machines: number) => number): Work {
  return {
    what,
    ours: async site => {
      const { next: cursor = '' } = await skip(site, skipped(site.fleet.machines.length))
      return { run: () => list(site, { cursor }) }
    },
    peer: async site => {
      const { last } = await skip(site, skipped(site.fleet.machines.length))
      return { run: () => site.sql.query(machinesWhere('m.name > $1'), [last]) }
    },
  }
}

/** Goes there as a program does that reads everything: page by page. */
async function skip(site: Site, count: number) {
  let reached: Awaited<ReturnType<typeof list>> = { items: [] }
  for (let at = 0; at < count; at += reached.items.length) {
    const cursor = reached.next
    reached = await list(site, { limit: Math.min(1_000, count - at), ...(cursor && { cursor }) })
  }
  return { next: reached.next, last: reached.items.at(-1)?.name ?? '' }
}

const middle = ({ fleet }: Site) => {
  const machine = fleet.machines[Math.floor(fleet.machines.length / 2)]
  if (!machine) throw new Error('the fleet is empty')
  return machine
}
const search = (what: string, word: (site: Site) => string): Work =>
  filtered(what, ['q'], `${SEARCH_TEXT} ilike '%' || $1 || '%'`, site => [word(site)])

export const FIRST_PAGE: Work = {
  what: 'list: first page of 100',
  ours: site => ({ run: () => list(site, {}) }),
  peer: site => ({ run: () => site.sql.query(machinesWhere('true')) }),
}

export const READS: readonly Work[] = [
  FIRST_PAGE,
  page('list: middle page', machines => machines / 2),
  page('list: last page', machines => machines - 100),
  filtered('list: of a datacenter', ['datacenter'], 'm.datacenter = $1', () => ['sto1']),
  filtered('list: of a rack', ['rack'], 'm.rack = $1', site => [middle(site).rack ?? '']),
  filtered('list: of service and state', ['service', 'lifecycle'], 'm.service = $1 and m.lifecycle = $2', () => [
    'search',
    'in_use',
  ]),
  filtered('list: by a label', ['label'], `m.labels @> jsonb_build_object('batch', split_part($1, '=', 2))`, () => [
    'batch=2023-q4',
  ]),
  {
    what: 'get one machine',
    ours: site => ({ run: () => site.client.call(inventory.machine.get, { params: { name: middle(site).name } }) }),
    peer: site => ({ run: () => site.sql.query(machinesWhere('m.name = $1'), [middle(site).name]) }),
  },
  search('search: part of a name', site => middle(site).name.slice(2, 11)),
  search('search: a serial number', site => middle(site).serial ?? ''),
  search('search: two letters', () => 'r0'),
  filtered('search: a MAC address', ['q'], 'm.id = (select machine from nic where mac = $1::macaddr)', site => [
    middle(site).nics[2]?.mac ?? '',
  ]),
  filtered('search: an IP address', ['q'], 'm.id = (select machine from address where ip = $1::inet)', site => [
    middle(site).bmc?.address ?? '',
  ]),
  {
    what: 'stock',
    ours: site => ({ run: () => site.client.call(stock, {}) }),
    peer: site => ({ run: () => site.sql.query(STOCK) }),
  },
  {
    what: 'metrics: one scrape',
    ours: site => ({ run: () => site.client.call(metrics, {}) }),
    peer: site => ({ run: () => site.sql.query(MACHINE_COUNTS) }),
  },
]
