import { expect, test } from 'vitest'
import { CodecError } from '../../../src/lib/errors.ts'
import { decodeAsf } from '../../../src/bmc/ipmi/wire/asf.ts'
import { decodeMessage } from '../../../src/bmc/ipmi/wire/message.ts'
import { decodeOpenSessionRequest, decodeOpenSessionResponse } from '../../../src/bmc/ipmi/wire/open-session.ts'
import { decodePacket } from '../../../src/bmc/ipmi/wire/packet.ts'
import { decodeRakp1, decodeRakp2, decodeRakp3, decodeRakp4 } from '../../../src/bmc/ipmi/wire/rakp.ts'
import { decodeRmcp } from '../../../src/bmc/ipmi/wire/rmcp.ts'
import { decodeSessionless } from '../../../src/bmc/ipmi/wire/session15.ts'
import { decodeSol } from '../../../src/bmc/ipmi/wire/sol.ts'
import { mutants } from '../../pxe/support/mutants.ts'
import { dissect } from '../../pxe/support/tshark.ts'
import { captureNames, readCapture } from './support/captures.ts'
import { Eavesdropper } from './support/eavesdrop.ts'

test.each(captureNames())('%s: every code fits, and all of it is understood', async name => {
  const listener = new Eavesdropper('secret')
  const told = readCapture(name).map(packet => listener.hear(packet))
  await expect(`${told.join('\n')}\n`).toMatchFileSnapshot(`../../captures/ipmi/${name}.txt`)
})

test('nothing that others recorded has a code that does not fit, but where the password was wrong', () => {
  for (const name of captureNames().filter(one => !one.includes('wrong-password'))) {
    const listener = new Eavesdropper('secret')
    const told = readCapture(name).map(packet => listener.hear(packet))
    expect([name, ...told.filter(line => line.includes('DOES NOT FIT'))]).toEqual([name])
  }
})

test('tshark dissects what our client and our virtual BMC send without complaint', () => {
  const packets = captureNames()
    .filter(name => name.startsWith('ours') || name.includes('virtual'))
    .flatMap(readCapture)
    .map(({ direction, bytes }) =>
      direction === '>' ? { from: 40_000, to: 623, payload: bytes } : { from: 623, to: 40_000, payload: bytes },
    )
  const seen = dissect(packets, ['frame.protocols'])
  expect(seen.filter(({ faults }) => faults.length > 0)).toEqual([])
  expect(seen.every(({ fields: [protocols = ''] }) => /rmcp:(ipmi|asf)/.test(protocols))).toBe(true)
})

/** All that is decoded from a packet without a key, as the sockets would. */
function decodeAll(bytes: Buffer): void {
  const { kind, body } = decodeRmcp(bytes)
  if (kind === 'asf') return void decodeAsf(body)
  if (body[0] !== 0x06) return void decodeMessage(decodeSessionless(body))
  const { type, payload } = decodePacket(body)
  const decoders = {
    openSessionRequest: decodeOpenSessionRequest,
    openSessionResponse: decodeOpenSessionResponse,
    rakp1: decodeRakp1,
    rakp2: decodeRakp2,
    rakp3: decodeRakp3,
    rakp4: decodeRakp4,
    ipmi: decodeMessage,
    sol: decodeSol,
  }
  decoders[type](payload)
}

test('damaged packets raise only CodecError', () => {
  const real = captureNames()
    .flatMap(readCapture)
    .map(({ bytes }) => bytes)
  let refused = 0
  for (const bytes of mutants(7, 20_000, real))
    try {
      decodeAll(bytes)
    } catch (error) {
      expect(error).toBeInstanceOf(CodecError)
      refused += 1
    }
  expect(refused).toBeGreaterThan(5_000)
})
