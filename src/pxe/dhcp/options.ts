import { i32, listOf, raw, u16, u32, u8, u8List } from '../../lib/bytes.ts'
import { classlessRoutes } from './classless-routes.ts'
import { clientId } from './client-id.ts'
import { domainNames } from './domain-names.ts'
import { clientFqdn } from './fqdn.ts'
import { ipxeOptions } from './ipxe.ts'
import { clientInterface, machineUuid } from './pxe-client.ts'
import { type Table, type Values, optionSpace } from './space.ts'
import { userClass } from './user-class.ts'
import { addressPairs, flag, ipv4, ipv4List, present, text, wordOf } from './values.ts'
import { enterpriseData } from './vendor-identifying.ts'

const MESSAGE_TYPES = {
  discover: 1,
  offer: 2,
  request: 3,
  decline: 4,
  ack: 5,
  nak: 6,
  release: 7,
  inform: 8,
  forceRenew: 9,
  leaseQuery: 10,
  leaseUnassigned: 11,
  leaseUnknown: 12,
  leaseActive: 13,
} as const
/** @public */
export type MessageType = keyof typeof MESSAGE_TYPES

/** Which of the two fixed fields hold options instead of names. */
const OVERLOADS = { file: 1, sname: 2, both: 3 } as const
export type Overload = keyof typeof OVERLOADS

const AUTO_CONFIGURE = { doNot: 0, may: 1 } as const

