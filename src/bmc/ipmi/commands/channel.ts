import { command, nothing } from '../command.ts'
import { PRIVILEGE, type Privilege, privilegeName } from './session.ts'

/** The channel that the request comes in by (§6.3). */
export const THIS_CHANNEL = 0x0e
/** In the request: tell of IPMI 2.0, too. */
const IPMI_2_0 = 0x80

/** Get Channel Authentication Capabilities: understood outside of sessions by whatever speaks IPMI over LAN. */
export const getChannelAuthenticationCapabilities = command({
  name: 'Get Channel Authentication Capabilities',
  ref: '§22.13',
  netFn: 'app',
  command: 0x38,
  encode: (privilege: Privilege, channel: number = THIS_CHANNEL) => [IPMI_2_0 | channel, PRIVILEGE[privilege]],
  decode: reply => {
    const [channel, types, status, extended] = [reply.u8(), reply.u8(), reply.u8(), reply.u8()]
    // The extended capabilities count only where the second byte says that they are given.
    const given = (types & 0x80) !== 0
    return {
      channel: channel & 0x0f,
      /** A key of the BMC (KG) is needed besides the user's. */
      needsBmcKey: (status & 0x20) !== 0,
      nonNullUsers: (status & 0x04) !== 0,
      nullUsers: (status & 0x02) !== 0,
      anonymous: (status & 0x01) !== 0,
      speaks15: !given || (extended & 0x01) !== 0,
      speaks20: given && (extended & 0x02) !== 0,
      oem: reply.left >= 4 ? reply.u24() : 0,
    }
  },
})

/** Suite records are listed in pieces of 16 bytes. */
export const CIPHER_SUITES_PIECE = 16
const LIST_BY_SUITE = 0x80

/** One piece of the records of the cipher suites that a channel offers. A piece of fewer than 16 bytes is the last. */
export const getChannelCipherSuites = command({
  name: 'Get Channel Cipher Suites',
  ref: '§22.15',
  netFn: 'app',
  command: 0x54,
  encode: (index: number, channel: number = THIS_CHANNEL) => [channel, 0x00, LIST_BY_SUITE | index],
  decode: reply => reply.skip(1).rest(),
})

/** Media of channels (table 6-3). */
const MEDIA: Readonly<Record<number, string>> = {
  1: 'IPMB',
  2: 'ICMB 1.0',
  3: 'ICMB 0.9',
  4: '802.3 LAN',
  5: 'serial',
  6: 'other LAN',
  7: 'PCI SMBus',
  8: 'SMBus 1.x',
  9: 'SMBus 2.0',
  10: 'USB 1.x',
  11: 'USB 2.x',
  12: 'system interface',
}

export const getChannelInfo = command({
  name: 'Get Channel Info',
  ref: '§22.24',
  netFn: 'app',
  command: 0x42,
  encode: (channel: number = THIS_CHANNEL) => [channel],
  decode: reply => {
    const [channel, medium, protocol, session] = [reply.u8(), reply.u8(), reply.u8(), reply.u8()]
    return {
      channel: channel & 0x0f,
      medium: MEDIA[medium & 0x7f] ?? `medium ${medium & 0x7f}`,
      protocol: protocol & 0x1f,
      activeSessions: session & 0x3f,
    }
  },
})

/** When a channel may be used (§22.22). */
export const ACCESS_MODES = ['disabled', 'pre-boot', 'always', 'shared'] as const
export type AccessMode = (typeof ACCESS_MODES)[number]

/** Of the two settings of a channel: what holds now, or what holds after a reset of the BMC, too. */
const SETTINGS = { stored: 0x40, present: 0x80 } as const
export type Settings = keyof typeof SETTINGS

export const getChannelAccess = command({
  name: 'Get Channel Access',
  ref: '§22.23',
  netFn: 'app',
  command: 0x41,
  codes: { 0x82: { words: 'this channel has no sessions', code: 'bmc_unsupported' } },
  encode: (settings: Settings, channel: number = THIS_CHANNEL) => [channel, SETTINGS[settings]],
  decode: reply => {
    const [flags, limit] = [reply.u8(), reply.u8()]
    return {
      mode: ACCESS_MODES[flags & 0x07] ?? 'disabled',
      alerting: (flags & 0x20) === 0,
      perMessageAuthentication: (flags & 0x10) === 0,
      userLevelAuthentication: (flags & 0x08) === 0,
      privilegeLimit: privilegeName(limit),
    }
  },
})

export interface ChannelAccess {
  readonly mode: AccessMode
  readonly alerting: boolean
  readonly perMessageAuthentication: boolean
  readonly userLevelAuthentication: boolean
  readonly privilegeLimit: Privilege
}

export const setChannelAccess = command({
  name: 'Set Channel Access',
  ref: '§22.22',
  netFn: 'app',
  command: 0x40,
  codes: {
    0x82: { words: 'this channel has no sessions', code: 'bmc_unsupported' },
    0x83: { words: 'this access mode is not supported', code: 'bmc_unsupported' },
  },
  encode: (settings: Settings, access: ChannelAccess, channel: number = THIS_CHANNEL) => [
    channel,
    SETTINGS[settings] |
      (access.alerting ? 0 : 0x20) |
      (access.perMessageAuthentication ? 0 : 0x10) |
      (access.userLevelAuthentication ? 0 : 0x08) |
      ACCESS_MODES.indexOf(access.mode),
    SETTINGS[settings] | PRIVILEGE[access.privilegeLimit],
  ],
  decode: nothing,
})
