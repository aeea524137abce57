import type { AccountChange, BmcAccount } from '../../driver.ts'
import type { Password } from '../../password.ts'
import { CompletionError, type Run } from '../command.ts'
import { getChannelInfo } from '../commands/channel.ts'
import {
  listUsers,
  type PasswordSize,
  setSolAccess,
  setUserAccess,
  setUserName,
  setUserPassword,
  testPassword as test,
} from '../commands/user.ts'

export async function listAccounts(run: Run): Promise<BmcAccount[]> {
  const users = await listUsers(run, await channelOf(run))
  return users.map(({ id, name, enabled, privilege }) => ({ id: String(id), name, enabled, role: privilege }))
}

/** Changes what is given, the right to enter last: no half-made account can be used. */
export async function changeAccount(run: Run, account: string, change: AccountChange): Promise<void> {
  const id = Number(account)
  if (change.name !== undefined) await run(setUserName, id, change.name)
  if (change.password) await setPassword(run, id, change.password)
  if (change.role) await setRole(run, id, change.role)
  if (change.enabled !== undefined) await run(setUserPassword, id, change.enabled ? 'enable' : 'disable')
}

/** 16 bytes wherever they are enough: every BMC keeps those. */
const sizeFor = (password: Password): PasswordSize => (Buffer.byteLength(password.reveal()) > 16 ? 20 : 16)

const setPassword = (run: Run, id: number, text: Password) =>
  run(setUserPassword, id, 'set', { text, size: sizeFor(text) })

export const testPassword = (run: Run, account: string, text: Password): Promise<boolean> =>
  test(run, Number(account), text, sizeFor(text))

async function setRole(run: Run, id: number, privilege: NonNullable<AccountChange['role']>): Promise<void> {
  const channel = await channelOf(run)
  await run(setUserAccess, channel, id, {
    privilege,
    ipmiMessaging: true,
    linkAuthentication: true,
    callbackOnly: false,
  })
  // Without this a new account can do everything but open the console; what has no SOL refuses, and may.
  await run(setSolAccess, channel, id, privilege !== 'user').catch(error => {
    if (!(error instanceof CompletionError)) throw error
  })
}

/** The number of the channel that we came by: settings are kept by number, and some BMCs take no 'this one' there. */
const channelOf = async (run: Run) => (await run(getChannelInfo)).channel
