import { describe, expect, test } from 'vitest'
import { CodecError } from '../../../src/lib/errors.ts'
import { type DhcpMessage, decodeMessage, encodeMessage, maxReplyBytes } from '../../../src/pxe/dhcp/message.ts'
import type { Options } from '../../../src/pxe/dhcp/options.ts'

const OFFER: DhcpMessage = {
  op: 'reply',
  htype: 1,
  hops: 0,
  xid: 0x12345678,
  secs: 0,
  broadcast: true,
  ciaddr: '0.0.0.0',
  yiaddr: '10.0.0.5',
  siaddr: '10.0.0.1',
  giaddr: '0.0.0.0',
  chaddr: '52:54:00:00:00:01',
  sname: '',
  file: '',
  options: {},
}
const NEEDED: Options = { messageType: 'offer', serverId: '10.0.0.1', leaseSeconds: 3600, subnetMask: '255.255.255.0' }

const offer = (options: Options, rest: Partial<DhcpMessage> = {}): DhcpMessage => ({
  ...OFFER,
  ...rest,
  options: { ...NEEDED, ...options },
})
/** The fixed part of an offer, and then these bytes. */
const withOptions = (...bytes: number[]): Buffer =>
  Buffer.concat([encodeMessage(OFFER).bytes.subarray(0, 240), Buffer.from(bytes)])
/** Codes and lengths as they stand on the wire. */
function layoutOf(area: Buffer): [number, number][] {
  const found: [number, number][] = []
  for (let at = 0; area[at] !== 255 && at < area.length; at += 2 + (area[at + 1] ?? 0))
    found.push([area[at] ?? 0, area[at + 1] ?? 0])
  return found
}
const codesOf = (area: Buffer): number[] => layoutOf(area).map(([code]) => code)
const [SNAME, FILE, MAIN] = [44, 108, 240]

describe('what is no message', () => {
  const whole = encodeMessage(offer({})).bytes
  const changed = (at: number, value: number): Buffer => {
    const copy = Buffer.from(whole)
    copy[at] = value
    return copy
  }
  test.each([
    ['nothing', Buffer.alloc(0), 'too few'],
    ['a BOOTP message without a cookie', whole.subarray(0, 236), 'too few'],
    ['another magic cookie', changed(236, 0xde), 'magic cookie'],
    ['neither request nor reply', changed(0, 3), 'none of request, reply'],
    ['a hardware address that does not fit in its field', changed(2, 17), '17 bytes'],
    ['an unknown message type', withOptions(53, 1, 99, 255), 'none of discover'],
    ['a message type of two bytes', withOptions(53, 2, 1, 1, 255), 'none of discover'],
    ['an option that is cut off', withOptions(53, 1, 1, 12, 9, 65, 66), 'runs past the end'],
    ['an option without a length', withOptions(53, 1, 1, 12), 'runs past the end'],
    ['an overload that means nothing', withOptions(52, 1, 9, 255), 'none of file'],
    ['a server identifier of three bytes', withOptions(54, 3, 10, 0, 0, 255), '3 bytes'],
  ])('%s', (_, bytes, words) => {
    expect(() => decodeMessage(bytes)).toThrow(CodecError)
    expect(() => decodeMessage(bytes)).toThrow(words)
  })
})

describe('reading options', () => {
  test('pads may stand anywhere, and the last END may be missing', () => {
    expect(decodeMessage(withOptions(0, 53, 1, 1, 0, 0, 12, 2, 65, 66)).options).toEqual({
      messageType: 'discover',
      hostName: 'AB',
    })
  })

  test('nothing counts after END', () => {
    expect(decodeMessage(withOptions(53, 1, 1, 255, 12, 2, 65, 66)).options).toEqual({ messageType: 'discover' })
  })

  test('text ends at a NUL, which clients should not send and do', () => {
    expect(decodeMessage(withOptions(12, 4, 65, 66, 0, 0, 255)).options.hostName).toBe('AB')
  })

  test('an option that no row knows is kept, and so is one that is malformed and not vital', () => {
    const { options } = decodeMessage(withOptions(53, 1, 1, 224, 2, 1, 2, 93, 3, 0, 7, 0, 255))
    expect(options).toEqual({
      messageType: 'discover',
      other: new Map([
        [224, Buffer.of(1, 2)],
        [93, Buffer.of(0, 7, 0)],
      ]),
    })
  })

  test('the parts of a split option are joined from all three areas, in the order of RFC 3396', () => {
    const bytes = withOptions(52, 1, 3, 12, 2, 0x61, 0x62, 12, 1, 0x63, 255)
    Buffer.from([12, 2, 0x64, 0x65, 255]).copy(bytes, FILE)
    Buffer.from([12, 1, 0x66, 255]).copy(bytes, SNAME)
    expect(decodeMessage(bytes)).toMatchObject({ options: { hostName: 'abcdef' }, file: '', sname: '' })
  })

  test('a field that is not overloaded is a name', () => {
    const bytes = withOptions(52, 1, 1, 255)
    Buffer.from([12, 1, 0x61, 255]).copy(bytes, FILE)
    bytes.write('boot1', SNAME)
    expect(decodeMessage(bytes)).toMatchObject({ options: { hostName: 'a' }, file: '', sname: 'boot1' })
  })
})

