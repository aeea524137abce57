import { Reader } from './reader.ts'
import { STATUS_OK } from './status.ts'

const RANDOM_BYTES = 16
const GUID_BYTES = 16
/** In the role byte: look the user up by name alone, not by name and privilege (§13.20). */
export const NAME_ONLY_LOOKUP = 0x10

export interface Rakp1 {
  readonly tag: number
  readonly bmcSession: number
  readonly consoleRandom: Buffer
  readonly role: number
  readonly userName: Buffer
}
export interface Rakp2 {
  readonly tag: number
  readonly status: number
  readonly consoleSession: number
  readonly bmcRandom: Buffer
  readonly bmcGuid: Buffer
  readonly code: Buffer
}
export interface Rakp3 {
  readonly tag: number
  readonly status: number
  readonly bmcSession: number
  readonly code: Buffer
}
export interface Rakp4 {
  readonly tag: number
  readonly status: number
  readonly consoleSession: number
  readonly code: Buffer
}
/** RAKP 2 or 4 with a status other than OK: nothing of use follows, if anything does. */
export interface RakpRefusal {
  readonly tag: number
  readonly status: number
  readonly consoleSession: number | undefined
}

/** Tag, status and two bytes that mean nothing, then a session id: how RAKP 1 to 4 begin. */
function head(tag: number, status: number, session: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes[0] = tag
  bytes[1] = status
  bytes.writeUInt32LE(session, 4)
  return bytes
}

/** RAKP Message 1 (§13.20). */
export const encodeRakp1 = ({ tag, bmcSession, consoleRandom, role, userName }: Rakp1): Buffer =>
  Buffer.concat([head(tag, 0, bmcSession), consoleRandom, Buffer.from([role, 0, 0, userName.length]), userName])

/** @throws CodecError */
export function decodeRakp1(payload: Buffer): Rakp1 {
  const reader = new Reader(payload, 'RAKP message 1')
  const tag = reader.u8()
  const bmcSession = reader.skip(3).u32()
  const consoleRandom = reader.bytes(RANDOM_BYTES)
  const role = reader.u8()
  return { tag, bmcSession, consoleRandom, role, userName: reader.skip(2).bytes(reader.u8()) }
}

/** RAKP Message 2 (§13.21). */
export const encodeRakp2 = ({ tag, status, consoleSession, bmcRandom, bmcGuid, code }: Rakp2): Buffer =>
  Buffer.concat([head(tag, status, consoleSession), bmcRandom, bmcGuid, code])

/** @throws CodecError */
export function decodeRakp2(payload: Buffer): Rakp2 | RakpRefusal {
  const reader = new Reader(payload, 'RAKP message 2')
  const begin = decodeHead(reader)
  if (begin.status !== STATUS_OK || begin.consoleSession === undefined) return begin
  const [bmcRandom, bmcGuid] = [reader.bytes(RANDOM_BYTES), reader.bytes(GUID_BYTES)]
  return { ...begin, consoleSession: begin.consoleSession, bmcRandom, bmcGuid, code: reader.rest() }
}

/** RAKP Message 3 (§13.22). With a status other than OK it ends the set-up, and the BMC frees the session. */
export const encodeRakp3 = ({ tag, status, bmcSession, code }: Rakp3): Buffer =>
  Buffer.concat([head(tag, status, bmcSession), code])

/** @throws CodecError */
export function decodeRakp3(payload: Buffer): Rakp3 {
  const reader = new Reader(payload, 'RAKP message 3')
  const [tag, status] = [reader.u8(), reader.u8()]
  return { tag, status, bmcSession: reader.skip(2).u32(), code: reader.rest() }
}

/** RAKP Message 4 (§13.23). */
export const encodeRakp4 = ({ tag, status, consoleSession, code }: Rakp4): Buffer =>
  Buffer.concat([head(tag, status, consoleSession), code])

/** @throws CodecError */
export function decodeRakp4(payload: Buffer): Rakp4 | RakpRefusal {
  const reader = new Reader(payload, 'RAKP message 4')
  const begin = decodeHead(reader)
  if (begin.status !== STATUS_OK || begin.consoleSession === undefined) return begin
  return { ...begin, consoleSession: begin.consoleSession, code: reader.rest() }
}

/** Some firmware ends a refusal right after the status. */
function decodeHead(reader: Reader): RakpRefusal {
  const [tag, status] = [reader.u8(), reader.u8()]
  const whole = status === STATUS_OK || reader.left >= 6
  return { tag, status, consoleSession: whole ? reader.skip(2).u32() : undefined }
}
