import { CodecError } from '../../../lib/errors.ts'
import { Reader } from './reader.ts'
import { RMCP_BYTES, writeRmcp } from './rmcp.ts'

/** Authentication type 'none' of IPMI 1.5; the only one that is spoken here, and only outside of sessions (table 13-8). */
const AUTH_TYPE_NONE = 0x00
const HEADER_BYTES = 10

/** Wraps an IPMI message in the session header of IPMI 1.5 with session 0 (table 13-8): what precedes any RMCP+ session. */
export function encodeSessionless(message: Buffer): Buffer {
  const packet = Buffer.alloc(RMCP_BYTES + HEADER_BYTES + message.length)
  writeRmcp(packet, 'ipmi')
  packet[RMCP_BYTES + HEADER_BYTES - 1] = message.length
  message.copy(packet, RMCP_BYTES + HEADER_BYTES)
  return packet
}

/** The IPMI message of a packet outside of sessions. @throws CodecError if it belongs to an IPMI 1.5 session. */
export function decodeSessionless(body: Buffer): Buffer {
  const reader = new Reader(body, 'IPMI 1.5 session header')
  const authType = reader.u8()
  if (authType !== AUTH_TYPE_NONE) throw new CodecError(`IPMI 1.5 authentication type ${authType}, not none`)
  const session = reader.skip(4).u32()
  if (session !== 0) throw new CodecError(`IPMI 1.5 session ${session} outside of any session`)
  return reader.bytes(reader.u8())
}
