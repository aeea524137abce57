import { Address4, Address6 } from 'ip-address'
import type { TSchema } from 'typebox'
import { KINDS, type Document, type Kind } from './kinds.ts'

/**
 * One spelling a document: MACs, UUIDs, addresses and times in their usual form, lists that are sets in order, keys in
 * the schema's order. Two documents that mean the same have the same canonical JSON, so it can be hashed and compared.
 */
export function canonical<K extends Kind>(kind: K, document: Document<K>): Document<K> {
  const change: Canonicalize[K] = CANONICAL[kind]
  return ordered(KINDS[kind].schema, change(document)) as Document<K>
}

type Canonicalize = { [K in Kind]: (document: Document<K>) => Document<K> }
const same = <T>(document: T): T => document

const CANONICAL: Canonicalize = {
  datacenter: same,
  room: same,
  rack: same,
  profile: same,
  service: same,
  image: same,
  network: network => ({
    ...network,
    ...mapDefined(network, ['gateway4', 'gateway6'], canonicalIp),
    ...mapDefined(network, ['cidr4', 'cidr6'], canonicalCidr),
    resolvers: network.resolvers.map(canonicalIp),
    ranges: sortBy(
      network.ranges.map(range => ({ ...range, first: canonicalIp(range.first), last: canonicalIp(range.last) })),
      range => sortableIp(range.first),
    ),
  }),
  window: window => ({ ...window, datacenters: asSet(window.datacenters), tiers: asSet(window.tiers) }),
  freeze: freeze => ({
    ...freeze,
    ...mapDefined(freeze, ['startsAt', 'endsAt'], time => new Date(time).toISOString()),
    datacenters: asSet(freeze.datacenters),
    tiers: asSet(freeze.tiers),
  }),
  machine: machine => ({
    ...machine,
    ...mapDefined(machine, ['systemUuid'], uuid => uuid.toLowerCase()),
    labels: Object.fromEntries(sortBy(Object.entries(machine.labels), ([name]) => name)),
    nics: sortBy(machine.nics.map(canonicalNic), nic => nic.mac),
    disks: sortBy(machine.disks, disk => disk.serial),
    ...(machine.bmc && { bmc: canonicalBmc(machine.bmc) }),
  }),
}

type Nic = Document<'machine'>['nics'][number]
type Bmc = NonNullable<Document<'machine'>['bmc']>

const canonicalNic = (nic: Nic): Nic => ({
  ...nic,
  mac: canonicalMac(nic.mac),
  addresses: sortBy(
    nic.addresses.map(address => ({ ...address, ...mapDefined(address, ['ip'], canonicalIp) })),
    address => `${address.network} ${address.ip ?? ''}`,
  ),
})

const canonicalBmc = (bmc: Bmc): Bmc => ({
  ...bmc,
  ...mapDefined(bmc, ['address'], canonicalIp),
  ...mapDefined(bmc, ['mac'], canonicalMac),
  quirks: asSet(bmc.quirks),
})

export const canonicalMac = (mac: string): string => mac.toLowerCase().replaceAll('-', ':')

/** RFC 5952 for IPv6. */
export function canonicalIp(ip: string): string {
  return Address4.isValid(ip) ? new Address4(ip).correctForm() : new Address6(ip).correctForm()
}

function canonicalCidr(cidr: string): string {
  const [ip = '', bits] = cidr.split('/')
  return `${canonicalIp(ip)}/${Number(bits)}`
}

/** Text that sorts as the addresses do: family, then 32 hexadecimal digits. */
export function sortableIp(ip: string): string {
  const v4 = Address4.isValid(ip)
  const number = v4 ? new Address4(ip).bigInt() : new Address6(ip).bigInt()
  return `${v4 ? 4 : 6}${number.toString(16).padStart(32, '0')}`
}

function mapDefined<T>(from: T, fields: readonly (keyof T)[], change: (value: string) => string): Partial<T> {
  const changed = fields.flatMap(field => {
    const value = from[field]
    return typeof value === 'string' ? [[field, change(value)]] : []
  })
  return Object.fromEntries(changed) as Partial<T>
}

const asSet = <T extends string>(words: readonly T[]): T[] => [...new Set(words)].toSorted()

function sortBy<T>(items: readonly T[], key: (item: T) => string): T[] {
  return items
    .map(item => [key(item), item] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, item]) => item)
}

/** Of a union (rules of a profile), those of all its parts. */
function propertiesOf(schema: TSchema): Record<string, TSchema> | undefined {
  const { properties, anyOf } = schema as { properties?: Record<string, TSchema>; anyOf?: TSchema[] }
  if (properties || !anyOf) return properties
  const parts = anyOf.flatMap(part => Object.entries(propertiesOf(part) ?? {}))
  return parts.length > 0 ? Object.fromEntries(parts) : undefined
}

/** Keys in the schema's order, absent ones left out. Records (labels) keep their own order. */
function ordered(schema: TSchema, value: unknown): unknown {
  const { items } = schema as { items?: TSchema }
  const properties = propertiesOf(schema)
  if (Array.isArray(value)) return items ? value.map(item => ordered(items, item)) : value
  if (!properties || typeof value !== 'object' || value === null) return value
  const record = value as Record<string, unknown>
  const kept = Object.entries(properties).filter(([name]) => record[name] !== undefined && record[name] !== null)
  return Object.fromEntries(kept.map(([name, inner]) => [name, ordered(inner, record[name])]))
}
