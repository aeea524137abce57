import { type Codec, hexColons, u16, u32, u8 } from '../../lib/bytes.ts'
import { CodecError } from '../../lib/errors.ts'
import { FIELD_BYTES, inOrder, layOut } from './layout.ts'
import { OPTIONS, type Options, options } from './options.ts'
import { collect, PADDED } from './space.ts'
import { ipv4, text, wordOf } from './values.ts'

/** RFC 2131 §2, figure 1. Addresses are '0.0.0.0' where there is none. */
export interface DhcpMessage {
  op: 'request' | 'reply'
  /** ARP hardware type: 1 Ethernet, 32 InfiniBand. */
  htype: number
  hops: number
  xid: number
  secs: number
  /** The client cannot receive unicast before it has its address. */
  broadcast: boolean
  ciaddr: string
  yiaddr: string
  siaddr: string
  giaddr: string
  /** 'aa:bb:cc:dd:ee:ff'; '' over InfiniBand, where the client identifier says who it is (RFC 4390 §2). */
  chaddr: string
  sname: string
  file: string
  options: Options
}

/** Where the fields of one codec stand. */
const FIXED = {
  op: { at: 0, size: 1, codec: wordOf({ request: 1, reply: 2 }) },
  htype: { at: 1, size: 1, codec: u8 },
  hops: { at: 3, size: 1, codec: u8 },
  xid: { at: 4, size: 4, codec: u32 },
  secs: { at: 8, size: 2, codec: u16 },
  ciaddr: { at: 12, size: 4, codec: ipv4 },
  yiaddr: { at: 16, size: 4, codec: ipv4 },
  siaddr: { at: 20, size: 4, codec: ipv4 },
  giaddr: { at: 24, size: 4, codec: ipv4 },
} as const satisfies Record<string, { at: number; size: number; codec: Codec<unknown> }>
type Fixed = { [F in keyof typeof FIXED]: ReturnType<(typeof FIXED)[F]['codec']['decode']> }
const FIXED_ENTRIES = Object.entries<{ at: number; size: number; codec: Codec<unknown> }>(FIXED)

const AT = { hlen: 2, flags: 10, chaddr: 28, sname: 44, file: 108 } as const
const CHADDR_BYTES = 16
const COOKIE_AT = 236
const OPTIONS_AT = 240
/** RFC 2131 §3: tells DHCP from other uses of the field. */
const COOKIE = 0x63825363
const BROADCAST = 0x8000

/** @throws CodecError on whatever is no DHCP message. An option that is malformed and not vital is kept in `options.other`. */
export function decodeMessage(bytes: Buffer): DhcpMessage {
  if (bytes.length < OPTIONS_AT) throw new CodecError(`${bytes.length} bytes are too few for a DHCP message`)
  if (bytes.readUInt32BE(COOKIE_AT) !== COOKIE) throw new CodecError('the magic cookie is not that of DHCP')
  const hlen = bytes.readUInt8(AT.hlen)
  if (hlen > CHADDR_BYTES) throw new CodecError(`a hardware address of ${hlen} bytes`)
  const fixed = FIXED_ENTRIES.map(([name, { at, size, codec }]) => [name, codec.decode(bytes.subarray(at, at + size))])
  return {
    ...(Object.fromEntries(fixed) as Fixed),
    // The other bits must be zero, and whoever reads ignores them (RFC 2131 §2).
    broadcast: (bytes.readUInt16BE(AT.flags) & BROADCAST) > 0,
    chaddr: hexColons.decode(bytes.subarray(AT.chaddr, AT.chaddr + hlen)),
    ...decodeAreas(bytes),
  }
}

/** The options, wherever they stand (RFC 2131 §4.1, RFC 3396 §5): first the main area, then `file`, then `sname`. */
function decodeAreas(bytes: Buffer): Pick<DhcpMessage, 'options' | 'file' | 'sname'> {
  const field = (name: 'file' | 'sname'): Buffer => bytes.subarray(AT[name], AT[name] + FIELD_BYTES[name])
  const found = collect(bytes.subarray(OPTIONS_AT), PADDED)
  const overload = found.get(OPTIONS.overload.code)
  const word = overload && OPTIONS.overload.codec.decode(Buffer.concat(overload))
  const names = { file: '', sname: '' }
  for (const name of ['file', 'sname'] as const)
    if (word === name || word === 'both') collect(field(name), PADDED, found)
    else names[name] = text.decode(field(name))
  return { ...names, options: options.read(found) }
}

/** RFC 951 §3: some relays and clients drop what is shorter than a BOOTP message. */
const MIN_BYTES = 300
/** RFC 2131 §2: every client takes 576 bytes of IP datagram; with the headers of IP and UDP taken off. */
const HEADER_BYTES = 28
const DATAGRAM_MIN_BYTES = 576
const DATAGRAM_MAX_BYTES = 1500

/** The most bytes of a reply to this client: option 57 counts the whole datagram (RFC 2132 §9.10), and no reply is fragmented. */
export function maxReplyBytes({ maxMessageBytes = 0 }: Options): number {
  return Math.min(Math.max(maxMessageBytes, DATAGRAM_MIN_BYTES), DATAGRAM_MAX_BYTES) - HEADER_BYTES
}

interface EncodeLimits {
  maxBytes?: number
  /** Option 55 of the request: what the client wants most comes first, and is left out last. */
  requested?: readonly number[]
}

/**
 * The message in at most `maxBytes`, padded to 300. When it does not fit, the fields `file` and `sname` take options as
 * well; then options are left out, the least wanted first, and `omitted` lists their codes. A `file` of more than 127
 * bytes becomes option 67, an `sname` of more than 63 option 66. @throws CodecError
 */
export function encodeMessage(
  message: DhcpMessage,
  { maxBytes = DATAGRAM_MIN_BYTES - HEADER_BYTES, requested = [] }: EncodeLimits = {},
): { bytes: Buffer; omitted: number[] } {
  const entries = inOrder(options.entries({ ...message.options, overload: undefined }), requested)
  const names = { file: text.encode(message.file), sname: text.encode(message.sname) }
  const layout = layOut(entries, names, maxBytes - OPTIONS_AT)
  const bytes = Buffer.alloc(Math.max(MIN_BYTES, OPTIONS_AT + layout.main.length))
  writeFixed(bytes, message)
  layout.file.copy(bytes, AT.file)
  layout.sname.copy(bytes, AT.sname)
  layout.main.copy(bytes, OPTIONS_AT)
  return { bytes, omitted: layout.omitted }
}

function writeFixed(bytes: Buffer, message: DhcpMessage): void {
  const chaddr = hexColons.encode(message.chaddr)
  if (chaddr.length > CHADDR_BYTES) throw new CodecError(`a hardware address of ${chaddr.length} bytes`)
  for (const [name, { at, codec }] of FIXED_ENTRIES) codec.encode(message[name as keyof Fixed]).copy(bytes, at)
  bytes.writeUInt8(chaddr.length, AT.hlen)
  bytes.writeUInt16BE(message.broadcast ? BROADCAST : 0, AT.flags)
  chaddr.copy(bytes, AT.chaddr)
  bytes.writeUInt32BE(COOKIE, COOKIE_AT)
}
