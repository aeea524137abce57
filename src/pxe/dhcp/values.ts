import { type Codec, listOf, readAll } from '../../lib/bytes.ts'
import { CodecError } from '../../lib/errors.ts'

/** '10.0.0.1'. */
export const ipv4: Codec<string> = {
  decode(bytes) {
    if (bytes.length !== 4) throw new CodecError(`an IPv4 address of ${bytes.length} bytes`)
    return `${bytes[0]}.${bytes[1]}.${bytes[2]}.${bytes[3]}`
  },
  encode(value) {
    const parts = value.split('.').map(part => (/^(0|[1-9]\d{0,2})$/.test(part) ? Number(part) : 256))
    if (parts.length !== 4 || parts.some(part => part > 255)) throw new CodecError(`'${value}' is no IPv4 address`)
    return Buffer.from(parts)
  },
}
export const ipv4List: Codec<string[]> = listOf(4, ipv4)

/** Text up to the first NUL, which some clients send and none should (RFC 2132 §2). Bytes that are no UTF-8 become U+FFFD. */
export const text: Codec<string> = {
  decode(bytes) {
    const end = bytes.indexOf(0)
    return bytes.toString('utf8', 0, end === -1 ? bytes.length : end)
  },
  encode(value) {
    if (value.includes('\0')) throw new CodecError(`text with a NUL in it: ${JSON.stringify(value)}`)
    return Buffer.from(value)
  },
}

/** One byte, 0 or 1; what else comes counts as 1, as C programs read it. */
export const flag: Codec<boolean> = {
  decode(bytes) {
    if (bytes.length !== 1) throw new CodecError(`a flag of ${bytes.length} bytes`)
    return bytes[0] !== 0
  },
  encode: value => Buffer.of(value ? 1 : 0),
}

/** An option that says all by being there. */
export const present: Codec<true> = {
  decode(bytes) {
    if (bytes.length > 0) throw new CodecError(`${bytes.length} bytes where none belong`)
    return true
  },
  encode: () => Buffer.alloc(0),
}

/** One byte that stands for a word of `table`. */
export function wordOf<W extends string>(table: Readonly<Record<W, number>>): Codec<W> {
  const words = new Map(Object.entries<number>(table).map(([word, code]) => [code, word as W]))
  return {
    decode(bytes) {
      const word = bytes.length === 1 ? words.get(bytes.readUInt8()) : undefined
      if (word === undefined)
        throw new CodecError(`0x${bytes.toString('hex')} is none of ${Object.keys(table).join(', ')}`)
      return word
    },
    encode: word => Buffer.of(table[word]),
  }
}

/** Two addresses: a policy filter's network and mask, or a static route's destination and router (RFC 2132 §4.3, §5.8). */
export const addressPairs: Codec<[string, string][]> = {
  decode(bytes) {
    if (bytes.length % 8 !== 0) throw new CodecError(`${bytes.length} bytes are no pairs of addresses`)
    return readAll(bytes, cursor => [ipv4.decode(cursor.take(4, 'first')), ipv4.decode(cursor.take(4, 'second'))])
  },
  encode: pairs => Buffer.concat(pairs.flat().map(address => ipv4.encode(address))),
}
