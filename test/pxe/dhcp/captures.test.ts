import { describe, expect, test } from 'vitest'
import { CodecError } from '../../../src/lib/errors.ts'
import { describeMessage } from '../../../src/pxe/dhcp/describe.ts'
import { type DhcpMessage, decodeMessage, encodeMessage } from '../../../src/pxe/dhcp/message.ts'
import { captureNames, readCapture, readCaptures } from '../support/captures.ts'
import { mutants } from '../support/mutants.ts'

describe('messages of real clients and servers', () => {
  test.each(captureNames('dhcp'))('%s is understood as recorded', async name => {
    const told = describeMessage(decodeMessage(readCapture('dhcp', name)))
    await expect(`${JSON.stringify(told, undefined, 2)}\n`).toMatchFileSnapshot(`../../captures/dhcp/${name}.json`)
  })

  test.each(captureNames('dhcp'))('%s means the same after it was written again', name => {
    const message = decodeMessage(readCapture('dhcp', name))
    const { bytes, omitted } = encodeMessage(message)
    expect(omitted).toEqual([])
    expect(decodeMessage(bytes)).toEqual(message)
  })

  test('nothing that is sent in them is unknown to the table, but for what PXE leaves undefined', () => {
    const unknown = readCaptures('dhcp').flatMap(bytes => [...(decodeMessage(bytes).options.other?.keys() ?? [])])
    // 128 to 135: RFC 4578 §3 lists them as asked for and without a meaning; 145: RFC 6704, of dhcpcd.
    expect(new Set(unknown)).toEqual(new Set([145]))
  })
})

test('100,000 damaged messages raise only CodecError', () => {
  let understood = 0
  for (const bytes of mutants(7, 100_000, readCaptures('dhcp')))
    try {
      describeMessage(decodeMessage(bytes))
      understood += 1
    } catch (error) {
      if (!(error instanceof CodecError)) throw error
    }
  // Injuries of names and addresses do not make a message unreadable: the test gets into the options.
  expect(understood).toBeGreaterThan(20_000)
})

test('what is understood of a damaged message can be written and means the same', () => {
  for (const bytes of mutants(8, 5_000, readCaptures('dhcp'))) {
    const message = tryDecode(bytes)
    if (!message) continue
    const written = encodeMessage(message, { maxBytes: 65_507 }).bytes
    expect(withoutOverload(decodeMessage(written))).toEqual(withoutOverload(message))
  }
})

/** Where options stand is the encoder's own choice. */
const withoutOverload = (message: DhcpMessage): DhcpMessage => ({
  ...message,
  options: { ...message.options, overload: undefined },
})

function tryDecode(bytes: Buffer): DhcpMessage | undefined {
  try {
    return decodeMessage(bytes)
  } catch {
    return undefined
  }
}
