import { describe, expect, test } from 'vitest'
import { CodecError } from '../../../src/lib/errors.ts'
import { ARCHITECTURES, architectureOf } from '../../../src/pxe/dhcp/architectures.ts'
import { clientId, clientIdKey } from '../../../src/pxe/dhcp/client-id.ts'
import { describeMessage } from '../../../src/pxe/dhcp/describe.ts'
import { decodeMessage } from '../../../src/pxe/dhcp/message.ts'
import { OPTIONS } from '../../../src/pxe/dhcp/options.ts'
import { swapUuid } from '../../../src/pxe/dhcp/pxe-client.ts'
import { relayAgent } from '../../../src/pxe/dhcp/relay-agent.ts'
import { readCapture } from '../support/captures.ts'

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')

describe('client identifier', () => {
  test.each([
    ['01 52 54 00 77 00 01', { kind: 'hardware', type: 1, address: '52:54:00:77:00:01' }],
    ['ff 00 77 00 10 00 01 00 01 32 95', { kind: 'duid', iaid: 0x770010, duid: '00:01:00:01:32:95' }],
    ['00 01 02', { kind: 'opaque', type: 0, id: '01:02' }],
    ['ff 01 02', { kind: 'opaque', type: 255, id: '01:02' }],
    // Text, as some tell dhclient to send: its first letter stands where the type should. The bytes are kept all the same.
    ['6e 6f 64 65 37', { kind: 'hardware', type: 0x6e, address: '6f:64:65:37' }],
  ] as const)('%s', (bytes, id) => {
    expect(clientId.decode(hex(bytes))).toEqual(id)
    expect(clientIdKey(id)).toBe(bytes.replaceAll(' ', ':'))
  })

  test('a byte above 127 stays what it is', () => {
    expect(clientIdKey(clientId.decode(hex('01 aa bb cc dd ee ff')))).toBe('01:aa:bb:cc:dd:ee:ff')
  })
})

describe('user class', () => {
  const { codec } = OPTIONS.userClass
  test.each([
    ['iPXE without a length', '69 50 58 45', { form: 'raw', classes: ['iPXE'] }],
    ['iPXE as RFC 3004 has it', '04 69 50 58 45', { form: 'list', classes: ['iPXE'] }],
    ['two classes', '01 61 02 62 63', { form: 'list', classes: ['a', 'bc'] }],
    ['lengths that do not add up', '05 61 62', { form: 'raw', classes: ['\x05ab'] }],
  ] as const)('%s', (_, bytes, value) => {
    expect(codec.decode(hex(bytes))).toEqual(value)
  })
})

describe('routes', () => {
  const { codec } = OPTIONS.classlessRoutes
  test('as the examples of RFC 3442', () => {
    expect(codec.decode(hex('00 0a000001 08 0a 0a000002 18 0a0011 0a000003 1d 0a2d8a70 0a000004'))).toEqual([
      { destination: '0.0.0.0/0', router: '10.0.0.1' },
      { destination: '10.0.0.0/8', router: '10.0.0.2' },
      { destination: '10.0.17.0/24', router: '10.0.0.3' },
      { destination: '10.45.138.112/29', router: '10.0.0.4' },
    ])
  })
  test('bits beyond the prefix are zero', () => {
    expect(codec.encode([{ destination: '10.1.2.3/12', router: '10.0.0.1' }])).toEqual(hex('0c 0a00 0a000001'))
  })
  test.each(['21 0a000001', '08', '08 0a 0a0000'])('%s is none', bytes => {
    expect(() => codec.decode(hex(bytes))).toThrow(CodecError)
  })
})

