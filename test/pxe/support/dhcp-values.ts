import * as fc from 'fast-check'
import { type Codec, hexColons, i32, raw, u16, u32, u8 } from '../../../src/lib/bytes.ts'
import { classlessRoutes } from '../../../src/pxe/dhcp/classless-routes.ts'
import { clientId } from '../../../src/pxe/dhcp/client-id.ts'
import { domainNames } from '../../../src/pxe/dhcp/domain-names.ts'
import { clientFqdn } from '../../../src/pxe/dhcp/fqdn.ts'
import { ipxeOptions } from '../../../src/pxe/dhcp/ipxe.ts'
import type { DhcpMessage } from '../../../src/pxe/dhcp/message.ts'
import { OPTIONS, type OptionName, type Options } from '../../../src/pxe/dhcp/options.ts'
import { clientInterface, machineUuid } from '../../../src/pxe/dhcp/pxe-client.ts'
import { pxeOptions } from '../../../src/pxe/dhcp/pxe-options.ts'
import { relayAgent } from '../../../src/pxe/dhcp/relay-agent.ts'
import { userClass } from '../../../src/pxe/dhcp/user-class.ts'
import { addressPairs, flag, ipv4, ipv4List, present, text } from '../../../src/pxe/dhcp/values.ts'
import { enterpriseData } from '../../../src/pxe/dhcp/vendor-identifying.ts'

const byte = fc.integer({ min: 0, max: 0xff })
const word = fc.integer({ min: 0, max: 0xffff })
const long = fc.integer({ min: 0, max: 0xffffffff })
export const bytesOf = (min: number, max: number): fc.Arbitrary<Buffer> =>
  fc.uint8Array({ minLength: min, maxLength: max }).map(bytes => Buffer.from(bytes))
export const hexOf = (min: number, max: number): fc.Arbitrary<string> => bytesOf(min, max).map(hexColons.decode)
const address = fc.ipV4()
const addresses = fc.array(address, { minLength: 1, maxLength: 6 })
const words = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 40 })

const route = fc
  .record({ address: long, prefix: fc.integer({ min: 0, max: 32 }), router: address })
  .map(({ address: bits, prefix, router }) => {
    const kept = prefix === 0 ? 0 : (bits & (0xffffffff << (32 - prefix))) >>> 0
    return { destination: `${ipv4.decode(u32.encode(kept))}/${prefix}`, router }
  })

const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,12}[a-z0-9])?$/)
/** Few labels, many names: so ends repeat and are compressed. */
const domainName = fc.array(fc.oneof(label, fc.constantFrom('lab', 'example', 'rack7')), {
  minLength: 1,
  maxLength: 5,
})
const domainNameText = domainName.map(labels => labels.join('.'))

const clientIds = fc.oneof(
  fc.record({ kind: fc.constant('hardware' as const), type: fc.integer({ min: 1, max: 254 }), address: hexOf(1, 20) }),
  fc.record({ kind: fc.constant('duid' as const), iaid: long, duid: hexOf(3, 20) }),
  fc.record({ kind: fc.constant('opaque' as const), type: fc.constant(0), id: hexOf(1, 20) }),
)
const userClasses = fc.oneof(
  fc.record({ form: fc.constant('list' as const), classes: fc.array(words, { minLength: 1, maxLength: 3 }) }),
  // Lengths add up by chance in none of these.
  fc.record({ form: fc.constant('raw' as const), classes: fc.constantFrom(['iPXE'], ['MSFT'], ['Rackwright agent']) }),
)
const fqdn = fc
  .record({
    labels: domainName,
    dot: fc.constantFrom('', '.'),
    wire: fc.boolean(),
    serverUpdates: fc.boolean(),
    overridden: fc.boolean(),
    noUpdates: fc.boolean(),
  })
  .map(({ labels, dot, ...rest }) => ({ ...rest, name: `${labels.join('.')}${dot}` }))
const ipxe = fc.record(
  {
    priority: fc.integer({ min: -128, max: 127 }),
    noPxeDhcp: fc.boolean(),
    http: byte,
    busId: fc.record({ type: byte, vendor: word, device: word }),
    scriptlet: words,
    version: fc.constantFrom('1.0.0', '1.21.1'),
  },
  { requiredKeys: [] },
)

/** As tshark expects enterprise numbers to use it: a code, a length, bytes. */
const subOption = bytesOf(1, 30).map(bytes => Buffer.concat([Buffer.of(1, bytes.length), bytes]))

export const relayInfo = fc.record(
  {
    circuitId: bytesOf(1, 30),
    remoteId: bytesOf(1, 30),
    linkSelection: address,
    serverIdOverride: address,
    subscriberId: words,
    sourcePort: fc.constant(true as const),
    other: fc.constant(new Map([[200, Buffer.of(0, 255, 1)]])),
  },
  { requiredKeys: [] },
)

