import { Cursor } from '../../lib/bytes.ts'
import { CodecError } from '../../lib/errors.ts'

/** RFC 1350 §5; OACK: RFC 2347. */
export const OPCODES = { rrq: 1, wrq: 2, data: 3, ack: 4, error: 5, oack: 6 } as const
const KINDS = new Map<number, keyof typeof OPCODES>(
  Object.entries(OPCODES).map(([kind, opcode]) => [opcode, kind as keyof typeof OPCODES]),
)

/** RFC 1350 §5 "Error Codes"; 8: RFC 2347. */
export const ERROR_CODES = {
  other: 0,
  notFound: 1,
  accessViolation: 2,
  diskFull: 3,
  illegalOperation: 4,
  unknownTransfer: 5,
  fileExists: 6,
  noSuchUser: 7,
  optionRefused: 8,
} as const
export type ErrorName = keyof typeof ERROR_CODES

/** Names as they were sent: case does not count (RFC 2347). */
export type OptionPairs = readonly (readonly [name: string, value: string])[]

export interface Request {
  kind: 'rrq' | 'wrq'
  file: string
  mode: string
  options: OptionPairs
}
export type Packet =
  | Request
  | { kind: 'data'; block: number; data: Buffer }
  | { kind: 'ack'; block: number }
  | { kind: 'error'; code: number; words: string }
  | { kind: 'oack'; options: OptionPairs }

/** @throws CodecError */
export function decodePacket(bytes: Buffer): Packet {
  const cursor = new Cursor(bytes)
  const opcode = cursor.u16('opcode')
  const kind = KINDS.get(opcode)
  switch (kind) {
    case 'rrq':
    case 'wrq':
      return { kind, file: readText(cursor), mode: readText(cursor), options: readOptions(cursor) }
    case 'data':
      return { kind, block: cursor.u16('block'), data: cursor.rest() }
    case 'ack':
      return { kind, block: cursor.u16('block') }
    case 'error':
      // Some send no text, and some do not end it.
      return { kind, code: cursor.u16('code'), words: readText(cursor, { mayLackEnd: true }) }
    case 'oack':
      return { kind, options: readOptions(cursor) }
    case undefined:
      throw new CodecError(`opcode ${opcode}`)
  }
}

function readText(cursor: Cursor, { mayLackEnd = false } = {}): string {
  const rest = cursor.rest()
  const end = rest.indexOf(0)
  if (end === -1 && !mayLackEnd) throw new CodecError('a text without its NUL')
  const length = end === -1 ? rest.length : end
  cursor.at -= rest.length - Math.min(length + 1, rest.length)
  return rest.toString('utf8', 0, length)
}

/** Pairs up to the end, or to an empty name: some boot ROMs fill their requests up with zeros. */
function readOptions(cursor: Cursor): [string, string][] {
  const options: [string, string][] = []
  while (cursor.left > 0) {
    const name = readText(cursor)
    if (name === '') break
    options.push([name, readText(cursor)])
  }
  return options
}

export function encodePacket(packet: Packet): Buffer {
  const head = Buffer.alloc(packet.kind === 'oack' || packet.kind === 'rrq' || packet.kind === 'wrq' ? 2 : 4)
  head.writeUInt16BE(OPCODES[packet.kind])
  switch (packet.kind) {
    case 'rrq':
    case 'wrq':
      return Buffer.concat([head, ...[packet.file, packet.mode, ...packet.options.flat()].map(encodeText)])
    case 'oack':
      return Buffer.concat([head, ...packet.options.flat().map(encodeText)])
    case 'data':
      head.writeUInt16BE(packet.block, 2)
      return Buffer.concat([head, packet.data])
    case 'ack':
      head.writeUInt16BE(packet.block, 2)
      return head
    case 'error':
      head.writeUInt16BE(packet.code, 2)
      return Buffer.concat([head, encodeText(packet.words)])
  }
}

function encodeText(text: string): Buffer {
  if (text.includes('\0')) throw new CodecError(`text with a NUL in it: ${JSON.stringify(text)}`)
  return Buffer.from(`${text}\0`)
}

export const encodeError = (name: ErrorName, words: string): Buffer =>
  encodePacket({ kind: 'error', code: ERROR_CODES[name], words })
