import { type Codec, hexColons, u32, u8 } from '../../lib/bytes.ts'
import { CodecError } from '../../lib/errors.ts'

/** Option 61. All bytes are 'aa:bb:cc' in hexadecimal: read as text, different clients would become one. */
export type ClientId =
  /** A hardware address with its ARP type, 1 for Ethernet (RFC 2132 §9.14). */
  | { kind: 'hardware'; type: number; address: string }
  /** Stays the same when the network card is exchanged, or the system that runs (RFC 4361 §6.1). */
  | { kind: 'duid'; iaid: number; duid: string }
  /** Type 0 (RFC 2132 §9.14), and type 255 with too few bytes for a DUID. */
  | { kind: 'opaque'; type: number; id: string }

const DUID_TYPE = 255
/** IAID, then a DUID of at least its type and one byte (RFC 8415 §11.1). */
const DUID_MIN_BYTES = 4 + 3

export const clientId: Codec<ClientId> = {
  decode(bytes) {
    // RFC 2132 §9.14: at least two bytes.
    if (bytes.length < 2) throw new CodecError(`a client identifier of ${bytes.length} bytes`)
    const type = bytes.readUInt8()
    const rest = bytes.subarray(1)
    if (type === DUID_TYPE && rest.length >= DUID_MIN_BYTES)
      return { kind: 'duid', iaid: rest.readUInt32BE(), duid: hexColons.decode(rest.subarray(4)) }
    if (type === 0 || type === DUID_TYPE) return { kind: 'opaque', type, id: hexColons.decode(rest) }
    return { kind: 'hardware', type, address: hexColons.decode(rest) }
  },
  encode(id) {
    if (id.kind === 'hardware') return Buffer.concat([u8.encode(id.type), hexColons.encode(id.address)])
    if (id.kind === 'opaque') return Buffer.concat([u8.encode(id.type), hexColons.encode(id.id)])
    return Buffer.concat([Buffer.of(DUID_TYPE), u32.encode(id.iaid), hexColons.encode(id.duid)])
  },
}

/** All of its bytes, as the key of a lease: '01:52:54:00:77:00:01'. */
export const clientIdKey = (id: ClientId): string => hexColons.decode(clientId.encode(id))
