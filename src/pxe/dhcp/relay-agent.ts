import { raw, u32, u8 } from '../../lib/bytes.ts'
import { encapsulated, PLAIN, type Table, type Values } from './space.ts'
import { ipv4, present, text } from './values.ts'

/** Sub-options of the relay agent information option (82). What the ids mean is the relay's own: bytes. */
const SUB_OPTIONS = {
  circuitId: { code: 1, codec: raw, ref: 'RFC 3046 §3.1' },
  remoteId: { code: 2, codec: raw, ref: 'RFC 3046 §3.2' },
  docsisDeviceClass: { code: 4, codec: u32, ref: 'RFC 3256 §3' },
  linkSelection: { code: 5, codec: ipv4, ref: 'RFC 3527 §3' },
  subscriberId: { code: 6, codec: text, ref: 'RFC 3993 §3' },
  radiusAttributes: { code: 7, codec: raw, ref: 'RFC 4014 §3' },
  authentication: { code: 8, codec: raw, ref: 'RFC 4030 §4' },
  vendorSpecific: { code: 9, codec: raw, ref: 'RFC 4243 §3' },
  relayFlags: { code: 10, codec: u8, ref: 'RFC 5010 §3' },
  serverIdOverride: { code: 11, codec: ipv4, ref: 'RFC 5107 §4' },
  relayId: { code: 12, codec: raw, ref: 'RFC 6925 §5' },
  sourcePort: { code: 19, codec: present, ref: 'RFC 8357 §5.1' },
  virtualSubnet: { code: 151, codec: raw, ref: 'RFC 6607 §3.2' },
  virtualSubnetControl: { code: 152, codec: raw, ref: 'RFC 6607 §3.3' },
} as const satisfies Table

/** @public */
export type RelayAgent = Values<typeof SUB_OPTIONS>

/**
 * Reads and writes what `options.relayAgent` holds. A server never writes it: the relay must get back the bytes that it
 * sent (RFC 3046 §2.2), so the option itself stays raw and is copied from request to reply.
 */
export const relayAgent = encapsulated(SUB_OPTIONS, PLAIN)