export const OPTIONS = {
  subnetMask: { code: 1, codec: ipv4, ref: 'RFC 2132 §3.3' },
  timeOffsetSeconds: { code: 2, codec: i32, ref: 'RFC 2132 §3.4' },
  routers: { code: 3, codec: ipv4List, ref: 'RFC 2132 §3.5' },
  timeServers: { code: 4, codec: ipv4List, ref: 'RFC 2132 §3.6' },
  nameServers: { code: 5, codec: ipv4List, ref: 'RFC 2132 §3.7' },
  dnsServers: { code: 6, codec: ipv4List, ref: 'RFC 2132 §3.8' },
  logServers: { code: 7, codec: ipv4List, ref: 'RFC 2132 §3.9' },
  cookieServers: { code: 8, codec: ipv4List, ref: 'RFC 2132 §3.10' },
  lprServers: { code: 9, codec: ipv4List, ref: 'RFC 2132 §3.11' },
  impressServers: { code: 10, codec: ipv4List, ref: 'RFC 2132 §3.12' },
  resourceLocationServers: { code: 11, codec: ipv4List, ref: 'RFC 2132 §3.13' },
  hostName: { code: 12, codec: text, ref: 'RFC 2132 §3.14' },
  bootFileBlocks: { code: 13, codec: u16, ref: 'RFC 2132 §3.15' },
  meritDumpFile: { code: 14, codec: text, ref: 'RFC 2132 §3.16' },
  domainName: { code: 15, codec: text, ref: 'RFC 2132 §3.17' },
  swapServer: { code: 16, codec: ipv4, ref: 'RFC 2132 §3.18' },
  rootPath: { code: 17, codec: text, ref: 'RFC 2132 §3.19' },
  extensionsPath: { code: 18, codec: text, ref: 'RFC 2132 §3.20' },
  ipForwarding: { code: 19, codec: flag, ref: 'RFC 2132 §4.1' },
  nonLocalSourceRouting: { code: 20, codec: flag, ref: 'RFC 2132 §4.2' },
  policyFilters: { code: 21, codec: addressPairs, ref: 'RFC 2132 §4.3' },
  maxReassemblyBytes: { code: 22, codec: u16, ref: 'RFC 2132 §4.4' },
  defaultTtl: { code: 23, codec: u8, ref: 'RFC 2132 §4.5' },
  pathMtuAgingSeconds: { code: 24, codec: u32, ref: 'RFC 2132 §4.6' },
  pathMtuPlateaus: { code: 25, codec: listOf(2, u16), ref: 'RFC 2132 §4.7' },
  interfaceMtu: { code: 26, codec: u16, ref: 'RFC 2132 §5.1' },
  allSubnetsLocal: { code: 27, codec: flag, ref: 'RFC 2132 §5.2' },
  broadcastAddress: { code: 28, codec: ipv4, ref: 'RFC 2132 §5.3' },
  performMaskDiscovery: { code: 29, codec: flag, ref: 'RFC 2132 §5.4' },
  maskSupplier: { code: 30, codec: flag, ref: 'RFC 2132 §5.5' },
  performRouterDiscovery: { code: 31, codec: flag, ref: 'RFC 2132 §5.6' },
  routerSolicitationAddress: { code: 32, codec: ipv4, ref: 'RFC 2132 §5.7' },
  staticRoutes: { code: 33, codec: addressPairs, ref: 'RFC 2132 §5.8' },
  trailerEncapsulation: { code: 34, codec: flag, ref: 'RFC 2132 §6.1' },
  arpCacheSeconds: { code: 35, codec: u32, ref: 'RFC 2132 §6.2' },
  ethernetEncapsulation: { code: 36, codec: flag, ref: 'RFC 2132 §6.3' },
  tcpDefaultTtl: { code: 37, codec: u8, ref: 'RFC 2132 §7.1' },
  tcpKeepaliveSeconds: { code: 38, codec: u32, ref: 'RFC 2132 §7.2' },
  tcpKeepaliveGarbage: { code: 39, codec: flag, ref: 'RFC 2132 §7.3' },
  nisDomain: { code: 40, codec: text, ref: 'RFC 2132 §8.1' },
  nisServers: { code: 41, codec: ipv4List, ref: 'RFC 2132 §8.2' },
  ntpServers: { code: 42, codec: ipv4List, ref: 'RFC 2132 §8.3' },
  /** What it means depends on `vendorClass`: `pxeOptions` reads that of PXE clients. */
  vendorOptions: { code: 43, codec: raw, ref: 'RFC 2132 §8.4' },
  netbiosNameServers: { code: 44, codec: ipv4List, ref: 'RFC 2132 §8.5' },
  netbiosDatagramServers: { code: 45, codec: ipv4List, ref: 'RFC 2132 §8.6' },
  netbiosNodeType: { code: 46, codec: u8, ref: 'RFC 2132 §8.7' },
  netbiosScope: { code: 47, codec: text, ref: 'RFC 2132 §8.8' },
  xFontServers: { code: 48, codec: ipv4List, ref: 'RFC 2132 §8.9' },
  xDisplayManagers: { code: 49, codec: ipv4List, ref: 'RFC 2132 §8.10' },
  requestedAddress: { code: 50, codec: ipv4, ref: 'RFC 2132 §9.1', vital: true },
  leaseSeconds: { code: 51, codec: u32, ref: 'RFC 2132 §9.2' },
  /** On the way out `encodeMessage` sets it. */
  overload: { code: 52, codec: wordOf(OVERLOADS), ref: 'RFC 2132 §9.3', vital: true },
  messageType: { code: 53, codec: wordOf(MESSAGE_TYPES), ref: 'RFC 2132 §9.6', vital: true },
  serverId: { code: 54, codec: ipv4, ref: 'RFC 2132 §9.7', vital: true },
  parameterRequestList: { code: 55, codec: u8List, ref: 'RFC 2132 §9.8' },
  message: { code: 56, codec: text, ref: 'RFC 2132 §9.9' },
  maxMessageBytes: { code: 57, codec: u16, ref: 'RFC 2132 §9.10' },
  renewalSeconds: { code: 58, codec: u32, ref: 'RFC 2132 §9.11' },
  rebindingSeconds: { code: 59, codec: u32, ref: 'RFC 2132 §9.12' },
  vendorClass: { code: 60, codec: text, ref: 'RFC 2132 §9.13' },
  clientId: { code: 61, codec: clientId, ref: 'RFC 2132 §9.14, RFC 4361 §6.1' },
  nisPlusDomain: { code: 64, codec: text, ref: 'RFC 2132 §8.11' },
  nisPlusServers: { code: 65, codec: ipv4List, ref: 'RFC 2132 §8.12' },
  tftpServerName: { code: 66, codec: text, ref: 'RFC 2132 §9.4' },
  bootFile: { code: 67, codec: text, ref: 'RFC 2132 §9.5' },
  mobileIpHomeAgents: { code: 68, codec: ipv4List, ref: 'RFC 2132 §8.13' },
  smtpServers: { code: 69, codec: ipv4List, ref: 'RFC 2132 §8.14' },
  pop3Servers: { code: 70, codec: ipv4List, ref: 'RFC 2132 §8.15' },
  nntpServers: { code: 71, codec: ipv4List, ref: 'RFC 2132 §8.16' },
  wwwServers: { code: 72, codec: ipv4List, ref: 'RFC 2132 §8.17' },
  fingerServers: { code: 73, codec: ipv4List, ref: 'RFC 2132 §8.18' },
  ircServers: { code: 74, codec: ipv4List, ref: 'RFC 2132 §8.19' },
  streetTalkServers: { code: 75, codec: ipv4List, ref: 'RFC 2132 §8.20' },
  streetTalkDirectoryServers: { code: 76, codec: ipv4List, ref: 'RFC 2132 §8.21' },
  userClass: { code: 77, codec: userClass, ref: 'RFC 3004 §4' },
  rapidCommit: { code: 80, codec: present, ref: 'RFC 4039 §4' },
  clientFqdn: { code: 81, codec: clientFqdn, ref: 'RFC 4702 §2' },
  /** `relayAgent` in relay-agent.ts reads it. Raw, for it goes back as it came. */
  relayAgent: { code: 82, codec: raw, ref: 'RFC 3046 §2.0' },
  authentication: { code: 90, codec: raw, ref: 'RFC 3118 §2' },
  lastTransactionSeconds: { code: 91, codec: u32, ref: 'RFC 4388 §6.1' },
  associatedAddresses: { code: 92, codec: ipv4List, ref: 'RFC 4388 §6.1' },
  clientArch: { code: 93, codec: listOf(2, u16), ref: 'RFC 4578 §2.1' },
  clientInterface: { code: 94, codec: clientInterface, ref: 'RFC 4578 §2.2' },
  machineUuid: { code: 97, codec: machineUuid, ref: 'RFC 4578 §2.3' },
  posixTimezone: { code: 100, codec: text, ref: 'RFC 4833 §2' },
  tzdbTimezone: { code: 101, codec: text, ref: 'RFC 4833 §2' },
  ipv6OnlySeconds: { code: 108, codec: u32, ref: 'RFC 8925 §3' },
  captivePortal: { code: 114, codec: text, ref: 'RFC 8910 §2.1' },
  autoConfigure: { code: 116, codec: wordOf(AUTO_CONFIGURE), ref: 'RFC 2563 §2' },
  nameServiceSearch: { code: 117, codec: listOf(2, u16), ref: 'RFC 2937 §3' },
  subnetSelection: { code: 118, codec: ipv4, ref: 'RFC 3011 §2' },
  domainSearch: { code: 119, codec: domainNames, ref: 'RFC 3397 §2' },
  classlessRoutes: { code: 121, codec: classlessRoutes, ref: 'RFC 3442' },
  vendorClasses: { code: 124, codec: enterpriseData, ref: 'RFC 3925 §3' },
  enterpriseOptions: { code: 125, codec: enterpriseData, ref: 'RFC 3925 §4' },
  tftpServers: { code: 150, codec: ipv4List, ref: 'RFC 5859 §3' },
  ipxe: { code: 175, codec: ipxeOptions, ref: 'iPXE: src/include/ipxe/dhcp.h' },
  pxelinuxMagic: { code: 208, codec: raw, ref: 'RFC 5071 §3' },
  pxelinuxConfigFile: { code: 209, codec: text, ref: 'RFC 5071 §4' },
  pxelinuxPathPrefix: { code: 210, codec: text, ref: 'RFC 5071 §5' },
  pxelinuxRebootSeconds: { code: 211, codec: u32, ref: 'RFC 5071 §6' },
  microsoftClasslessRoutes: { code: 249, codec: classlessRoutes, ref: 'MS-DHCPE §2.2.8' },
  proxyAutoDiscovery: { code: 252, codec: text, ref: 'draft-ietf-wrec-wpad-01 §4.4.1' },
} as const satisfies Table

export type OptionName = keyof typeof OPTIONS
export type Options = Values<typeof OPTIONS>

export const options = optionSpace(OPTIONS)

/** The name of a code of `parameterRequestList` and the like; undefined for one without a row. */
const NAMES = new Map<number, OptionName>(Object.entries(OPTIONS).map(([name, { code }]) => [code, name as OptionName]))
export const optionName = (code: number): OptionName | undefined => NAMES.get(code)
