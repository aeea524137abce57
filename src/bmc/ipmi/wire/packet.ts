import { timingSafeEqual } from 'node:crypto'
import { CodecError } from '../../../lib/errors.ts'
import type { Protection } from './protection.ts'
import { Reader } from './reader.ts'
import { RMCP_BYTES, writeRmcp } from './rmcp.ts'

/** What an RMCP+ packet carries (table 13-16). */
export const PAYLOAD = {
  ipmi: 0x00,
  sol: 0x01,
  openSessionRequest: 0x10,
  openSessionResponse: 0x11,
  rakp1: 0x12,
  rakp2: 0x13,
  rakp3: 0x14,
  rakp4: 0x15,
} as const
export type PayloadType = keyof typeof PAYLOAD
const PAYLOAD_NAMES = new Map<number, PayloadType>(Object.entries(PAYLOAD).map(([n, code]) => [code, n as PayloadType]))

/** Authentication type of RMCP+; the types of IPMI 1.5 are less than it (table 13-8). */
export const AUTH_TYPE_RMCP_PLUS = 0x06
const ENCRYPTED = 0x80
const AUTHENTICATED = 0x40
const HEADER_BYTES = 12
const NEXT_HEADER = 0x07
const INTEGRITY_ALIGNMENT = 4

export interface PacketHeader {
  readonly type: PayloadType
  /** The receiver's id of the session; 0 outside of one. */
  readonly session: number
  /** Of authenticated packets; 0 outside of a session. */
  readonly sequence: number
}

/** A packet as it came. Only `openPacket` tells whether it is what its sender made. */
export interface SealedPacket extends PacketHeader {
  readonly encrypted: boolean
  readonly authenticated: boolean
  readonly payload: Buffer
  /** From the authentication type to the end: what the integrity code covers, and that code. */
  readonly body: Buffer
}

/** An RMCP+ packet outside of a session, or of a session that neither signs nor encrypts (§13.6, table 13-8). */
export function encodePlain(header: PacketHeader, payload: Buffer): Buffer {
  const packet = Buffer.allocUnsafe(RMCP_BYTES + HEADER_BYTES + payload.length)
  writeHeader(packet, header, 0, payload.length)
  payload.copy(packet, RMCP_BYTES + HEADER_BYTES)
  return packet
}

/** A packet of a session, encrypted and signed as its cipher suite says (§13.6, §13.28.4, §13.29). */
export function encodeSealed(header: PacketHeader, payload: Buffer, protection: Protection): Buffer {
  const inside = protection.encrypts ? protection.encrypt(payload) : payload
  const flags = (protection.encrypts ? ENCRYPTED : 0) | (protection.codeBytes > 0 ? AUTHENTICATED : 0)
  const end = RMCP_BYTES + HEADER_BYTES + inside.length
  const pad = protection.codeBytes > 0 ? padFor(HEADER_BYTES + inside.length) : 0
  const signedEnd = protection.codeBytes > 0 ? end + pad + 2 : end
  const packet = Buffer.allocUnsafe(signedEnd + protection.codeBytes)
  writeHeader(packet, header, flags, inside.length)
  inside.copy(packet, RMCP_BYTES + HEADER_BYTES)
  if (protection.codeBytes === 0) return packet
  packet.fill(0xff, end, end + pad)
  packet[signedEnd - 2] = pad
  packet[signedEnd - 1] = NEXT_HEADER
  protection.sign(packet.subarray(RMCP_BYTES, signedEnd)).copy(packet, signedEnd)
  return packet
}

/** So that what is signed, with pad length and next header, is a multiple of four bytes. */
const padFor = (bytes: number) => -(bytes + 2) & (INTEGRITY_ALIGNMENT - 1)

function writeHeader(packet: Buffer, header: PacketHeader, flags: number, payloadBytes: number): void {
  writeRmcp(packet, 'ipmi')
  packet[RMCP_BYTES] = AUTH_TYPE_RMCP_PLUS
  packet[RMCP_BYTES + 1] = PAYLOAD[header.type] | flags
  packet.writeUInt32LE(header.session, RMCP_BYTES + 2)
  packet.writeUInt32LE(header.sequence, RMCP_BYTES + 6)
  packet.writeUInt16LE(payloadBytes, RMCP_BYTES + 10)
}

/** Decodes what follows the RMCP header, without a look at its integrity. @throws CodecError */
export function decodePacket(body: Buffer): SealedPacket {
  const reader = new Reader(body, 'RMCP+ session header')
  const authType = reader.u8()
  if (authType !== AUTH_TYPE_RMCP_PLUS) throw new CodecError(`authentication type ${authType} is not RMCP+`)
  const typeByte = reader.u8()
  const type = PAYLOAD_NAMES.get(typeByte & 0x3f)
  if (!type) throw new CodecError(`payload type 0x${(typeByte & 0x3f).toString(16)} is not known`)
  const [session, sequence] = [reader.u32(), reader.u32()]
  const payload = reader.bytes(reader.u16())
  const [encrypted, authenticated] = [(typeByte & ENCRYPTED) !== 0, (typeByte & AUTHENTICATED) !== 0]
  return { type, session, sequence, encrypted, authenticated, payload, body }
}

/**
 * The payload of a session's packet, once its integrity code fits and it is encrypted as agreed: a packet that is less
 * protected than its session is refused, or anybody could send it. @throws CodecError
 */
export function openPacket(packet: SealedPacket, protection: Protection): Buffer {
  const signs = protection.codeBytes > 0
  if (signs !== packet.authenticated) throw new CodecError(`a packet that is ${signs ? 'not ' : ''}signed`)
  if (protection.encrypts !== packet.encrypted)
    throw new CodecError(`a packet that is ${packet.encrypted ? '' : 'not '}encrypted`)
  if (signs) verify(packet, protection)
  return protection.encrypts ? protection.decrypt(packet.payload) : packet.payload
}

function verify({ body, payload }: SealedPacket, protection: Protection): void {
  const signedEnd = body.length - protection.codeBytes
  // Pad length and next header are the least that must follow the payload.
  if (signedEnd < HEADER_BYTES + payload.length + 2) throw new CodecError('the packet ends before its integrity code')
  const expected = protection.sign(body.subarray(0, signedEnd))
  if (!timingSafeEqual(expected, body.subarray(signedEnd))) throw new CodecError('the integrity code does not fit')
}
