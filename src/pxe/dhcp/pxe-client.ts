import { type Codec, Cursor, u8 } from '../../lib/bytes.ts'
import { CodecError } from '../../lib/errors.ts'

/** Option 94 (RFC 4578 §2.2): the kind of network driver (1 is UNDI) and its version. */
export interface ClientInterface {
  type: number
  major: number
  minor: number
}

export const clientInterface: Codec<ClientInterface> = {
  decode(bytes) {
    if (bytes.length !== 3) throw new CodecError(`a network interface identifier of ${bytes.length} bytes`)
    const cursor = new Cursor(bytes)
    return { type: cursor.u8('type'), major: cursor.u8('major'), minor: cursor.u8('minor') }
  },
  encode: ({ type, major, minor }) => Buffer.concat([type, major, minor].map(u8.encode)),
}

const UUID_BYTES = 16

/**
 * Option 97 (RFC 4578 §2.3): the UUID of the machine, '1c8e6e2d-…', as SMBIOS and `dmidecode` tell it: the first three
 * fields are little endian on the wire (iPXE and EDK2 send it so). Firmware that sends them the other way round is not
 * to be told apart by its bytes: who compares may try `swapUuid` as well.
 */
export const machineUuid: Codec<string> = {
  decode(bytes) {
    // The type is 0; no other was ever given out.
    if (bytes.length !== 1 + UUID_BYTES || bytes[0] !== 0) throw new CodecError(`0x${bytes.toString('hex')} is no UUID`)
    return swapUuid(fromHex(bytes.toString('hex', 1)))
  },
  encode(uuid) {
    if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(uuid)) throw new CodecError(`'${uuid}' is no UUID`)
    return Buffer.from(`00${swapUuid(uuid).replaceAll('-', '')}`, 'hex')
  },
}

/** The same 16 bytes with the first three fields in the other byte order. */
export function swapUuid(uuid: string): string {
  const bytes = Buffer.from(uuid.replaceAll('-', ''), 'hex')
  bytes.subarray(0, 4).swap32()
  bytes.subarray(4, 8).swap16()
  return fromHex(bytes.toString('hex'))
}

const GROUPS = [0, 8, 12, 16, 20, 32]
const fromHex = (hex: string): string =>
  GROUPS.slice(1)
    .map((end, index) => hex.slice(GROUPS[index], end))
    .join('-')
