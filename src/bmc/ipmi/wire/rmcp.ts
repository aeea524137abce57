import { CodecError } from '../../../lib/errors.ts'
import { Reader } from './reader.ts'

/** Classes of message an RMCP packet may carry (IPMI 2.0 table 13-1, §13.1.3). */
export const RMCP_CLASS = { asf: 0x06, ipmi: 0x07 } as const
export type RmcpClass = keyof typeof RMCP_CLASS

const VERSION = 0x06 // RMCP 1.0
const NO_ACK = 0xff // sequence number of IPMI: no RMCP acknowledgement is wanted
export const RMCP_BYTES = 4

/** Writes the RMCP header into the first bytes of `packet`, which has room for it. */
export function writeRmcp(packet: Buffer, kind: RmcpClass): void {
  packet[0] = VERSION
  packet[1] = 0
  packet[2] = NO_ACK
  packet[3] = RMCP_CLASS[kind]
}

/** What kind of message follows the header. @throws CodecError for another version, an RMCP ACK or another class. */
export function decodeRmcp(packet: Buffer): { kind: RmcpClass; body: Buffer } {
  const reader = new Reader(packet, 'RMCP header')
  const version = reader.u8()
  if (version !== VERSION) throw new CodecError(`RMCP version ${version}, not ${VERSION}`)
  const code = reader.skip(2).u8()
  if (code === RMCP_CLASS.ipmi) return { kind: 'ipmi', body: reader.rest() }
  if (code === RMCP_CLASS.asf) return { kind: 'asf', body: reader.rest() }
  throw new CodecError(`RMCP class 0x${code.toString(16)} is neither ASF nor IPMI`)
}
