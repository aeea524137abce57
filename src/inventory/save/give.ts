import { Address4, Address6 } from 'ip-address'
import { type Kysely, sql } from 'kysely'
import type { Db } from '../../db/schema.ts'
import { AppError } from '../../lib/errors.ts'
import { canonicalIp } from '../documents/canonical.ts'
import type { Document } from '../documents/kinds.ts'

type Network = Document<'network'>

/** A run of addresses, both ends included. */
export interface Span {
  first: bigint
  last: bigint
}

/**
 * Where addresses of a network may be given from: its `static` ranges, else all of it but what has another use (pool,
 * reserved, gateway, network and broadcast address). Dual-stack networks give IPv4; an IPv6 address is chosen. Pure.
 */
export function spansOf(network: Network): Span[] {
  const family = network.cidr4 ? 4 : 6
  const ranges = network.ranges.filter(({ first }) => familyOf(first) === family)
  const fixed = ranges.filter(range => range.use === 'static').map(spanOf)
  const taken = ranges.filter(range => range.use !== 'static').map(spanOf)
  const gateway = family === 4 ? network.gateway4 : network.gateway6
  if (gateway) taken.push(spanOf({ first: gateway, last: gateway }))
  const whole = wholeOf(network.cidr4 ?? network.cidr6 ?? '')
  return (fixed.length > 0 ? fixed : [whole]).flatMap(span => without(within(span, whole), taken))
}

/** A static range may reach over the whole network, its own addresses with it. */
const within = ({ first, last }: Span, whole: Span): Span => ({
  first: first < whole.first ? whole.first : first,
  last: last > whole.last ? whole.last : last,
})

function wholeOf(cidr: string): Span {
  const space = Address4.isValid(cidr) ? new Address4(cidr) : new Address6(cidr)
  const [first, last] = [space.startAddress().bigInt(), space.endAddress().bigInt()]
  // First and last of an IPv4 network are its own (RFC 922 §7), and ::0 is the routers' anycast (RFC 4291 §2.6.1).
  if (space instanceof Address6) return { first: first + 1n, last }
  return space.subnetMask >= 31 ? { first, last } : { first: first + 1n, last: last - 1n }
}

const without = (span: Span, taken: readonly Span[]): Span[] =>
  taken.reduce<Span[]>((spans, hole) => spans.flatMap(one => cut(one, hole)), [span])

function cut({ first, last }: Span, hole: Span): Span[] {
  if (hole.last < first || hole.first > last) return [{ first, last }]
  return [
    { first, last: hole.first - 1n },
    { first: hole.last + 1n, last },
  ].filter(span => span.first <= span.last)
}

const familyOf = (ip: string): 4 | 6 => (Address4.isValid(ip) ? 4 : 6)
const toNumber = (ip: string): bigint => (Address4.isValid(ip) ? new Address4(ip).bigInt() : new Address6(ip).bigInt())
const spanOf = ({ first, last }: { first: string; last: string }): Span => ({
  first: toNumber(first),
  last: toNumber(last),
})

function toText(number: bigint, family: 4 | 6): string {
  return family === 4
    ? Address4.fromBigInt(number).correctForm()
    : canonicalIp(Address6.fromBigInt(number).correctForm())
}

/**
 * The `count` lowest free addresses of a network, beside those in `spoken`. The network's row stays locked until the
 * transaction ends, so that two never choose the same. @throws AppError `nothing_free` with how many there were.
 */
export async function give(
  db: Kysely<Db>,
  network: Network,
  count: number,
  spoken: ReadonlySet<string>,
): Promise<string[]> {
  await db.selectFrom('network').select('name').where('name', '=', network.name).forUpdate().execute()
  const family = network.cidr4 ? 4 : 6
  const free: string[] = []
  for (const span of spansOf(network)) {
    const gaps = await gapsIn(db, span, family, count - free.length + spoken.size)
    for (const gap of gaps)
      for (let number = gap.first; number <= gap.last && free.length < count; number += 1n) {
        const ip = toText(number, family)
        if (!spoken.has(ip)) free.push(ip)
      }
    if (free.length === count) return free
  }
  throw new AppError('nothing_free', `Network ${network.name} has ${free.length} free addresses, ${count} are needed`)
}

/** The first `limit` gaps between used addresses, each at least one address wide: read from the index, in order. */
async function gapsIn(db: Kysely<Db>, { first, last }: Span, family: 4 | 6, limit: number): Promise<Span[]> {
  const [from, to] = [toText(first, family), toText(last, family)]
  const { rows } = await sql<{ first: string; last: string }>`
    with used as (
      select ip, lead(ip) over (order by ip) as following from address where ip between ${from}::inet and ${to}::inet
    ), gaps as (
      -- Nothing is counted beyond the span: there may be no address before or after it.
      select ip + 1 as first, coalesce(following - 1, ${to}::inet) as last from used where ip < ${to}::inet
      union all
      select ${from}::inet, coalesce((select min(ip) from used) - 1, ${to}::inet)
      where not exists (select from used where ip = ${from}::inet)
    )
    select host(first) as first, host(last) as last from gaps where first <= last order by gaps.first limit ${limit}`.execute(
    db,
  )
  return rows.map(spanOf)
}
