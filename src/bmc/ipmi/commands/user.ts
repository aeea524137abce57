import { AppError } from '../../../lib/errors.ts'
import type { Password } from '../../password.ts'
import { command, CompletionError, nothing, type Run } from '../command.ts'
import { decodeLatin1 } from '../records/text.ts'
import { PRIVILEGE, type Privilege, privilegeName } from './session.ts'

const NAME_BYTES = 16
const NO_ACCESS = 0x0f

export const getUserAccess = command({
  name: 'Get User Access',
  ref: '§22.27',
  netFn: 'app',
  command: 0x44,
  encode: (channel: number, user: number) => [channel, user],
  decode: reply => {
    const [most, enabled, fixed, access] = [reply.u8(), reply.u8(), reply.u8(), reply.u8()]
    return {
      mostUsers: most & 0x3f,
      enabledUsers: enabled & 0x3f,
      /** Names of the first so many users cannot be changed. */
      fixedNames: fixed & 0x3f,
      /** Whether the user is enabled: newer firmware tells; undefined: this one does not. */
      enabled: { 1: true, 2: false }[enabled >> 6],
      callbackOnly: (access & 0x40) !== 0,
      linkAuthentication: (access & 0x20) !== 0,
      ipmiMessaging: (access & 0x10) !== 0,
      privilege: privilegeName(access),
    }
  },
})

export interface UserAccess {
  readonly ipmiMessaging: boolean
  readonly linkAuthentication: boolean
  readonly callbackOnly: boolean
  /** undefined: no access on this channel. */
  readonly privilege: Privilege | undefined
}

export const setUserAccess = command({
  name: 'Set User Access',
  ref: '§22.26',
  netFn: 'app',
  command: 0x43,
  encode: (channel: number, user: number, access: UserAccess) => [
    0x80 | // the three flags below count
      (access.callbackOnly ? 0x40 : 0) |
      (access.linkAuthentication ? 0x20 : 0) |
      (access.ipmiMessaging ? 0x10 : 0) |
      channel,
    user,
    access.privilege ? PRIVILEGE[access.privilege] : NO_ACCESS,
    0, // no limit of sessions
  ],
  decode: nothing,
})

export const getUserName = command({
  name: 'Get User Name',
  ref: '§22.29',
  netFn: 'app',
  command: 0x46,
  encode: (user: number) => [user],
  decode: reply => decodeLatin1(reply.rest()),
})

export const setUserName = command({
  name: 'Set User Name',
  ref: '§22.28',
  netFn: 'app',
  command: 0x45,
  encode: (user: number, name: string) => {
    const data = Buffer.alloc(1 + NAME_BYTES)
    data[0] = user
    if (Buffer.byteLength(name, 'latin1') > NAME_BYTES)
      throw new AppError('invalid_input', `The user name '${name}' is longer than ${NAME_BYTES} characters`)
    data.write(name, 1, 'latin1')
    return data
  },
  decode: nothing,
})

const OPERATION = { disable: 0, enable: 1, set: 2, test: 3 } as const
/** How many bytes of a password a BMC keeps: 16 as in IPMI 1.5, 20 as in 2.0. */
export type PasswordSize = 16 | 20
const TWENTY_BYTES = 0x80

/** Sets, tests, enables and disables (§22.30). Its data stand in no error. */
export const setUserPassword = command({
  name: 'Set User Password',
  ref: '§22.30',
  netFn: 'app',
  command: 0x47,
  secret: true,
  codes: {
    0x80: { words: 'the password is another one', code: 'bmc_auth' },
    0x81: { words: 'the password has another size (16 or 20 bytes)', code: 'bmc_unsupported' },
  },
  encode: (user: number, operation: keyof typeof OPERATION, password?: { text: Password; size: PasswordSize }) => {
    const head = [user | (password?.size === 20 ? TWENTY_BYTES : 0), OPERATION[operation]]
    return password ? Buffer.concat([Buffer.from(head), passwordBytes(password)]) : head
  },
  decode: nothing,
})

function passwordBytes({ text, size }: { text: Password; size: PasswordSize }): Buffer {
  const bytes = Buffer.from(text.reveal())
  if (bytes.length > size) throw new AppError('invalid_input', `The password is longer than ${size} bytes`)
  return Buffer.concat([bytes], size)
}

/** True if it is that user's password, kept in that size. */
export async function testPassword(run: Run, user: number, text: Password, size: PasswordSize): Promise<boolean> {
  try {
    await run(setUserPassword, user, 'test', { text, size })
    return true
  } catch (error) {
    if (error instanceof CompletionError && (error.completion === 0x80 || error.completion === 0x81)) return false
    throw error
  }
}

export interface BmcUser {
  readonly id: number
  readonly name: string
  readonly enabled: boolean | undefined
  readonly privilege: Privilege | undefined
  readonly ipmiMessaging: boolean
  /** The name cannot be changed. */
  readonly fixedName: boolean
}

/** All users of a channel, by id from 1 on; unused ones have no name. */
export async function listUsers(run: Run, channel: number): Promise<BmcUser[]> {
  const users: BmcUser[] = []
  let most = 1
  for (let id = 1; id <= most; id++) {
    const access = await run(getUserAccess, channel, id)
    most = access.mostUsers
    const { enabled, privilege, ipmiMessaging } = access
    users.push({
      id,
      name: await nameOf(run, id),
      enabled,
      privilege,
      ipmiMessaging,
      fixedName: id <= access.fixedNames,
    })
  }
  return users
}

/** A user without a name: some firmware says so with an error. */
async function nameOf(run: Run, id: number): Promise<string> {
  try {
    return await run(getUserName, id)
  } catch (error) {
    if (error instanceof CompletionError && error.code === 'bmc_unsupported') return ''
    throw error
  }
}

const OPERATION_BITS = { enable: 0x00, disable: 0x40 } as const
const SOL_PAYLOAD = 0x02

/** Set User Payload Access: whether a user may open the console. */
export const setSolAccess = command({
  name: 'Set User Payload Access',
  ref: '§24.6',
  netFn: 'app',
  command: 0x4c,
  encode: (channel: number, user: number, allowed: boolean) => [
    channel,
    OPERATION_BITS[allowed ? 'enable' : 'disable'] | user,
    SOL_PAYLOAD,
    0,
    0,
    0,
  ],
  decode: nothing,
})
