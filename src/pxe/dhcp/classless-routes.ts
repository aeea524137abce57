import { type Codec, readAll } from '../../lib/bytes.ts'
import { CodecError } from '../../lib/errors.ts'
import { ipv4 } from './values.ts'

export interface Route {
  /** '10.1.0.0/16'; '0.0.0.0/0' is the default route. */
  destination: string
  /** '0.0.0.0' means: on this link (RFC 3442, Local Subnet Routes). */
  router: string
}

/** RFC 3442: the prefix length, as many bytes of the destination as it covers, the router. */
export const classlessRoutes: Codec<Route[]> = {
  decode: bytes =>
    readAll(bytes, cursor => {
      const prefix = checkPrefix(cursor.u8('prefix length'))
      const network = Buffer.alloc(4)
      cursor.take(bytesOf(prefix), 'destination').copy(network)
      const destination = `${ipv4.decode(masked(network, prefix))}/${prefix}`
      return { destination, router: ipv4.decode(cursor.take(4, 'router')) }
    }),
  encode: routes => Buffer.concat(routes.map(encodeRoute)),
}

function encodeRoute({ destination, router }: Route): Buffer {
  const [, address = '', length = ''] = /^([\d.]+)\/(\d{1,2})$/.exec(destination) ?? []
  if (length === '') throw new CodecError(`'${destination}' is no network such as 10.1.0.0/16`)
  const prefix = checkPrefix(Number(length))
  const network = masked(ipv4.encode(address), prefix)
  return Buffer.concat([Buffer.of(prefix), network.subarray(0, bytesOf(prefix)), ipv4.encode(router)])
}

function checkPrefix(prefix: number): number {
  if (prefix > 32) throw new CodecError(`a prefix length of ${prefix}`)
  return prefix
}

const bytesOf = (prefix: number): number => Math.ceil(prefix / 8)

/** Bits beyond the prefix are zero (RFC 3442); clients that find others there ignore the route. */
function masked(network: Buffer, prefix: number): Buffer {
  const mask = prefix === 0 ? 0 : (0xffffffff << (32 - prefix)) >>> 0
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE((network.readUInt32BE() & mask) >>> 0)
  return bytes
}
