import { createHmac, createSecretKey, type KeyObject } from 'node:crypto'
import { AUTHENTICATION, type Authentication } from './suites.ts'

/** K1 and K2 are HMACs of the byte 1 and 2, 20 times, whatever the hash (§13.32). */
const CONSTANT_BYTES = 20
const PASSWORD_BYTES = 20
/** AES-128 takes the first bytes of K2 (§13.29). */
const AES_KEY_BYTES = 16

/** What both ends know after Open Session and the first two RAKP messages. */
export interface KeyExchange {
  readonly consoleSession: number
  readonly bmcSession: number
  readonly consoleRandom: Buffer
  readonly bmcRandom: Buffer
  readonly bmcGuid: Buffer
  /** Requested privilege and the name-only bit: the whole byte of RAKP 1. */
  readonly role: number
  readonly userName: Buffer
}

/** Keys as KeyObject: with a Buffer, each HMAC would cost three times as much; and they cannot be printed by accident. */
export interface SessionKeys {
  readonly integrity: KeyObject
  readonly confidentiality: KeyObject
  readonly password: KeyObject
}

/** A user's key or KG: filled up to 20 bytes (§13.31). */
export const keyFrom = (secret: Buffer): KeyObject => {
  const padded = Buffer.alloc(PASSWORD_BYTES)
  secret.copy(padded)
  return createSecretKey(padded)
}

const u32 = (value: number) => {
  const bytes = Buffer.allocUnsafe(4)
  bytes.writeUInt32LE(value)
  return bytes
}
const nameOf = ({ role, userName }: KeyExchange) => Buffer.concat([Buffer.from([role, userName.length]), userName])

function hmac(authentication: Authentication, key: KeyObject, ...parts: readonly Buffer[]): Buffer {
  const { hash } = AUTHENTICATION[authentication]
  return hash ? createHmac(hash, key).update(Buffer.concat(parts)).digest() : Buffer.alloc(0)
}

/** Key exchange code of RAKP 2: the BMC proves that it knows the user's password (§13.31). */
export const rakp2Code = (authentication: Authentication, user: KeyObject, x: KeyExchange): Buffer =>
  hmac(
    authentication,
    user,
    u32(x.consoleSession),
    u32(x.bmcSession),
    x.consoleRandom,
    x.bmcRandom,
    x.bmcGuid,
    nameOf(x),
  )

/** Key exchange code of RAKP 3: the console proves it (§13.31). */
export const rakp3Code = (authentication: Authentication, user: KeyObject, x: KeyExchange): Buffer =>
  hmac(authentication, user, x.bmcRandom, u32(x.consoleSession), nameOf(x))

/** Session integrity key; `key` is the BMC's KG, or the user's where there is none (§13.31). */
export const sessionIntegrityKey = (authentication: Authentication, key: KeyObject, x: KeyExchange): KeyObject =>
  createSecretKey(hmac(authentication, key, x.consoleRandom, x.bmcRandom, nameOf(x)))

/** Integrity check value of RAKP 4: the BMC proves that it has the same session integrity key (§13.28.1). */
export const rakp4Code = (authentication: Authentication, sik: KeyObject, x: KeyExchange): Buffer =>
  hmac(authentication, sik, x.consoleRandom, u32(x.bmcSession), x.bmcGuid).subarray(
    0,
    AUTHENTICATION[authentication].integrityCheckBytes,
  )

/** The keys of a session's packets (§13.32). `useSik`: firmware that signs with the SIK itself instead of K1. */
export function sessionKeys(
  authentication: Authentication,
  sik: KeyObject,
  password: KeyObject,
  useSik = false,
): SessionKeys {
  const k1 = hmac(authentication, sik, Buffer.alloc(CONSTANT_BYTES, 1))
  const k2 = hmac(authentication, sik, Buffer.alloc(CONSTANT_BYTES, 2))
  return {
    integrity: useSik ? sik : createSecretKey(k1),
    confidentiality: createSecretKey(k2.subarray(0, AES_KEY_BYTES)),
    password,
  }
}
