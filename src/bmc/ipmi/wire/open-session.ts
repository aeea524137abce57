import { CodecError } from '../../../lib/errors.ts'
import { Reader } from './reader.ts'
import { STATUS_OK } from './status.ts'
import {
  type Algorithms,
  AUTHENTICATION,
  type Authentication,
  CONFIDENTIALITY,
  type Confidentiality,
  INTEGRITY,
  type Integrity,
} from './suites.ts'

/** Three algorithm payloads of 8 bytes: type, length, code (table 13-9). */
const ALGORITHM_BYTES = 8
const HEAD_BYTES = 8

export interface OpenSessionRequest extends Algorithms {
  readonly tag: number
  /** Highest privilege that is asked for; 0: whatever the suite allows. */
  readonly privilege: number
  readonly consoleSession: number
}

/** A refusal has a status and no more. */
export type OpenSessionResponse =
  | { tag: number; status: number; consoleSession: number | undefined }
  | ({ tag: number; status: 0; consoleSession: number; bmcSession: number; privilege: number } & Algorithms)

/** RMCP+ Open Session Request (§13.17). */
export function encodeOpenSessionRequest(request: OpenSessionRequest): Buffer {
  const head = Buffer.alloc(HEAD_BYTES)
  head[0] = request.tag
  head[1] = request.privilege
  head.writeUInt32LE(request.consoleSession, 4)
  return Buffer.concat([head, encodeAlgorithms(request)])
}

/** @throws CodecError */
export function decodeOpenSessionRequest(payload: Buffer): OpenSessionRequest {
  const reader = new Reader(payload, 'Open Session Request')
  const [tag, privilege] = [reader.u8(), reader.u8()]
  const consoleSession = reader.skip(2).u32()
  return { tag, privilege: privilege & 0x0f, consoleSession, ...decodeAlgorithms(reader) }
}

/** RMCP+ Open Session Response (§13.18). */
export function encodeOpenSessionResponse(response: OpenSessionResponse): Buffer {
  const accepted = 'bmcSession' in response
  const head = Buffer.alloc(accepted ? HEAD_BYTES + 4 : HEAD_BYTES)
  head[0] = response.tag
  head[1] = response.status
  head.writeUInt32LE(response.consoleSession ?? 0, 4)
  if (!accepted) return head
  head[2] = response.privilege
  head.writeUInt32LE(response.bmcSession, 8)
  return Buffer.concat([head, encodeAlgorithms(response)])
}

/** @throws CodecError */
export function decodeOpenSessionResponse(payload: Buffer): OpenSessionResponse {
  const reader = new Reader(payload, 'Open Session Response')
  const [tag, status] = [reader.u8(), reader.u8()]
  // Some firmware ends a refusal right after the status.
  if (status !== STATUS_OK) return { tag, status, consoleSession: reader.left >= 6 ? reader.skip(2).u32() : undefined }
  const privilege = reader.u8() & 0x0f
  const consoleSession = reader.skip(1).u32()
  const bmcSession = reader.u32()
  return { tag, status: STATUS_OK, consoleSession, bmcSession, privilege, ...decodeAlgorithms(reader) }
}

function encodeAlgorithms({ authentication, integrity, confidentiality }: Algorithms): Buffer {
  const codes = [AUTHENTICATION[authentication], INTEGRITY[integrity], CONFIDENTIALITY[confidentiality]]
  const bytes = Buffer.alloc(ALGORITHM_BYTES * codes.length)
  for (const [type, { code }] of codes.entries()) {
    const at = type * ALGORITHM_BYTES
    bytes[at] = type
    bytes[at + 3] = ALGORITHM_BYTES
    bytes[at + 4] = code
  }
  return bytes
}

function decodeAlgorithms(reader: Reader): Algorithms {
  const code = () => reader.skip(4).bytes(4).readUInt8() & 0x3f
  return {
    authentication: nameOf<Authentication>(AUTHENTICATION, code(), 'authentication'),
    integrity: nameOf<Integrity>(INTEGRITY, code(), 'integrity'),
    confidentiality: nameOf<Confidentiality>(CONFIDENTIALITY, code(), 'confidentiality'),
  }
}

function nameOf<Name extends string>(table: Record<Name, { code: number }>, code: number, kind: string): Name {
  for (const name of Object.keys(table) as Name[]) if (table[name].code === code) return name
  throw new CodecError(`${kind} algorithm 0x${code.toString(16)} is not known`)
}
