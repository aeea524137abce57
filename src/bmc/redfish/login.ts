import { AppError } from '../../lib/errors.ts'
import type { Password } from '../password.ts'
import { toldBy } from './messages.ts'
import { pathOf } from './path.ts'
import { codeOf, RedfishRefusal } from './refusal.ts'
import type { Wire, WireReply } from './wire.ts'

export interface Credentials {
  readonly user: string
  readonly password: Password
}

/** How requests prove who asks: a session's token (DSP0266 §13.3.4), or name and password each time (§13.3.3). */
export type Login =
  | { readonly kind: 'session'; readonly token: string; readonly location: string | undefined }
  | { readonly kind: 'basic' }

/** No sessions here, or none left: the password goes along with each request instead. */
const WITHOUT_SESSIONS = new Set([404, 405, 501])
const EXHAUSTED = new Set(['SessionLimitExceeded', 'MaximumNumberOfSessionsReached', 'CreateLimitReachedForResource'])
const BUSY = new Set([429, 503])
const REFUSED = new Set([400, 401, 403])

interface Where {
  readonly host: string
  readonly origin: string
  readonly sessions: string
  readonly wordsLength: number
  readonly hide: (words: string) => string
}

/** @throws AppError `bmc_auth`: wrong password, and it is not tried again by another way, as accounts get locked. */
export async function logIn(wire: Wire, where: Where, by: Credentials, signal: AbortSignal): Promise<Login> {
  const body = { UserName: by.user, Password: by.password.reveal() }
  const reply = await wire.send({ method: 'POST', path: where.sessions, body }, signal)
  if (reply.status === 200 || reply.status === 201) return sessionOf(reply, where)
  const told = toldBy(reply.body, where.wordsLength)
  const exhausted = told.ids.some(id => EXHAUSTED.has(id))
  if (exhausted || WITHOUT_SESSIONS.has(reply.status) || BUSY.has(reply.status)) return { kind: 'basic' }
  const code = REFUSED.has(reply.status) ? 'bmc_auth' : codeOf(reply.status, told, false)
  const words = where.hide(told.words) || 'without a word'
  const what = `${where.host}: login of '${by.user}' was refused (HTTP ${reply.status}, ${words})`
  throw new RedfishRefusal(code, what, { status: reply.status, told, retryAfterMs: undefined })
}

function sessionOf(reply: WireReply, where: Where): Login {
  const token = reply.headers['x-auth-token']
  if (!token || !/^[\x21-\x7e]{1,4096}$/.test(token))
    throw new AppError('bmc_bad_reply', `${where.host}: a session was made, but no usable X-Auth-Token came with it`)
  return { kind: 'session', token, location: locationOf(reply, where.origin) }
}

/** Some firmware leaves Location out, and says in the body where the session is. */
function locationOf({ headers, body }: WireReply, origin: string): string | undefined {
  const id = (body as Record<string, unknown> | null | undefined)?.['@odata.id']
  const link = headers.location ?? (typeof id === 'string' ? id : undefined)
  return link === undefined ? undefined : pathOf(link, origin)
}

export function headersOf(login: Login, by: Credentials): Record<string, string> {
  if (login.kind === 'session') return { 'x-auth-token': login.token }
  return { authorization: `Basic ${Buffer.from(`${by.user}:${by.password.reveal()}`).toString('base64')}` }
}
