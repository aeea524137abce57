import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CodecError } from '../../../src/lib/errors.ts'
import { decodePacket, encodePacket, type Packet } from '../../../src/pxe/tftp/packets.ts'
import { captureNames, readCapture } from '../support/captures.ts'
import { bytesOf } from '../support/dhcp-values.ts'
import { dissect } from '../support/tshark.ts'

const word = fc.integer({ min: 0, max: 0xffff })
const words = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 40 })
const number = (min: number, max: number) => fc.integer({ min, max }).map(String)
const pair = fc.oneof(
  fc.tuple(fc.constant('blksize'), number(8, 65_464)),
  fc.tuple(fc.constant('windowsize'), number(1, 65_535)),
  fc.tuple(fc.constant('timeout'), number(1, 255)),
  fc.tuple(fc.constant('tsize'), number(0, 2 ** 31 - 1)),
)
const pairs = fc.array(pair, { maxLength: 4 })
const packet: fc.Arbitrary<Packet> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('rrq' as const, 'wrq' as const),
    file: words,
    mode: fc.constantFrom('octet', 'netascii'),
    options: pairs,
  }),
  fc.record({ kind: fc.constant('data' as const), block: word, data: bytesOf(0, 512) }),
  fc.record({ kind: fc.constant('ack' as const), block: word }),
  fc.record({ kind: fc.constant('error' as const), code: fc.integer({ min: 0, max: 8 }), words }),
  fc.record({ kind: fc.constant('oack' as const), options: pairs }),
)

test.each(captureNames('tftp'))('%s is understood as recorded, and written as it was', async name => {
  const bytes = readCapture('tftp', name)
  const told = decodePacket(bytes)
  await expect(`${JSON.stringify(told, undefined, 2)}\n`).toMatchFileSnapshot(`../../captures/tftp/${name}.json`)
  expect(encodePacket(told)).toEqual(bytes)
})

test('packets survive the wire', () => {
  fc.assert(
    fc.property(packet, sent => {
      expect(decodePacket(encodePacket(sent))).toEqual(sent)
    }),
  )
})

/** It points at every error; and at what it takes for a question for the size. */
const REMARKS = new Set(['TFTP ERROR packet', 'Likely transfer size (tsize) probe'])

test('tshark finds nothing malformed in what is encoded', () => {
  const sent = fc.sample(packet, { numRuns: 1000, seed: 5 }).map(encodePacket)
  const told = dissect(
    sent.map(payload => ({ from: 69, to: 69, payload })),
    ['tftp.opcode'],
  )
  expect(told.flatMap(({ faults }) => faults).filter(fault => !REMARKS.has(fault))).toEqual([])
  expect(told.map(({ fields }) => Number(fields[0]))).toEqual(sent.map(bytes => bytes[1]))
})

describe('odd packets', () => {
  test.each([
    ['nothing', ''],
    ['one byte', '00'],
    ['no known opcode', '0007'],
    ['opcode 0', '0000'],
    ['a request without a name', '0001'],
    ['a name without an end', '0001 61'],
    ['a mode without an end', '0001 6100 6f637465'],
    ['an option without a value', '0001 6100 6f6374657400 626c6b00'],
    ['an ACK without a block', '0004 00'],
    ['an error without a code', '0005 00'],
  ])('%s is a CodecError', (_, hex) => {
    expect(() => decodePacket(Buffer.from(hex.replaceAll(' ', ''), 'hex'))).toThrow(CodecError)
  })

  test('zeros after a request, and errors without text or end, are understood', () => {
    const request = { kind: 'rrq', file: 'a', mode: 'octet', options: [] } as const
    expect(decodePacket(Buffer.concat([encodePacket(request), Buffer.alloc(20)]))).toEqual(request)
    expect(decodePacket(Buffer.from('00050001', 'hex'))).toEqual({ kind: 'error', code: 1, words: '' })
    expect(decodePacket(Buffer.from('000500006e6f', 'hex'))).toEqual({ kind: 'error', code: 0, words: 'no' })
  })
})
