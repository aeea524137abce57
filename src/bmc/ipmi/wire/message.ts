import { CodecError } from '../../../lib/errors.ts'

/** Network functions of requests; a response has the next number (table 5-1). */
export const NET_FN = { chassis: 0x00, sensor: 0x04, app: 0x06, storage: 0x0a, transport: 0x0c, group: 0x2c } as const

/** The BMC's slave address, and the software id of a remote console (§5.5, §13.8). */
const BMC_ADDRESS = 0x20
const CONSOLE_ADDRESS = 0x81
/** Addresses, network function, checksum, sequence, command; then data; then a checksum (table 13-8, §13.8). */
const HEADER_BYTES = 6
const LEAST_BYTES = HEADER_BYTES + 1

/** What tells a message's request: a response carries the same sequence and command, and the network function plus one. */
export interface MessageKey {
  readonly netFn: number
  readonly command: number
  /** 6 bits. */
  readonly sequence: number
}

export interface Message extends MessageKey {
  /** Of a response, the first byte is its completion code. */
  readonly data: Buffer
}

/** IPMI's checksum (§13.8): the sum of the bytes and of it is 0 modulo 256. */
export function checksum(bytes: Buffer): number {
  let sum = 0
  for (const byte of bytes) sum += byte
  return -sum & 0xff
}

export const encodeRequest = (message: Message): Buffer => encode(message, BMC_ADDRESS, CONSOLE_ADDRESS)
export const encodeResponse = (message: Message): Buffer => encode(message, CONSOLE_ADDRESS, BMC_ADDRESS)

function encode({ netFn, command, sequence, data }: Message, to: number, from: number): Buffer {
  const bytes = Buffer.allocUnsafe(LEAST_BYTES + data.length)
  bytes[0] = to
  bytes[1] = netFn << 2
  bytes[2] = checksum(bytes.subarray(0, 2))
  bytes[3] = from
  bytes[4] = sequence << 2
  bytes[5] = command
  data.copy(bytes, HEADER_BYTES)
  bytes[bytes.length - 1] = checksum(bytes.subarray(3, bytes.length - 1))
  return bytes
}

/** Decodes a request or a response; which one it is, the network function tells (odd: a response). @throws CodecError */
export function decodeMessage(bytes: Buffer, verifyChecksums = true): Message {
  const [, netFnLun = 0, , , sequenceLun = 0, command = 0] = bytes
  if (bytes.length < LEAST_BYTES)
    throw new CodecError(`an IPMI message of ${bytes.length} bytes, at least ${LEAST_BYTES}`)
  if (verifyChecksums && (checksum(bytes.subarray(0, 3)) !== 0 || checksum(bytes.subarray(3)) !== 0))
    throw new CodecError('a checksum of the IPMI message does not fit')
  return { netFn: netFnLun >> 2, command, sequence: sequenceLun >> 2, data: bytes.subarray(HEADER_BYTES, -1) }
}
