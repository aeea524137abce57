import type { Codec } from '../../lib/bytes.ts'
import { CodecError } from '../../lib/errors.ts'
import { decodeName, encodeName } from './domain-names.ts'
import { text } from './values.ts'

/** Option 81 (RFC 4702): the name that a client has or wants, and who is to write it into DNS. */
export interface ClientFqdn {
  /** With a last dot if it is complete. */
  name: string
  /** E: the name is in DNS form; without it in ASCII, which is deprecated (§2.3.1). */
  wire: boolean
  /** S: the server is to write (or writes) the A record. */
  serverUpdates: boolean
  /** O: the server did not do as the client wished. */
  overridden: boolean
  /** N: the server is to write nothing. */
  noUpdates: boolean
}

const [S, O, E, N] = [0x01, 0x02, 0x04, 0x08]
/** §2.2: servers send 255 in both, and whoever reads ignores them. */
const RCODE = 255

export const clientFqdn: Codec<ClientFqdn> = {
  decode(bytes) {
    if (bytes.length < 3) throw new CodecError(`a client FQDN of ${bytes.length} bytes`)
    const flags = bytes.readUInt8()
    const wire = (flags & E) > 0
    const is = (bit: number): boolean => (flags & bit) > 0
    const name = wire ? absolute(decodeName(bytes.subarray(3))) : text.decode(bytes.subarray(3))
    return { name, wire, serverUpdates: is(S), overridden: is(O), noUpdates: is(N) }
  },
  encode({ name, wire, serverUpdates, overridden, noUpdates }) {
    const flags = (serverUpdates ? S : 0) | (overridden ? O : 0) | (wire ? E : 0) | (noUpdates ? N : 0)
    const bytes = wire ? encodeName(name, { root: name.endsWith('.') }) : text.encode(name)
    return Buffer.concat([Buffer.of(flags, RCODE, RCODE), bytes])
  },
}

const absolute = ({ name, root }: { name: string; root: boolean }): string => (root ? `${name}.` : name)
