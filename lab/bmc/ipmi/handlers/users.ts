import { PRIVILEGE, privilegeName } from '../../../../src/bmc/ipmi/commands/session.ts'
import {
  getUserAccess,
  getUserName,
  setSolAccess,
  setUserAccess,
  setUserName,
  setUserPassword,
} from '../../../../src/bmc/ipmi/commands/user.ts'
import { type UserConfig, user } from '../config.ts'
import { CODE, Refusal } from '../codes.ts'
import { type Call, serve } from '../handler.ts'
import { channelOf } from './app.ts'

const MOST_USERS = 10
const NAME_BYTES = 16
const NO_ACCESS = 0x0f
const TWENTY_BYTES = 0x80
const [DISABLE, ENABLE, SET, TEST] = [0, 1, 2, 3]

/** Commands that are about users. */
export const USERS = [
  serve(getUserAccess, 'operator', access),
  serve(setUserAccess, 'administrator', ({ bmc, data }) => {
    const flags = data.u8()
    channelOf(flags)
    const changed = userOf(bmc, data.u8())
    if ((flags & 0x80) !== 0) changed.ipmiMessaging = (flags & 0x10) !== 0
    changed.privilege = privilegeName(data.u8())
    return []
  }),
  serve(getUserName, 'operator', ({ bmc, data }) =>
    Buffer.concat([Buffer.from(userOf(bmc, data.u8()).name, 'latin1')], NAME_BYTES),
  ),
  serve(setUserName, 'administrator', ({ bmc, data }) => {
    const id = data.u8()
    if ((id & 0x3f) === 1) throw new Refusal(CODE.invalidField) // the name of the first user is fixed
    const changed = userOf(bmc, id)
    changed.name = data.bytes(NAME_BYTES).toString('latin1').replaceAll('\0', '')
    return []
  }),
  serve(setUserPassword, 'administrator', password),
  serve(setSolAccess, 'administrator', ({ bmc, data }) => {
    channelOf(data.u8())
    userOf(bmc, data.u8())
    return []
  }),
] as const

/** Users that were never used come about when they are first named. */
function userOf({ content }: Call['bmc'], byte: number): UserConfig {
  const id = byte & 0x3f
  if (id < 1 || id > MOST_USERS) throw new Refusal(CODE.outOfRange)
  while (content.users.length < id) content.users.push(user('', '', { enabled: false, privilege: undefined }))
  const found = content.users[id - 1]
  if (!found) throw new Refusal(CODE.outOfRange)
  return found
}

function access({ bmc, data }: Call): number[] {
  channelOf(data.u8())
  const { enabled, privilege, ipmiMessaging } = userOf(bmc, data.u8())
  const count = bmc.content.users.filter(row => row.enabled).length
  const limit = privilege ? PRIVILEGE[privilege] : NO_ACCESS
  return [MOST_USERS, (enabled ? 0x40 : 0x80) | count, 1, (ipmiMessaging ? 0x10 : 0) | limit]
}

function password({ bmc, data }: Call): number[] {
  const id = data.u8()
  const changed = userOf(bmc, id)
  const operation = data.u8() & 0x03
  if (operation === DISABLE) changed.enabled = false
  if (operation === ENABLE) changed.enabled = true
  if (operation < SET) return []
  const size = (id & TWENTY_BYTES) !== 0 ? 20 : 16
  const text = data.bytes(size).toString().replaceAll('\0', '')
  if (operation === SET) Object.assign(changed, { password: text, passwordSize: size })
  if (operation === TEST && changed.passwordSize !== size) throw new Refusal(CODE.wrongSize)
  if (operation === TEST && changed.password !== text) throw new Refusal(CODE.wrongPassword)
  return []
}
