import { command, nothing } from '../command.ts'

/** Privilege levels (table 6-1 and §22.18). */
export const PRIVILEGE = { callback: 1, user: 2, operator: 3, administrator: 4, oem: 5 } as const
export type Privilege = keyof typeof PRIVILEGE

/** Of the lower four bits of a byte; undefined: none, or no access (Fh). */
export const privilegeName = (byte: number): Privilege | undefined =>
  (Object.keys(PRIVILEGE) as Privilege[]).find(name => PRIVILEGE[name] === (byte & 0x0f))

/** Raises a session from user to what its commands need. Replies the level that holds from then on. */
export const setSessionPrivilege = command({
  name: 'Set Session Privilege Level',
  ref: '§22.18',
  netFn: 'app',
  command: 0x3b,
  codes: {
    0x80: { words: 'the requested level is not available for this user', code: 'bmc_auth' },
    0x81: { words: 'the requested level exceeds the limit of channel or user', code: 'bmc_auth' },
    0x82: { words: 'user level authentication cannot be disabled', code: 'bmc_auth' },
  },
  encode: (privilege: Privilege) => [PRIVILEGE[privilege]],
  decode: reply => reply.u8() & 0x0f,
})

export const closeSession = command({
  name: 'Close Session',
  ref: '§22.19',
  netFn: 'app',
  command: 0x3c,
  codes: { 0x87: { words: 'invalid session id in the request', code: 'bmc_bad_reply' } },
  encode: (session: number) => {
    const data = Buffer.alloc(4)
    data.writeUInt32LE(session)
    return data
  },
  decode: nothing,
})