describe('writing options', () => {
  test('at least 300 bytes; first the message type, last the relay agent, as they came', () => {
    const relayAgent = Buffer.of(1, 2, 0, 255, 200, 1, 7)
    const { bytes } = encodeMessage(
      offer({ dnsServers: ['10.0.0.2'], relayAgent, other: new Map([[224, Buffer.of(1)]]) }),
    )
    expect(bytes).toHaveLength(300)
    expect(codesOf(bytes.subarray(MAIN))).toEqual([53, 54, 51, 1, 6, 224, 82])
    expect(decodeMessage(bytes).options.relayAgent).toEqual(relayAgent)
  })

  test('after what every client needs comes what this one asked for, in its order', () => {
    const options = { hostName: 'n1', domainName: 'lab.example', dnsServers: ['10.0.0.2'], ntpServers: ['10.0.0.3'] }
    const { bytes } = encodeMessage(offer(options), { requested: [42, 6, 12] })
    expect(codesOf(bytes.subarray(MAIN))).toEqual([53, 54, 51, 1, 42, 6, 12, 15])
  })

  test('an option of more than 255 bytes is split, also option 43', () => {
    const vendorOptions = Buffer.alloc(600, 7)
    const { bytes } = encodeMessage(offer({ vendorOptions }), { maxBytes: 1472 })
    expect(layoutOf(bytes.subarray(MAIN)).filter(([code]) => code === 43)).toEqual([
      [43, 255],
      [43, 255],
      [43, 90],
    ])
    expect(decodeMessage(bytes).options.vendorOptions).toEqual(vendorOptions)
  })

  test('what is too much for the options goes into the empty fields', () => {
    const { bytes, omitted } = encodeMessage(
      offer({
        relayAgent: Buffer.of(1, 1, 7),
        rootPath: 'r'.repeat(230),
        domainName: 'd'.repeat(30),
        hostName: 'h'.repeat(100),
      }),
    )
    expect({ length: bytes.length <= 548, omitted }).toEqual({ length: true, omitted: [] })
    expect(codesOf(bytes.subarray(MAIN))).toEqual([53, 52, 54, 51, 1, 15, 17, 82])
    expect(codesOf(bytes.subarray(FILE))).toEqual([12])
    expect(decodeMessage(bytes).options.rootPath).toHaveLength(230)
  })

  test('a name stays in its field as long as the other one will do', () => {
    const { bytes } = encodeMessage(
      offer({ rootPath: 'r'.repeat(230), domainName: 'd'.repeat(60) }, { file: 'boot.efi' }),
    )
    expect(decodeMessage(bytes)).toMatchObject({
      file: 'boot.efi',
      options: { overload: 'sname', domainName: 'd'.repeat(60) },
    })
  })

  test('when both fields are needed, names become options 67 and 66', () => {
    const full = offer(
      { rootPath: 'r'.repeat(220), domainName: 'd'.repeat(60), hostName: 'h'.repeat(120) },
      { file: 'boot.efi', sname: 'boot1' },
    )
    const { bytes, omitted } = encodeMessage(full)
    expect(omitted).toEqual([])
    expect(decodeMessage(bytes)).toMatchObject({
      file: '',
      sname: '',
      options: { overload: 'both', bootFile: 'boot.efi', tftpServerName: 'boot1' },
    })
  })

  test('the order that was asked for holds when a name becomes an option, too', () => {
    const options = { dnsServers: ['10.0.0.2'], ntpServers: ['10.0.0.3'] }
    const { bytes } = encodeMessage(offer(options, { file: `http://boot.example/${'x'.repeat(120)}` }), {
      requested: [42, 6],
    })
    expect(codesOf(bytes.subarray(MAIN))).toEqual([53, 54, 51, 1, 67, 42, 6])
  })

  test('a URL that is too long for its field becomes option 67', () => {
    const url = `http://boot.example/${'x'.repeat(120)}`
    expect(decodeMessage(encodeMessage(offer({}, { file: url })).bytes)).toMatchObject({
      file: '',
      options: { bootFile: url },
    })
  })

  test('what still does not fit is left out, the least wanted first, and told', () => {
    const options = {
      rootPath: 'r'.repeat(250),
      hostName: 'h'.repeat(100),
      nisDomain: 'n'.repeat(120),
      domainName: 'd'.repeat(100),
    }
    const { bytes, omitted } = encodeMessage(offer(options), { requested: [40, 15, 12] })
    expect(omitted).toEqual([17])
    expect(decodeMessage(bytes).options.rootPath).toBeUndefined()
  })

  test('without what every client needs there is no message', () => {
    expect(() => encodeMessage(offer({ vendorOptions: Buffer.alloc(600) }))).toThrow('do not fit in 308 bytes')
  })

  test.each([
    [{}, 548],
    [{ maxMessageBytes: 100 }, 548],
    [{ maxMessageBytes: 1260 }, 1232],
    [{ maxMessageBytes: 65_535 }, 1472],
  ])('option 57 counts the whole datagram: %o leaves %i bytes', (options, bytes) => {
    expect(maxReplyBytes(options)).toBe(bytes)
  })

  test.each([
    ['an address', offer({ serverId: '10.0.0.300' })],
    ['an address with a leading zero', offer({ serverId: '10.0.0.010' })],
    ['a number', offer({ leaseSeconds: 2 ** 32 })],
    ['text with a NUL', offer({ hostName: 'a\0b' })],
    ['a hardware address', offer({}, { chaddr: 'zz' })],
    ['a long hardware address', offer({}, { chaddr: 'aa:'.repeat(16) + 'aa' })],
    ['a transaction id', offer({}, { xid: -1 })],
    ['a route', offer({ classlessRoutes: [{ destination: '10.0.0.0/33', router: '10.0.0.1' }] })],
    ['a domain name', offer({ domainSearch: ['a..b'] })],
    ['a UUID', offer({ machineUuid: 'no' })],
  ])('%s that cannot be written is a CodecError', (_, message) => {
    expect(() => encodeMessage(message)).toThrow(CodecError)
  })
})
