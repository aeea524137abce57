/** Hash for the key exchange; how much of it RAKP 4 carries (table 13-17, §13.28.1 to §13.28.1c). */
export const AUTHENTICATION = {
  none: { code: 0x00, hash: undefined, integrityCheckBytes: 0 },
  'hmac-sha1': { code: 0x01, hash: 'sha1', integrityCheckBytes: 12 },
  'hmac-md5': { code: 0x02, hash: 'md5', integrityCheckBytes: 16 },
  'hmac-sha256': { code: 0x03, hash: 'sha256', integrityCheckBytes: 16 },
} as const

/** How a packet of a session is signed, and with how many bytes (table 13-18, §13.28.2 to §13.28.4). */
export const INTEGRITY = {
  none: { code: 0x00, bytes: 0 },
  'hmac-sha1-96': { code: 0x01, bytes: 12 },
  'hmac-md5-128': { code: 0x02, bytes: 16 },
  'md5-128': { code: 0x03, bytes: 16 },
  'hmac-sha256-128': { code: 0x04, bytes: 16 },
} as const

/** How its payload is encrypted (table 13-19). */
export const CONFIDENTIALITY = {
  none: { code: 0x00 },
  'aes-cbc-128': { code: 0x01 },
  'xrc4-128': { code: 0x02 },
  'xrc4-40': { code: 0x03 },
} as const

export type Authentication = keyof typeof AUTHENTICATION
export type Integrity = keyof typeof INTEGRITY
export type Confidentiality = keyof typeof CONFIDENTIALITY

export interface Algorithms {
  readonly authentication: Authentication
  readonly integrity: Integrity
  readonly confidentiality: Confidentiality
}

const suite = (authentication: Authentication, integrity: Integrity, confidentiality: Confidentiality): Algorithms => ({
  authentication,
  integrity,
  confidentiality,
})

/** The cipher suites by id (table 22-20). */
export const CIPHER_SUITES = {
  0: suite('none', 'none', 'none'),
  1: suite('hmac-sha1', 'none', 'none'),
  2: suite('hmac-sha1', 'hmac-sha1-96', 'none'),
  3: suite('hmac-sha1', 'hmac-sha1-96', 'aes-cbc-128'),
  4: suite('hmac-sha1', 'hmac-sha1-96', 'xrc4-128'),
  5: suite('hmac-sha1', 'hmac-sha1-96', 'xrc4-40'),
  6: suite('hmac-md5', 'none', 'none'),
  7: suite('hmac-md5', 'hmac-md5-128', 'none'),
  8: suite('hmac-md5', 'hmac-md5-128', 'aes-cbc-128'),
  9: suite('hmac-md5', 'hmac-md5-128', 'xrc4-128'),
  10: suite('hmac-md5', 'hmac-md5-128', 'xrc4-40'),
  11: suite('hmac-md5', 'md5-128', 'none'),
  12: suite('hmac-md5', 'md5-128', 'aes-cbc-128'),
  13: suite('hmac-md5', 'md5-128', 'xrc4-128'),
  14: suite('hmac-md5', 'md5-128', 'xrc4-40'),
  15: suite('hmac-sha256', 'none', 'none'),
  16: suite('hmac-sha256', 'hmac-sha256-128', 'none'),
  17: suite('hmac-sha256', 'hmac-sha256-128', 'aes-cbc-128'),
} as const satisfies Record<number, Algorithms>

export type SuiteId = keyof typeof CIPHER_SUITES

export const isSuiteId = (id: number): id is SuiteId => Object.hasOwn(CIPHER_SUITES, id)
