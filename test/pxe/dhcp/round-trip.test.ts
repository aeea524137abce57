import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Codec } from '../../../src/lib/bytes.ts'
import { decodeMessage, encodeMessage } from '../../../src/pxe/dhcp/message.ts'
import { OPTIONS } from '../../../src/pxe/dhcp/options.ts'
import { pxeOptions } from '../../../src/pxe/dhcp/pxe-options.ts'
import { relayAgent } from '../../../src/pxe/dhcp/relay-agent.ts'
import { hexOf, message, optionNames, pxeInfo, relayInfo, valueOf } from '../support/dhcp-values.ts'
import { dissect } from '../support/tshark.ts'

/** Room for every option: nothing is left out. */
const ROOM = { maxBytes: 65_507 }

function expectRoundTrip<T>(codec: Codec<T>, values: fc.Arbitrary<T>): void {
  fc.assert(
    fc.property(values, value => {
      expect(codec.decode(codec.encode(value))).toEqual(value)
    }),
  )
}

describe('every option of the table', () => {
  test.each(optionNames)('%s survives the wire', name => {
    const codec: Codec<unknown> = OPTIONS[name].codec
    expectRoundTrip(codec, valueOf(name))
  })

  test('has a code of its own', () => {
    const codes = Object.values(OPTIONS).map(({ code }) => code)
    expect(new Set(codes).size).toBe(codes.length)
  })
})

test('messages survive the wire', () => {
  fc.assert(
    fc.property(message, sent => {
      const { bytes, omitted } = encodeMessage(sent, ROOM)
      expect(omitted).toEqual([])
      expect(bytes.length).toBeGreaterThanOrEqual(300)
      expect(decodeMessage(bytes)).toEqual(sent)
    }),
    { numRuns: 1000 },
  )
})

test('messages that must be squeezed keep what they keep, and tell what they left out', () => {
  fc.assert(
    fc.property(message, fc.integer({ min: 540, max: 700 }), (sent, maxBytes) => {
      const { bytes, omitted } = encodeMessage(sent, { maxBytes })
      expect(bytes.length).toBeLessThanOrEqual(maxBytes)
      const { options, file, sname } = decodeMessage(bytes)
      expect(sent.file === '' || [file, options.bootFile].includes(sent.options.bootFile ?? sent.file)).toBe(true)
      expect(
        sent.sname === '' || [sname, options.tftpServerName].includes(sent.options.tftpServerName ?? sent.sname),
      ).toBe(true)
      for (const name of optionNames)
        if (omitted.includes(OPTIONS[name].code)) expect(options[name]).toBeUndefined()
        else if (sent.options[name] !== undefined) expect(options[name]).toEqual(sent.options[name])
    }),
    { numRuns: 1000 },
  )
})

test('what is inside of option 82 survives the wire, what is unknown in it too', () => {
  expectRoundTrip(relayAgent, relayInfo)
})

test('what is inside of a PXE option 43 survives the wire', () => {
  expectRoundTrip(pxeOptions, pxeInfo)
})

/** What tshark 4.0 remarks, and is no malformation. */
const REMARKS = new Set([
  // The user class without lengths, as iPXE sends it.
  'Non standard compliant option data',
  // RFC 8357 is newer than its dissector.
  'ERROR, please report: Unknown subopt type handler 19',
  'Client Architecture ID 9 is often incorrectly used for EFI x64',
  // A client identifier of type 0 with a NUL in it: it reads them as text.
  'Trailing stray characters',
  'Seconds elapsed appears to be encoded as little-endian',
])

test('tshark finds nothing malformed in what is encoded', { timeout: 60_000 }, () => {
  // It remarks on messages without a hardware address.
  const addressed = fc.tuple(message, hexOf(6, 6)).map(([each, chaddr]) => ({ ...each, chaddr }))
  const sent = fc.sample(addressed, { numRuns: 2000, seed: 11 })
  const packets = sent.flatMap(each => [encodeMessage(each, ROOM), encodeMessage(each, { maxBytes: 548 })])
  const told = dissect(
    packets.map(({ bytes }) => ({ from: 67, to: 68, payload: bytes })),
    ['dhcp.id', 'dhcp.hw.mac_addr'],
  )
  expect(told.flatMap(({ faults }) => faults).filter(fault => !REMARKS.has(fault))).toEqual([])
  expect(told.map(({ fields }) => Number(fields[0]))).toEqual(sent.flatMap(({ xid }) => [xid, xid]))
})
