import { type Codec, Cursor, i8, raw, u16, u8 } from '../../lib/bytes.ts'
import { CodecError } from '../../lib/errors.ts'
import { encapsulated, PADDED, type Table, type Values } from './space.ts'
import { flag, text } from './values.ts'

/** The network card: bus type 1 is PCI; then its vendor and device. */
export interface BusId {
  type: number
  vendor: number
  device: number
}

const busId: Codec<BusId> = {
  decode(bytes) {
    if (bytes.length !== 5) throw new CodecError(`a bus id of ${bytes.length} bytes`)
    const cursor = new Cursor(bytes)
    return { type: cursor.u8('type'), vendor: cursor.u16('vendor'), device: cursor.u16('device') }
  },
  encode: ({ type, vendor, device }) => Buffer.concat([u8.encode(type), u16.encode(vendor), u16.encode(device)]),
}

/** '1.0.0': one byte a number. */
const version: Codec<string> = {
  decode: bytes => bytes.join('.'),
  encode(value) {
    const parts = value.split('.').map(Number)
    if (parts.some(part => !Number.isInteger(part) || part < 0 || part > 255))
      throw new CodecError(`'${value}' is no version such as 1.0.0`)
    return Buffer.from(parts)
  },
}

/** iPXE's own options, inside of 175; names and codes: src/include/ipxe/dhcp.h and features.h of iPXE. */
const SUB_OPTIONS = {
  priority: { code: 0x01, codec: i8, ref: 'dhcp.h DHCP_EB_PRIORITY' },
  keepSan: { code: 0x08, codec: flag, ref: 'dhcp.h DHCP_EB_KEEP_SAN' },
  skipSanBoot: { code: 0x09, codec: flag, ref: 'dhcp.h DHCP_EB_SKIP_SAN_BOOT' },
  // What this build can do, and in which version of that.
  pxeExt: { code: 0x10, codec: u8, ref: 'features.h' },
  iscsi: { code: 0x11, codec: u8, ref: 'features.h' },
  aoe: { code: 0x12, codec: u8, ref: 'features.h' },
  http: { code: 0x13, codec: u8, ref: 'features.h' },
  https: { code: 0x14, codec: u8, ref: 'features.h' },
  tftp: { code: 0x15, codec: u8, ref: 'features.h' },
  ftp: { code: 0x16, codec: u8, ref: 'features.h' },
  dns: { code: 0x17, codec: u8, ref: 'features.h' },
  bzimage: { code: 0x18, codec: u8, ref: 'features.h' },
  multiboot: { code: 0x19, codec: u8, ref: 'features.h' },
  slam: { code: 0x1a, codec: u8, ref: 'features.h' },
  srp: { code: 0x1b, codec: u8, ref: 'features.h' },
  nbi: { code: 0x20, codec: u8, ref: 'features.h' },
  pxe: { code: 0x21, codec: u8, ref: 'features.h' },
  elf: { code: 0x22, codec: u8, ref: 'features.h' },
  comboot: { code: 0x23, codec: u8, ref: 'features.h' },
  efi: { code: 0x24, codec: u8, ref: 'features.h' },
  fcoe: { code: 0x25, codec: u8, ref: 'features.h' },
  vlan: { code: 0x26, codec: u8, ref: 'features.h' },
  menu: { code: 0x27, codec: u8, ref: 'features.h' },
  sdi: { code: 0x28, codec: u8, ref: 'features.h' },
  nfs: { code: 0x29, codec: u8, ref: 'features.h' },
  scriptlet: { code: 0x51, codec: text, ref: 'dhcp.h DHCP_EB_SCRIPTLET' },
  syslogsServer: { code: 0x55, codec: text, ref: 'dhcp.h DHCP_EB_SYSLOGS_SERVER' },
  trust: { code: 0x5a, codec: raw, ref: 'dhcp.h DHCP_EB_TRUST' },
  /** Do not wait for proxyDHCP, and ignore PXE's options. */
  noPxeDhcp: { code: 0xb0, codec: flag, ref: 'dhcp.h DHCP_EB_NO_PXEDHCP' },
  busId: { code: 0xb1, codec: busId, ref: 'dhcp.h DHCP_EB_BUS_ID' },
  useCached: { code: 0xb2, codec: flag, ref: 'dhcp.h DHCP_EB_USE_CACHED' },
  biosDrive: { code: 0xbd, codec: u8, ref: 'dhcp.h DHCP_EB_BIOS_DRIVE' },
  version: { code: 0xeb, codec: version, ref: 'dhcp.h DHCP_EB_VERSION' },
} as const satisfies Table

/** @public */
export type IpxeOptions = Values<typeof SUB_OPTIONS>

export const ipxeOptions = encapsulated(SUB_OPTIONS, PADDED)