describe('domain search', () => {
  const { codec } = OPTIONS.domainSearch
  test('as the example of RFC 3397: compressed, and split in two', () => {
    const bytes = hex('03 656e67 05 6170706c65 03 636f6d 00 09 6d61726b6574696e67 c004')
    expect(codec.decode(bytes)).toEqual(['eng.apple.com', 'marketing.apple.com'])
    expect(codec.encode(['eng.apple.com', 'marketing.apple.com'])).toEqual(bytes)
  })
  test('odd labels are escaped as in a zone file', () => {
    expect(codec.decode(hex('03 612e62 02 5c00 00'))).toEqual([String.raw`a\.b.\\\000`])
    expect(codec.encode([String.raw`a\.b.\\\000.`])).toEqual(hex('03 612e62 02 5c00 00'))
  })
  test.each([
    ['a pointer to itself', 'c000'],
    ['a pointer forward', '01 61 c005 00'],
    ['pointers in a circle', '01 61 c004 01 62 c000'],
    ['a name without an end', '03 656e67'],
    ['a label of a type that is not used', '41 61 00'],
    ['more names than anyone searches', '00'.repeat(65)],
    ['a name that is too long', '3f'.padEnd(128, '61').repeat(4)],
  ])('%s is a CodecError', (_, bytes) => {
    expect(() => codec.decode(hex(bytes))).toThrow(CodecError)
  })
})

describe('client FQDN', () => {
  const { codec } = OPTIONS.clientFqdn
  const none = { serverUpdates: false, overridden: false, noUpdates: false }
  test('in DNS form, complete or not, and in ASCII', () => {
    expect(codec.decode(hex('05 0000 02 6e37 03 6c6162 00'))).toEqual({
      ...none,
      name: 'n7.lab.',
      wire: true,
      serverUpdates: true,
    })
    expect(codec.decode(hex('04 0000 02 6e37'))).toEqual({ ...none, name: 'n7', wire: true })
    expect(codec.decode(hex('08 0000 6e37'))).toEqual({ ...none, name: 'n7', wire: false, noUpdates: true })
  })
})

test('a relay tells the circuit, and a server may be told its link and its own address', () => {
  const { options } = decodeMessage(readCapture('dhcp', 'dhcrelay-4.4.3-of-dhclient.discover'))
  expect(relayAgent.decode(options.relayAgent ?? Buffer.alloc(0))).toEqual({ circuitId: Buffer.from('c0') })
  const bytes = hex('01 02 6531 05 04 0a4e0000 0b 04 0a4e0001 13 00 c8 01 07')
  const told = {
    circuitId: Buffer.from('e1'),
    linkSelection: '10.78.0.0',
    serverIdOverride: '10.78.0.1',
    sourcePort: true,
  }
  expect(relayAgent.decode(bytes)).toEqual({ ...told, other: new Map([[200, Buffer.of(7)]]) })
})

test('the UUID reads as the machine tells it, and the other byte order is at hand', () => {
  const uuid = OPTIONS.machineUuid.codec.decode(hex('00 6d2e8e1c 5a4b 6d4c 8e9f 0123456789ab'))
  expect(uuid).toBe('1c8e2e6d-4b5a-4c6d-8e9f-0123456789ab')
  expect(swapUuid(uuid)).toBe('6d2e8e1c-5a4b-6d4c-8e9f-0123456789ab')
})

test.each(['ipxe-20190125-seabios-virtio-uuid', 'ovmf-2022.11-pxe4-uuid'])(
  '%s sent the UUID that QEMU was given',
  name => {
    const { options } = decodeMessage(readCapture('dhcp', `${name}.discover`))
    expect(options.machineUuid).toBe('1c8e2e6d-4b5a-4c6d-8e9f-0123456789ab')
  },
)

test('all architectures of IANA have words of their own', () => {
  const words = Object.values(ARCHITECTURES).map(row => row.words)
  expect(new Set(words).size).toBe(42)
  expect(architectureOf(16)).toMatchObject({ cpu: 'x64', firmware: 'uefi', boot: 'http' })
  expect([architectureOf(42), architectureOf(-1)]).toEqual([undefined, undefined])
})

test('a message is told in plain JSON, whatever it holds', () => {
  const message = decodeMessage(readCapture('dhcp', 'dnsmasq-2.90-pxe-menu-to-ovmf.offer'))
  const options = {
    ...message.options,
    relayAgent: Buffer.of(1, 9, 0),
    vendorOptions: Buffer.of(6),
    clientArch: [7, 999],
  }
  const told = JSON.parse(JSON.stringify(describeMessage({ ...message, options }))) as { options: object }
  expect(told.options).toMatchObject({
    relayAgent: '0x010900',
    vendorOptions: '0x06',
    clientArch: ['x64 UEFI', 'unknown architecture 999'],
  })
})
