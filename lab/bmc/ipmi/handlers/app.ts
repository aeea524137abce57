import {
  ACCESS_MODES,
  CIPHER_SUITES_PIECE,
  getChannelAccess,
  getChannelAuthenticationCapabilities,
  getChannelCipherSuites,
  getChannelInfo,
  setChannelAccess,
  THIS_CHANNEL,
} from '../../../../src/bmc/ipmi/commands/channel.ts'
import {
  coldReset,
  getDeviceGuid,
  getDeviceId,
  getSelfTestResults,
  getSystemGuid,
  warmReset,
} from '../../../../src/bmc/ipmi/commands/device.ts'
import { closeSession, PRIVILEGE, setSessionPrivilege } from '../../../../src/bmc/ipmi/commands/session.ts'
import {
  AUTHENTICATION,
  CIPHER_SUITES,
  CONFIDENTIALITY,
  INTEGRITY,
  type SuiteId,
} from '../../../../src/bmc/ipmi/wire/suites.ts'
import { bytes, CODE, Refusal, u16, u24 } from '../codes.ts'
import { type Call, serve } from '../handler.ts'

/** Every function of a BMC but the bridge (§20.1). */
const SUPPORT = 0xbf
const LAN_CHANNEL = 1
const LAN_MEDIUM = 4
const LAN_PROTOCOL = 1
const SUITE = { standard: 0xc0, integrity: 0x40, confidentiality: 0x80 } as const

/** Commands of the application group: the BMC itself, its sessions, its channel. */
export const APP = [
  serve(getDeviceId, 'user', ({ bmc: { config } }) => [
    ...bytes(0x20, 0x01, config.firmware.major, bcd(config.firmware.minor), 0x02, SUPPORT),
    ...u24(config.manufacturerId),
    ...u16(config.productId),
    ...bytes(0, 0, 0, 0),
  ]),
  serve(getDeviceGuid, 'user', ({ bmc }) => bmc.config.guid),
  serve(getSystemGuid, 'none', ({ bmc }) => bmc.config.guid),
  serve(getSelfTestResults, 'user', () => [0x55, 0]),
  serve(coldReset, 'administrator', resetSoon),
  serve(warmReset, 'administrator', resetSoon),
  serve(getChannelAuthenticationCapabilities, 'none', capabilities),
  serve(getChannelCipherSuites, 'none', cipherSuites),
  serve(setSessionPrivilege, 'user', raise),
  serve(closeSession, 'user', close),
  serve(getChannelInfo, 'user', ({ data }) => [
    ...bytes(channelOf(data.u8()), LAN_MEDIUM, LAN_PROTOCOL, 0x80 | 1), // has sessions, one at least is active
    ...bytes(0xf2, 0x1b, 0x00, 0, 0),
  ]),
  serve(getChannelAccess, 'user', ({ data }) => {
    channelOf(data.u8())
    return [ACCESS_MODES.indexOf('always') | 0x20, PRIVILEGE.administrator]
  }),
  serve(setChannelAccess, 'administrator', ({ data }) => {
    channelOf(data.u8())
    return []
  }),
] as const

const bcd = (value: number) => (Math.floor(value / 10) << 4) | (value % 10)

/** The answer goes out before the lights do. */
function resetSoon({ bmc }: Call): number[] {
  setImmediate(() => bmc.reset())
  return []
}

/** @throws Refusal for any but the one channel. */
export function channelOf(byte: number): number {
  const channel = byte & 0x0f
  if (channel === THIS_CHANNEL || channel === LAN_CHANNEL) return LAN_CHANNEL
  throw new Refusal(CODE.invalidField)
}

function capabilities({ bmc, data }: Call): number[] {
  const [channel, privilege] = [data.u8(), data.u8() & 0x0f]
  if (privilege > PRIVILEGE.oem) throw new Refusal(CODE.invalidField)
  const { users } = bmc.content
  const isNull = (name: string) => name === ''
  const some = (wanted: boolean) => users.some(user => user.enabled && isNull(user.name) === wanted)
  const status = (some(true) ? 0x02 : 0) | (some(false) ? 0x04 : 0) | (bmc.config.bmcKey === undefined ? 0 : 0x20)
  return [channelOf(channel), 0x80, status, 0x02, 0, 0, 0, 0]
}

function cipherSuites({ bmc, data }: Call): Buffer {
  if (bmc.config.faults.setup?.hidesSuites) throw new Refusal(CODE.invalidCommand)
  const [channel, , index] = [channelOf(data.u8()), data.u8(), data.u8() & 0x3f]
  const records = bmc.config.suites.flatMap(suiteRecord)
  const piece = records.slice(index * CIPHER_SUITES_PIECE, (index + 1) * CIPHER_SUITES_PIECE)
  return Buffer.from([channel, ...piece])
}

/** A suite's record (§22.15.1, table 22-19). */
function suiteRecord(id: SuiteId): number[] {
  const { authentication, integrity, confidentiality } = CIPHER_SUITES[id]
  return [
    SUITE.standard,
    id,
    AUTHENTICATION[authentication].code,
    SUITE.integrity | INTEGRITY[integrity].code,
    SUITE.confidentiality | CONFIDENTIALITY[confidentiality].code,
  ]
}

function raise({ session, data }: Call): number[] {
  const wanted = data.u8() & 0x0f
  if (!session) throw new Refusal(CODE.invalidCommand)
  if (wanted === 0) return [session.privilege]
  if (wanted > session.privilegeLimit) throw new Refusal(0x81)
  session.privilege = wanted
  return [wanted]
}

/** Ends after the answer, which still goes through the session. */
function close({ bmc, session, data }: Call): number[] {
  const found = bmc.sessions.get(data.u32())
  if (!found || (found !== session && (session?.privilege ?? 0) < PRIVILEGE.administrator)) throw new Refusal(0x87)
  setImmediate(() => bmc.sessions.end(found, 'closed'))
  return []
}