export const pxeInfo = fc.record(
  {
    mtftpAddress: address,
    mtftpClientPort: word,
    discoveryControl: fc.record({
      noBroadcast: fc.boolean(),
      noMulticast: fc.boolean(),
      listedServersOnly: fc.boolean(),
      skipDiscovery: fc.boolean(),
    }),
    discoveryMulticast: address,
    bootServers: fc.array(fc.record({ type: word, addresses }), { minLength: 1, maxLength: 4 }),
    bootMenu: fc.array(fc.record({ type: word, words }), { minLength: 1, maxLength: 4 }),
    menuPrompt: fc.record({ timeoutSeconds: byte, words }),
    credentialTypes: fc.array(long, { minLength: 1, maxLength: 3 }),
    bootItem: fc.record({ type: word, layer: word }),
  },
  { requiredKeys: [] },
)

/** What a codec can carry. The rows that share a codec share this. */
const BY_CODEC = new Map<unknown, fc.Arbitrary<unknown>>([
  [u8, byte],
  [u16, word],
  [u32, long],
  [i32, fc.integer({ min: -0x80000000, max: 0x7fffffff })],
  [ipv4, address],
  [ipv4List, addresses],
  [text, words],
  [flag, fc.boolean()],
  [present, fc.constant(true)],
  [raw, bytesOf(1, 60)],
  [addressPairs, fc.array(fc.tuple(address, address), { minLength: 1, maxLength: 3 })],
  [classlessRoutes, fc.array(route, { minLength: 1, maxLength: 4 })],
  [clientId, clientIds],
  [userClass, userClasses],
  [domainNames, fc.array(domainNameText, { minLength: 1, maxLength: 5 })],
  [clientFqdn, fqdn],
  [clientInterface, fc.record({ type: byte, major: byte, minor: byte })],
  [machineUuid, fc.uuid({ version: [1, 2, 3, 4, 5, 6, 7, 8] })],
  [enterpriseData, fc.array(fc.record({ enterprise: long, data: subOption }), { minLength: 1, maxLength: 3 })],
  [ipxeOptions, ipxe],
])
/** Rows with a codec of their own. */
const BY_NAME: { readonly [N in OptionName]?: fc.Arbitrary<unknown> } = {
  relayAgent: relayInfo.map(relayAgent.encode),
  vendorOptions: pxeInfo.map(pxeOptions.encode),
  authentication: bytesOf(11, 40).map(bytes => Buffer.concat([Buffer.of(0, 0, 0), bytes])),
  pathMtuPlateaus: fc.array(word, { minLength: 1, maxLength: 6 }),
  messageType: fc.constantFrom('discover', 'offer', 'request', 'decline', 'ack', 'nak', 'release', 'inform'),
  parameterRequestList: fc.array(fc.integer({ min: 1, max: 254 }), { minLength: 1, maxLength: 30 }),
  clientArch: fc.array(fc.integer({ min: 0, max: 41 }), { minLength: 1, maxLength: 3 }),
  autoConfigure: fc.constantFrom('doNot', 'may'),
  nameServiceSearch: fc.array(fc.constantFrom(0, 6, 41, 44, 65), { minLength: 1, maxLength: 5 }),
}

/** `overload` is what the encoder decides itself. */
export const optionNames = (Object.keys(OPTIONS) as OptionName[]).filter(name => name !== 'overload')

export function valueOf(name: OptionName): fc.Arbitrary<unknown> {
  const codec: Codec<unknown> = OPTIONS[name].codec
  const found = BY_NAME[name] ?? BY_CODEC.get(codec)
  if (!found) throw new Error(`no values for option ${name}`)
  return found
}

/** Any set of options that the table knows, each with any value. */
const optionSet: fc.Arbitrary<Options> = fc
  .subarray(optionNames, { minLength: 1, maxLength: 12 })
  .chain(names => fc.record(Object.fromEntries(names.map(name => [name, valueOf(name)])))) as fc.Arbitrary<Options>

export const message: fc.Arbitrary<DhcpMessage> = fc.record({
  op: fc.constantFrom('request' as const, 'reply' as const),
  htype: fc.constantFrom(1, 6, 32),
  hops: fc.integer({ min: 0, max: 16 }),
  xid: long,
  secs: word,
  broadcast: fc.boolean(),
  ciaddr: address,
  yiaddr: address,
  siaddr: address,
  giaddr: address,
  chaddr: fc.oneof(hexOf(6, 6), hexOf(0, 16)),
  sname: fc.oneof(fc.constant(''), words),
  file: fc.oneof(fc.constant(''), words),
  options: optionSet,
})
