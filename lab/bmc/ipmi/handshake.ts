import { type KeyObject, randomBytes, timingSafeEqual } from 'node:crypto'
import { PRIVILEGE } from '../../../src/bmc/ipmi/commands/session.ts'
import type { Quirk } from '../../../src/bmc/ipmi/quirks.ts'
import {
  type KeyExchange,
  keyFrom,
  rakp2Code,
  rakp3Code,
  rakp4Code,
  sessionIntegrityKey,
  sessionKeys,
} from '../../../src/bmc/ipmi/wire/keys.ts'
import { protectionFor } from '../../../src/bmc/ipmi/wire/protection.ts'
import { encodeRakp2, encodeRakp4, NAME_ONLY_LOOKUP, type Rakp1, type Rakp3 } from '../../../src/bmc/ipmi/wire/rakp.ts'
import type { Authentication } from '../../../src/bmc/ipmi/wire/suites.ts'
import type { BmcConfig, UserConfig } from './config.ts'
import type { BmcSession } from './sessions.ts'

/** Status codes of table 13-15 that a BMC gives here. */
export const STATUS = {
  ok: 0x00,
  full: 0x01,
  invalidSession: 0x02,
  noSuite: 0x11,
  unauthorizedRole: 0x0a,
  unauthorizedName: 0x0d,
  badCheckValue: 0x0f,
} as const

const INTEGRITY_HASH = {
  none: 'none',
  'hmac-sha1-96': 'hmac-sha1',
  'hmac-md5-128': 'hmac-md5',
  'md5-128': 'hmac-md5',
  'hmac-sha256-128': 'hmac-sha256',
} as const

/** The BMC's side of the key exchange of one session (§13.20 to §13.23, §13.31), with the quirks it is told to have. */
export class Handshake {
  readonly #config: BmcConfig
  readonly #users: readonly UserConfig[]
  readonly #session: BmcSession
  readonly #quirks: ReadonlySet<Quirk>
  #rakp1: Rakp1 | undefined
  #random = randomBytes(16)

  constructor(config: BmcConfig, users: readonly UserConfig[], session: BmcSession) {
    this.#config = config
    this.#users = users
    this.#session = session
    this.#quirks = new Set(config.faults.setup?.quirks)
  }

  /** RAKP 2, or a refusal of it. */
  answerRakp1(message: Rakp1): Buffer {
    const { setup = {} } = this.#config.faults
    const tag = setup.zeroTags ? 0 : message.tag
    const refuse = (status: number) => refusal(tag, status, this.#session.consoleId)
    if (typeof setup.rakp2 === 'object') return refuse(setup.rakp2.status)
    const user = this.#find(message)
    if (!user) return refuse(STATUS.unauthorizedName)
    const role = message.role & 0x0f
    if (role > PRIVILEGE[user.privilege ?? 'callback']) return refuse(STATUS.unauthorizedRole)
    if (this.#rakp1 && setup.freshRandom) this.#random = randomBytes(16)
    this.#rakp1 = message
    this.#session.user = user
    this.#session.privilegeLimit = Math.min(role, this.#session.mostPrivilege || role)
    const [consoleSession, bmcRandom, bmcGuid] = [this.#session.consoleId, this.#random, this.#config.guid]
    return encodeRakp2({ tag, status: STATUS.ok, consoleSession, bmcRandom, bmcGuid, code: this.#rakp2Code(user) })
  }

  /** RAKP 4, or a refusal of it. On success the session is active. */
  answerRakp3(message: Rakp3): { packet: Buffer; active: boolean } {
    const { setup = {} } = this.#config.faults
    const tag = setup.zeroTags ? 0 : message.tag
    const { user } = this.#session
    const refuse = (status: number) => ({ packet: refusal(tag, status, this.#session.consoleId), active: false })
    if (!user) return refuse(STATUS.invalidSession)
    const expected = rakp3Code(this.#authentication(), this.#userKey(user), this.#exchange('rakp3-bare-role'))
    if (message.code.length !== expected.length || !timingSafeEqual(message.code, expected))
      return refuse(STATUS.badCheckValue)
    const sik = sessionIntegrityKey(this.#authentication(), this.#sikKey(user), this.#exchange())
    const keys = sessionKeys(this.#authentication(), sik, this.#userKey(user), this.#quirks.has('signs-with-sik'))
    this.#session.protection = protectionFor(this.#session.algorithms, keys)
    const { integrity } = this.#session.algorithms
    const authentication = this.#quirks.has('rakp4-by-integrity') ? INTEGRITY_HASH[integrity] : this.#authentication()
    const right = rakp4Code(authentication, sik, this.#exchange())
    const code = setup.rakp4 === 'wrong-code' ? flip(right) : right
    const packet = encodeRakp4({ tag, status: STATUS.ok, consoleSession: this.#session.consoleId, code })
    return { packet, active: true }
  }

  #find({ role, userName }: Rakp1): UserConfig | undefined {
    const padded = this.#quirks.has('padded-name')
    if (padded && userName.length !== 16) return undefined
    const name = padded ? userName.toString('latin1').replaceAll('\0', '') : userName.toString('latin1')
    const byName = this.#users.filter(user => user.enabled && user.name === name && user.privilege !== undefined)
    if ((role & NAME_ONLY_LOOKUP) !== 0) return this.#quirks.has('lookup-by-role') ? undefined : byName[0]
    return byName.find(user => PRIVILEGE[user.privilege ?? 'callback'] >= (role & 0x0f))
  }

  #rakp2Code(user: UserConfig): Buffer {
    const { rakp2 } = this.#config.faults.setup ?? {}
    const code = rakp2Code(this.#authentication(), this.#userKey(user), this.#exchange())
    if (rakp2 === 'zeros') return Buffer.alloc(code.length)
    return rakp2 === 'wrong-code' ? flip(code) : code
  }

  #authentication(): Authentication {
    return this.#quirks.has('sha1-codes') ? 'hmac-sha1' : this.#session.algorithms.authentication
  }

  #userKey({ password, passwordSize }: UserConfig): KeyObject {
    return keyFrom(Buffer.from(password).subarray(0, this.#quirks.has('password-16') ? 16 : passwordSize))
  }

  #sikKey(user: UserConfig): KeyObject {
    return this.#config.bmcKey === undefined ? this.#userKey(user) : keyFrom(Buffer.from(this.#config.bmcKey))
  }

  #exchange(alsoBare?: Quirk): KeyExchange {
    const { role = 0, consoleRandom = Buffer.alloc(16), userName = Buffer.alloc(0) } = this.#rakp1 ?? {}
    const isBare = this.#quirks.has('bare-role') || (alsoBare !== undefined && this.#quirks.has(alsoBare))
    return {
      consoleSession: this.#session.consoleId,
      bmcSession: this.#session.id,
      consoleRandom,
      bmcRandom: this.#random,
      bmcGuid: this.#config.guid,
      role: isBare ? role & ~NAME_ONLY_LOOKUP : role,
      userName,
    }
  }
}

/** RAKP 2 and 4 are refused in the same form (§13.21, §13.23). */
const refusal = (tag: number, status: number, consoleSession: number) =>
  encodeRakp4({ tag, status, consoleSession, code: Buffer.alloc(0) })

function flip(code: Buffer): Buffer {
  const copy = Buffer.from(code)
  copy[0] = (copy[0] ?? 0) ^ 0xff
  return copy
}
