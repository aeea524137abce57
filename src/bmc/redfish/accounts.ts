import { Type, type Static } from 'typebox'
import { AppError } from '../../lib/errors.ts'
import type { AccountChange, BmcAccount } from '../driver.ts'
import type { Password } from '../password.ts'
import { RedfishRefusal } from './refusal.ts'
import { change, read, send } from './resource.ts'
import { Link, maybe } from './schema.ts'
import type { RedfishService } from './service.ts'

/** DSP2046 ManagerAccount.RoleId: the predefined roles of DSP0266 §13.5. */
const ROLES = { administrator: 'Administrator', operator: 'Operator', user: 'ReadOnly' } as const

const Text = maybe(Type.String())
const AccountService = Type.Object({ Accounts: maybe(Link) })
const Account = Type.Object({ Id: Type.String(), UserName: Text, Enabled: maybe(Type.Boolean()), RoleId: Text })

interface Found {
  readonly link: string
  readonly value: Static<typeof Account>
}

async function accountsOf(service: RedfishService, signal: AbortSignal): Promise<{ link: string; found: Found[] }> {
  const { AccountService: at } = await service.root(signal)
  const where = service.require(at, 'accounts')['@odata.id']
  const { Accounts } = await read(service.session, where, AccountService, signal)
  const link = service.require(Accounts, 'accounts')['@odata.id']
  return { link, found: await service.members(link, Account, signal) }
}

/** Those with a name: vendors with fixed slots list empty ones, too. */
export async function listAccounts(service: RedfishService, signal: AbortSignal): Promise<BmcAccount[]> {
  const { found } = await accountsOf(service, signal)
  return found
    .filter(({ value }) => value.UserName)
    .map(({ value }) => ({
      id: value.Id,
      name: value.UserName ?? '',
      enabled: value.Enabled ?? undefined,
      role: value.RoleId ?? undefined,
    }))
}

const bodyOf = ({ name, password, role, enabled }: AccountChange) => ({
  ...(name !== undefined && { UserName: name }),
  ...(password !== undefined && { Password: password.reveal() }),
  ...(role !== undefined && { RoleId: ROLES[role] }),
  ...(enabled !== undefined && { Enabled: enabled }),
})

/** A new password of the account that we log in with is used from then on. */
export async function changeAccount(
  service: RedfishService,
  id: string,
  asked: AccountChange,
  signal: AbortSignal,
): Promise<void> {
  const account = await accountBy(service, id, signal)
  const secret = asked.password && { secret: asked.password }
  await change(service.session, { link: account.link, schema: Account, body: () => bodyOf(asked), ...secret }, signal)
  if (asked.password && account.value.UserName === service.session.user)
    await service.session.usePassword(asked.password)
}

async function accountBy(service: RedfishService, id: string, signal: AbortSignal): Promise<Found> {
  const { found } = await accountsOf(service, signal)
  const account = found.find(({ value }) => value.Id === id)
  if (account) return account
  const ids = found.slice(0, 32).map(({ value }) => value.Id)
  throw new AppError(
    'not_found',
    service.session.hide(`${service.session.host}: has no account '${id}'; it has ${ids.join(', ')}`),
  )
}

export interface NewAccount {
  readonly name: string
  readonly password: Password
  readonly role: 'administrator' | 'operator' | 'user'
}

/** Slots that vendors keep for themselves: Dell's first one. */
const RESERVED_SLOTS = new Set(['0', '1'])
const NO_CREATION = new Set([403, 404, 405, 501])

/** POST to the collection; where accounts are fixed slots, the first empty one is filled. Resolves with its id. */
export async function createAccount(service: RedfishService, asked: NewAccount, signal: AbortSignal): Promise<string> {
  const { link, found } = await accountsOf(service, signal)
  if (found.some(({ value }) => value.UserName === asked.name))
    throw new AppError('already_exists', `${service.session.host}: has an account '${asked.name}' already`)
  const body = bodyOf({ ...asked, enabled: true })
  try {
    await send(service.session, 'POST', link, { body, secret: asked.password }, signal)
  } catch (error) {
    const slot = found.find(({ value }) => !value.UserName && !RESERVED_SLOTS.has(value.Id))
    if (!slot || !(error instanceof RedfishRefusal) || !NO_CREATION.has(error.status)) throw error
    await change(
      service.session,
      { link: slot.link, schema: Account, body: () => body, secret: asked.password },
      signal,
    )
  }
  const made = (await accountsOf(service, signal)).found.find(({ value }) => value.UserName === asked.name)
  if (made) return made.value.Id
  throw new AppError(
    'bmc_bad_reply',
    `${service.session.host}: said that it made the account '${asked.name}', and has none`,
  )
}

/** DELETE; a fixed slot is emptied and disabled instead. */
export async function deleteAccount(service: RedfishService, id: string, signal: AbortSignal): Promise<void> {
  const { link } = await accountBy(service, id, signal)
  try {
    await send(service.session, 'DELETE', link, {}, signal)
  } catch (error) {
    if (!(error instanceof RedfishRefusal) || !NO_CREATION.has(error.status)) throw error
    const body = () => ({ Enabled: false, UserName: '' })
    await change(service.session, { link, schema: Account, body }, signal)
  }
}

/** By a login of its own, which is ended at once. */
export async function testPassword(
  service: RedfishService,
  id: string,
  password: Password,
  signal: AbortSignal,
): Promise<boolean> {
  const { value } = await accountBy(service, id, signal)
  return service.session.accepts({ user: value.UserName ?? '', password }, signal)
}
