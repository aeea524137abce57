import { type Codec, Cursor, listOf, readAll, u16, u32, u8 } from '../../lib/bytes.ts'
import { CodecError } from '../../lib/errors.ts'
import { encapsulated, PADDED, type Table, type Values } from './space.ts'
import { ipv4, ipv4List, text } from './values.ts'

export interface DiscoveryControl {
  noBroadcast: boolean
  noMulticast: boolean
  /** Only servers in `bootServers` may answer. */
  listedServersOnly: boolean
  /** Load the boot file of the offer at once: no menu, no prompt, no discovery. */
  skipDiscovery: boolean
}

const discoveryControl: Codec<DiscoveryControl> = {
  decode(bytes) {
    const bits = u8.decode(bytes)
    const is = (bit: number): boolean => (bits & bit) > 0
    return { noBroadcast: is(1), noMulticast: is(2), listedServersOnly: is(4), skipDiscovery: is(8) }
  },
  encode: control =>
    Buffer.of(
      (control.noBroadcast ? 1 : 0) |
        (control.noMulticast ? 2 : 0) |
        (control.listedServersOnly ? 4 : 0) |
        (control.skipDiscovery ? 8 : 0),
    ),
}

/** `type` is what the client asks for by `bootItem`: 0 is the local disk, from 0x8000 on vendors choose. */
export interface BootServer {
  type: number
  addresses: string[]
}

const bootServers: Codec<BootServer[]> = {
  decode: bytes =>
    readAll(bytes, cursor => ({
      type: cursor.u16('server type'),
      addresses: ipv4List.decode(cursor.take(4 * cursor.u8('count'), 'addresses')),
    })),
  encode: servers =>
    Buffer.concat(
      servers.flatMap(({ type, addresses }) => [
        u16.encode(type),
        u8.encode(addresses.length),
        ipv4List.encode(addresses),
      ]),
    ),
}

export interface MenuLine {
  type: number
  words: string
}

const bootMenu: Codec<MenuLine[]> = {
  decode: bytes =>
    readAll(bytes, cursor => ({
      type: cursor.u16('server type'),
      words: text.decode(cursor.take(cursor.u8('length'), 'words')),
    })),
  encode: lines =>
    Buffer.concat(
      lines.flatMap(({ type, words }) => {
        const bytes = text.encode(words)
        if (bytes.length > 255) throw new CodecError(`a menu line of ${bytes.length} bytes`)
        return [u16.encode(type), Buffer.of(bytes.length), bytes]
      }),
    ),
}

/** Shown for so many seconds; 0 chooses the first line of the menu at once, 255 shows the menu and waits. */
export interface MenuPrompt {
  timeoutSeconds: number
  words: string
}

const menuPrompt: Codec<MenuPrompt> = {
  decode(bytes) {
    const cursor = new Cursor(bytes)
    return { timeoutSeconds: cursor.u8('timeout'), words: text.decode(cursor.rest()) }
  },
  encode: ({ timeoutSeconds, words }) => Buffer.concat([u8.encode(timeoutSeconds), text.encode(words)]),
}

/** What the client asks a boot server for, and what that gives. Layer 0 is the boot program; the highest bit asks for credentials. */
export interface BootItem {
  type: number
  layer: number
}

const bootItem: Codec<BootItem> = {
  decode(bytes) {
    if (bytes.length !== 4) throw new CodecError(`a boot item of ${bytes.length} bytes`)
    return { type: bytes.readUInt16BE(), layer: bytes.readUInt16BE(2) }
  },
  encode: ({ type, layer }) => Buffer.concat([u16.encode(type), u16.encode(layer)]),
}

/** A UDP port, little endian, as Intel's boot ROMs had it. */
const portLe: Codec<number> = {
  decode(bytes) {
    if (bytes.length !== 2) throw new CodecError(`a port of ${bytes.length} bytes`)
    return bytes.readUInt16LE()
  },
  encode: port => u16.encode(port).swap16(),
}

/** Inside of option 43, if option 60 begins with PXEClient: PXE 2.1 (Intel, 1999) §2.2, table 2-1. */
const SUB_OPTIONS = {
  mtftpAddress: { code: 1, codec: ipv4, ref: 'PXE 2.1 PXE_MTFTP_IP' },
  mtftpClientPort: { code: 2, codec: portLe, ref: 'PXE 2.1 PXE_MTFTP_CPORT' },
  mtftpServerPort: { code: 3, codec: portLe, ref: 'PXE 2.1 PXE_MTFTP_SPORT' },
  mtftpTimeoutSeconds: { code: 4, codec: u8, ref: 'PXE 2.1 PXE_MTFTP_TMOUT' },
  mtftpDelaySeconds: { code: 5, codec: u8, ref: 'PXE 2.1 PXE_MTFTP_DELAY' },
  discoveryControl: { code: 6, codec: discoveryControl, ref: 'PXE 2.1 PXE_DISCOVERY_CONTROL' },
  discoveryMulticast: { code: 7, codec: ipv4, ref: 'PXE 2.1 DISCOVERY_MCAST_ADDR' },
  bootServers: { code: 8, codec: bootServers, ref: 'PXE 2.1 PXE_BOOT_SERVERS' },
  bootMenu: { code: 9, codec: bootMenu, ref: 'PXE 2.1 PXE_BOOT_MENU' },
  menuPrompt: { code: 10, codec: menuPrompt, ref: 'PXE 2.1 PXE_MENU_PROMPT' },
  credentialTypes: { code: 12, codec: listOf(4, u32), ref: 'PXE 2.1 PXE_CREDENTIAL_TYPES' },
  bootItem: { code: 71, codec: bootItem, ref: 'PXE 2.1 PXE_BOOT_ITEM' },
} as const satisfies Table

/** @public */
export type PxeOptions = Values<typeof SUB_OPTIONS>

/** Reads and writes what `options.vendorOptions` holds for a PXE client. */
export const pxeOptions = encapsulated(SUB_OPTIONS, PADDED)
