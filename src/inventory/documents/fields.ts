import { Address4, Address6 } from 'ip-address'
import { Type } from 'typebox'
import Format from 'typebox/format'

/** Fields that several documents share. Each says what it expects in words: that is the error message. */

const isHost = (text: string): boolean => isIp(text) && !text.includes('/') && !/^::ffff:/i.test(text)
const isIp = (text: string): boolean => Address4.isValid(text) || (Address6.isValid(text) && !text.includes('%'))

Format.Set('ip', isHost)
Format.Set('cidr4', text => isNetwork(text, Address4))
Format.Set('cidr6', text => isNetwork(text, Address6))

/** RFC 3339, in the years that PostgreSQL and JavaScript write alike. A leap second is a time that neither has. */
Format.Set('date-time', text => {
  const time = Format.IsDateTime(text) ? Date.parse(text) : Number.NaN
  return time >= FIRST_TIME && time <= LAST_TIME
})
const [FIRST_TIME, LAST_TIME] = [Date.parse('0001-01-01T00:00:00Z'), Date.parse('9999-12-31T23:59:59.999Z')]

/** A network, not a host in it: all bits behind the prefix are zero. */
function isNetwork(text: string, Family: typeof Address4 | typeof Address6): boolean {
  if (!/\/\d+$/.test(text) || !Family.isValid(text)) return false
  const address = new Family(text)
  return address.startAddress().bigInt() === address.bigInt()
}

export const LABEL_PATTERN = '^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$'
export const Label = Type.String({
  pattern: LABEL_PATTERN,
  description: 'a name of 1 to 63 of a-z, 0-9, ".", "_", "-", first and last a letter or digit',
})

/** Labels of 1 to 63 octets joined by dots: RFC 1123 §2.1. */
const DOMAIN_PATTERN = '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$'
export const DomainName = Type.String({
  pattern: DOMAIN_PATTERN,
  maxLength: 253,
  description: 'a domain name such as lon1.example.net, without a dot at the end',
})
/** The part before the datacenter's domain. */
export const Hostname = Type.String({
  pattern: DOMAIN_PATTERN,
  maxLength: 63,
  description: 'a host name of a-z, 0-9, "-" and ".", without the datacenter\'s domain',
})

export const Mac = Type.String({
  pattern: '^[0-9A-Fa-f]{2}([:-][0-9A-Fa-f]{2}){5}$',
  description: 'a MAC address such as 52:54:00:12:34:56',
})
export const Ip = Type.String({ format: 'ip', description: 'an IPv4 or IPv6 address such as 10.1.2.3 or fd00::3' })
export const Cidr4 = Type.String({
  format: 'cidr4',
  description: 'an IPv4 network such as 10.1.0.0/22, host bits zero',
})
export const Cidr6 = Type.String({
  format: 'cidr6',
  description: 'an IPv6 network such as fd00:1::/64, host bits zero',
})
export const Uuid = Type.String({
  pattern: '^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$',
  description: 'a UUID such as 4c4c4544-0042-3510-8051-b4c04f4a3132',
})
export const Timestamp = Type.String({ format: 'date-time', description: 'a time such as 2026-12-24T18:00:00Z' })

/** One line for people. PostgreSQL cannot store U+0000. */
export const Line = Type.String({
  minLength: 1,
  maxLength: 200,
  pattern: '^[^\\u0000-\\u001f\\u007f]+$',
  description: 'one line of 1 to 200 characters',
})
export const Port = Type.Integer({ minimum: 1, maximum: 65_535, description: 'a port from 1 to 65535' })
/** PostgreSQL's bigint holds more, JavaScript's number does not. */
export const Bytes = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, description: 'a number of bytes' })
/** Rack units count from 1 at the bottom, in halves. */
export const RackUnit = Type.Number({
  minimum: 1,
  maximum: 60,
  multipleOf: 0.5,
  description: 'a rack unit from 1 to 60 in steps of 0.5',
})
export const HeightU = Type.Number({
  minimum: 0.5,
  maximum: 60,
  multipleOf: 0.5,
  description: 'a height of 0.5 to 60 rack units in steps of 0.5',
})

export const list = <T extends Parameters<typeof Type.Array>[0]>(item: T, max: number) =>
  Type.Array(item, { default: [], maxItems: max })
