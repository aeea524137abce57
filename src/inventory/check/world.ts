import { type Kysely, type SqlBool, sql } from 'kysely'
import type { Db } from '../../db/schema.ts'
import type { AnyDocument, Document, Kind } from '../documents/kinds.ts'
import { load } from '../store/load.ts'
import { shared } from '../store/tables.ts'
import { type Claim, claimsOf, referencesOf } from './claims.ts'

/** What the database knows about everything that some documents mention. In proportion to them, never to the fleet. */
export interface World {
  /** Names that exist, of those mentioned. */
  names: ReadonlyMap<Kind, ReadonlySet<string>>
  racks: ReadonlyMap<string, Document<'rack'>>
  rooms: ReadonlyMap<string, Document<'room'>>
  networks: ReadonlyMap<string, Document<'network'>>
  /** Who holds what only one can hold, of what the documents claim. */
  holders: readonly Claim[]
  /** Machines that stand in a mentioned rack. */
  placed: readonly Placed[]
  /** Networks that overlap a mentioned CIDR. */
  overlapping: readonly { network: string; cidr: string }[]
}

export interface Placed {
  machine: string
  rack: string
  positionU: number
  heightU: number
}

export async function loadWorld(db: Kysely<Db>, documents: readonly AnyDocument[]): Promise<World> {
  const mentioned = mentions(documents)
  const racks = byName(await load(db, 'rack', [...(mentioned.get('rack') ?? [])]))
  const rooms = byName(await load(db, 'room', [...(mentioned.get('room') ?? [])]))
  const networks = byName(await load(db, 'network', [...(mentioned.get('network') ?? [])]))
  const names = new Map<Kind, ReadonlySet<string>>([
    ['rack', new Set(racks.keys())],
    ['room', new Set(rooms.keys())],
    ['network', new Set(networks.keys())],
  ])
  for (const kind of ['datacenter', 'profile', 'service'] as const)
    names.set(kind, await existing(db, kind, mentioned.get(kind)))
  return {
    names,
    racks,
    rooms,
    networks,
    holders: await holdersOf(db, documents.flatMap(claimsOf)),
    placed: await placedIn(db, racksOf(documents)),
    overlapping: await overlapping(db, documents),
  }
}

function mentions(documents: readonly AnyDocument[]): Map<Kind, Set<string>> {
  const found = new Map<Kind, Set<string>>()
  for (const one of documents)
    for (const { kind, name } of referencesOf(one)) found.set(kind, (found.get(kind) ?? new Set()).add(name))
  return found
}

const byName = <T extends { name: string }>(stored: readonly { document: T }[]): Map<string, T> =>
  new Map(stored.map(({ document }) => [document.name, document]))

/** Held until the transaction ends: what is saved now must not refer to what is removed meanwhile. */
async function existing(
  db: Kysely<Db>,
  kind: Kind,
  names: ReadonlySet<string> | undefined,
): Promise<ReadonlySet<string>> {
  if (!names || names.size === 0) return new Set()
  const rows = await db
    .selectFrom(shared(kind))
    .select('name')
    .where(sql<SqlBool>`name = any(${[...names]}::text[])`)
    .forKeyShare()
    .execute()
  return new Set(rows.map(row => row.name))
}

/** One query for all kinds of claim: each row says which field, which value, and whose it is. */
async function holdersOf(db: Kysely<Db>, claims: readonly Claim[]): Promise<readonly Claim[]> {
  if (claims.length === 0) return []
  const wanted = (field: Claim['field']) => claims.filter(claim => claim.field === field).map(claim => claim.value)
  const { rows } = await sql<Claim>`
    select 'MAC' as field, n.mac::text as value, m.name as owner from nic n join machine m on m.id = n.machine
      where n.mac = any(${wanted('MAC')}::macaddr[])
    union all select 'address', host(a.ip), coalesce(m.name, 'a leased address') from address a
      left join machine m on m.id = a.machine where a.ip = any(${wanted('address')}::inet[])
    union all select 'serial', serial, name from machine where serial = any(${wanted('serial')}::text[])
    union all select 'system UUID', system_uuid::text, name from machine where system_uuid = any(${wanted('system UUID')}::uuid[])
    union all select 'host name', hostname, name from machine where hostname = any(${wanted('host name')}::text[])
    union all select 'disk WWN', d.wwn, m.name from disk d join machine m on m.id = d.machine
      where d.wwn = any(${wanted('disk WWN')}::text[])
    union all select 'switch port', n.switch || ' ' || n.switch_port, m.name from nic n join machine m on m.id = n.machine
      where n.switch = any(${wanted('switch port').map(port => port.slice(0, port.indexOf(' ')))}::text[])
        and n.switch || ' ' || n.switch_port = any(${wanted('switch port')}::text[])
    union all select 'DNS domain', dns_domain, name from datacenter where dns_domain = any(${wanted('DNS domain')}::text[])
  `.execute(db)
  return rows
}

function racksOf(documents: readonly AnyDocument[]): Set<string> {
  const racks = documents.map(one =>
    one.kind === 'rack' ? one.document.name : one.kind === 'machine' ? one.document.rack : undefined,
  )
  return new Set(racks.filter(rack => rack !== undefined))
}

async function placedIn(db: Kysely<Db>, racks: ReadonlySet<string>): Promise<Placed[]> {
  if (racks.size === 0) return []
  const rows = await db
    .selectFrom('machine')
    .select(['name', 'rack', 'positionU', 'heightU'])
    .where(sql<SqlBool>`rack = any(${[...racks]}::text[])`)
    .where('positionU', 'is not', null)
    .execute()
  return rows.map(({ name, rack, positionU, heightU }) => ({
    machine: name,
    rack: rack ?? '',
    positionU: positionU ?? 0,
    heightU,
  }))
}

async function overlapping(
  db: Kysely<Db>,
  documents: readonly AnyDocument[],
): Promise<{ network: string; cidr: string }[]> {
  const networks = documents.flatMap(one => (one.kind === 'network' ? [one.document] : []))
  const cidrs = networks.flatMap(({ cidr4, cidr6 }) => [cidr4, cidr6]).filter(cidr => cidr !== undefined)
  if (cidrs.length === 0) return []
  const { rows } = await sql<{ network: string; cidr: string }>`
    select name as network, cidr4::text as cidr from network where cidr4 && any(${cidrs}::inet[])
    union all select name, cidr6::text from network where cidr6 && any(${cidrs}::inet[])`.execute(db)
  return rows
}
