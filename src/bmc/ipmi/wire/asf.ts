import { CodecError } from '../../../lib/errors.ts'
import { Reader } from './reader.ts'
import { RMCP_BYTES, writeRmcp } from './rmcp.ts'

/** ASF's enterprise number; big-endian, unlike all of IPMI (§13.2.3). */
const ASF_IANA = 4542
const TYPE = { ping: 0x80, pong: 0x40 } as const
const PONG_DATA_BYTES = 16
/** Supported entities: IPMI is, and ASF is of version 1.0 (§13.2.4). */
const SUPPORTS_IPMI = 0x80
const ASF_1_0 = 0x01

export type AsfMessage = { type: 'ping'; tag: number } | { type: 'pong'; tag: number; supportsIpmi: boolean }

/** RMCP/ASF Presence Ping and its Pong (§13.2.3, §13.2.4): is anything there, and does it speak IPMI? */
export function encodeAsf(message: AsfMessage): Buffer {
  const dataBytes = message.type === 'pong' ? PONG_DATA_BYTES : 0
  const packet = Buffer.alloc(RMCP_BYTES + 8 + dataBytes)
  writeRmcp(packet, 'asf')
  packet.writeUInt32BE(ASF_IANA, 4)
  packet[8] = TYPE[message.type]
  packet[9] = message.tag
  packet[11] = dataBytes
  if (message.type === 'pong') {
    packet.writeUInt32BE(ASF_IANA, 12)
    packet[20] = message.supportsIpmi ? SUPPORTS_IPMI | ASF_1_0 : ASF_1_0
  }
  return packet
}

/** @throws CodecError */
export function decodeAsf(body: Buffer): AsfMessage {
  const reader = new Reader(body, 'ASF message')
  const iana = reader.bytes(4).readUInt32BE()
  if (iana !== ASF_IANA) throw new CodecError(`ASF message of enterprise ${iana}, not ${ASF_IANA}`)
  const type = reader.u8()
  const tag = reader.u8()
  if (type === TYPE.ping) return { type: 'ping', tag }
  if (type !== TYPE.pong) throw new CodecError(`ASF message type 0x${type.toString(16)} is neither ping nor pong`)
  const supportsIpmi = (reader.skip(2 + 8).u8() & SUPPORTS_IPMI) !== 0
  return { type: 'pong', tag, supportsIpmi }
}
