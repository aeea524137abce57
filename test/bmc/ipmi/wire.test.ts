import { randomBytes } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CodecError } from '../../../src/lib/errors.ts'
import { decodeAsf, encodeAsf } from '../../../src/bmc/ipmi/wire/asf.ts'
import { keyFrom, sessionIntegrityKey, sessionKeys } from '../../../src/bmc/ipmi/wire/keys.ts'
import { checksum, decodeMessage, encodeRequest, encodeResponse } from '../../../src/bmc/ipmi/wire/message.ts'
import {
  decodeOpenSessionRequest,
  decodeOpenSessionResponse,
  encodeOpenSessionRequest,
  encodeOpenSessionResponse,
} from '../../../src/bmc/ipmi/wire/open-session.ts'
import {
  decodePacket,
  encodePlain,
  encodeSealed,
  openPacket,
  PAYLOAD,
  type PayloadType,
} from '../../../src/bmc/ipmi/wire/packet.ts'
import { type Protection, protectionFor } from '../../../src/bmc/ipmi/wire/protection.ts'
import {
  decodeRakp1,
  decodeRakp2,
  decodeRakp3,
  decodeRakp4,
  encodeRakp1,
  encodeRakp2,
  encodeRakp3,
  encodeRakp4,
} from '../../../src/bmc/ipmi/wire/rakp.ts'
import { decodeRmcp } from '../../../src/bmc/ipmi/wire/rmcp.ts'
import { decodeSessionless, encodeSessionless } from '../../../src/bmc/ipmi/wire/session15.ts'
import { decodeSol, encodeSol } from '../../../src/bmc/ipmi/wire/sol.ts'
import { CIPHER_SUITES, type SuiteId } from '../../../src/bmc/ipmi/wire/suites.ts'

const u8 = fc.integer({ min: 0, max: 0xff })
const u32 = fc.integer({ min: 0, max: 0xffff_ffff })
const bytes = (maxLength: number, minLength = 0) =>
  fc.uint8Array({ minLength, maxLength }).map(array => Buffer.from(array))
const suite = fc.constantFrom(...(Object.keys(CIPHER_SUITES).map(Number) as SuiteId[])).map(id => CIPHER_SUITES[id])

/** What is encoded is decoded to the same. */
function eachRoundTrips<Value>(
  values: fc.Arbitrary<Value>,
  encode: (value: Value) => Buffer,
  decode: (b: Buffer) => unknown,
) {
  const property = fc.property(values, value => {
    expect(decode(encode(value))).toEqual(value)
  })
  fc.assert(property)
}

describe('what is encoded is decoded to the same', () => {
  test('presence ping and pong', () => {
    const messages = fc.oneof(
      fc.record({ type: fc.constant('ping' as const), tag: u8 }),
      fc.record({ type: fc.constant('pong' as const), tag: u8, supportsIpmi: fc.boolean() }),
    )
    eachRoundTrips(messages, encodeAsf, packet => decodeAsf(decodeRmcp(packet).body))
  })

  test('messages, in the packets of IPMI 1.5', () => {
    const fields = { command: u8, sequence: fc.integer({ min: 0, max: 63 }), data: bytes(200, 1) }
    const requests = fc.record({ netFn: fc.integer({ min: 0, max: 31 }).map(n => n * 2), ...fields })
    const through = (packet: Buffer) => decodeMessage(decodeSessionless(decodeRmcp(packet).body))
    eachRoundTrips(requests, message => encodeSessionless(encodeRequest(message)), through)
    const responses = fc.record({ netFn: fc.integer({ min: 0, max: 31 }).map(n => n * 2 + 1), ...fields })
    eachRoundTrips(responses, message => encodeSessionless(encodeResponse(message)), through)
  })

  test('Open Session', () => {
    const head = { tag: u8, privilege: fc.integer({ min: 0, max: 5 }), consoleSession: u32 }
    const requests = fc.tuple(fc.record(head), suite).map(([fields, algorithms]) => ({ ...fields, ...algorithms }))
    eachRoundTrips(requests, encodeOpenSessionRequest, decodeOpenSessionRequest)
    const responses = fc
      .tuple(fc.record({ ...head, status: fc.constant(0 as const), bmcSession: u32 }), suite)
      .map(([fields, algorithms]) => ({ ...fields, ...algorithms }))
    eachRoundTrips(responses, encodeOpenSessionResponse, decodeOpenSessionResponse)
    const refusals = fc.record({ tag: u8, status: fc.integer({ min: 1, max: 0x12 }), consoleSession: u32 })
    eachRoundTrips(refusals, encodeOpenSessionResponse, decodeOpenSessionResponse)
  })

  test('RAKP 1 to 4', () => {
    const random = bytes(16, 16)
    const rakp1 = { tag: u8, bmcSession: u32, consoleRandom: random, role: u8, userName: bytes(16) }
    eachRoundTrips(fc.record(rakp1), encodeRakp1, decodeRakp1)
    const head = { tag: u8, status: fc.constant(0), consoleSession: u32 }
    const rakp2 = { ...head, bmcRandom: random, bmcGuid: random, code: bytes(32) }
    eachRoundTrips(fc.record(rakp2), encodeRakp2, decodeRakp2)
    eachRoundTrips(fc.record({ tag: u8, status: u8, bmcSession: u32, code: bytes(32) }), encodeRakp3, decodeRakp3)
    eachRoundTrips(fc.record({ ...head, code: bytes(16) }), encodeRakp4, decodeRakp4)
  })

  test('SOL', () => {
    const nibble = fc.integer({ min: 0, max: 15 })
    const packets = fc.record({ sequence: nibble, acknowledged: nibble, accepted: u8, bits: u8, data: bytes(251) })
    eachRoundTrips(packets, encodeSol, decodeSol)
  })
})

