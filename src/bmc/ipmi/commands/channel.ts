import { command } from '../command.ts'
import { PRIVILEGE, type Privilege } from './session.ts'

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