function protectionOf(id: SuiteId, password = 'secret'): Protection {
  const user = keyFrom(Buffer.from(password))
  const { authentication } = CIPHER_SUITES[id]
  const exchange = {
    consoleSession: 1,
    bmcSession: 2,
    consoleRandom: Buffer.alloc(16, 3),
    bmcRandom: Buffer.alloc(16, 4),
    bmcGuid: Buffer.alloc(16, 5),
    role: 0x14,
    userName: Buffer.from('admin'),
  }
  const sik = sessionIntegrityKey(authentication, user, exchange)
  return protectionFor(CIPHER_SUITES[id], sessionKeys(authentication, sik, user))
}

const UNSIGNED = [0, 1, 15] as const
const SIGNED = [2, 3, 7, 8, 11, 12, 16, 17] as const
const types = fc.constantFrom(...(Object.keys(PAYLOAD) as PayloadType[]))
const packets = fc.record({ type: types, session: u32, sequence: u32, payload: bytes(300) })
const open = (sealed: Buffer, protection: Protection) => openPacket(decodePacket(decodeRmcp(sealed).body), protection)

test.each([...UNSIGNED, ...SIGNED])('packets of suite %i come out as they went in', id => {
  const protection = protectionOf(id)
  eachRoundTrips(
    packets,
    packet => encodeSealed(packet, packet.payload, protection),
    sealed => {
      const { type, session, sequence } = decodePacket(decodeRmcp(sealed).body)
      return { type, session, sequence, payload: open(sealed, protection) }
    },
  )
})

describe.each(SIGNED)('signed packets of suite %i', id => {
  const protection = protectionOf(id)

  test('do not come out if one bit is turned', () => {
    const property = fc.property(packets, fc.nat(), fc.integer({ min: 0, max: 7 }), (packet, place, bit) => {
      const sealed = encodeSealed(packet, packet.payload, protection)
      // The RMCP header is not covered, and the only part of it that decides anything is checked by itself.
      const at = 4 + (place % (sealed.length - 4))
      sealed[at] = (sealed[at] ?? 0) ^ (1 << bit)
      expect(() => open(sealed, protection)).toThrow(CodecError)
    })
    fc.assert(property)
  })

  test('of another key, or of none, are refused', () => {
    const packet = { type: 'ipmi', session: 7, sequence: 1, payload: randomBytes(20) } as const
    const sealed = encodeSealed(packet, packet.payload, protection)
    expect(() => open(sealed, protectionOf(id, 'another'))).toThrow('the integrity code does not fit')
    expect(() => open(encodePlain(packet, packet.payload), protection)).toThrow('a packet that is not signed')
  })
})

test('a signed packet that is not encrypted, where that was agreed, is refused', () => {
  // Suites 2 and 3 sign alike: only the encryption is missing.
  const packet = encodeSealed({ type: 'ipmi', session: 7, sequence: 1 }, randomBytes(20), protectionOf(2))
  expect(() => open(packet, protectionOf(3))).toThrow('not encrypted')
})

test('padding that does not count up is refused', () => {
  const { decrypt, encrypt } = protectionOf(3)
  expect(decrypt(encrypt(Buffer.alloc(16)))).toHaveLength(16)
  expect(() => decrypt(Buffer.alloc(31))).toThrow('an encrypted payload of 31 bytes')
  // In CBC a flipped bit of one block is a flipped bit of the next: here of the number of bytes that pad it.
  const damaged = encrypt(Buffer.alloc(16))
  const at = damaged.length - 17
  damaged.writeUInt8(damaged.readUInt8(at) ^ 1, at)
  expect(() => decrypt(damaged)).toThrow(CodecError)
})

test('xRC4 is not spoken', () => {
  expect(() => protectionOf(4)).toThrow("confidentiality 'xrc4-128' is not offered")
})

test('a checksum makes the sum of all bytes zero', () => {
  fc.assert(
    fc.property(bytes(40), data => {
      expect(checksum(Buffer.concat([data, Buffer.from([checksum(data)])]))).toBe(0)
    }),
  )
})
