import { AppError } from '../../../lib/errors.ts'
import { encodePlain, type PayloadType } from '../wire/packet.ts'
import { encodeRakp3 } from '../wire/rakp.ts'
import { RMCP_STATUS } from '../wire/status.ts'
import type { Algorithms } from '../wire/suites.ts'
import type { Link, Sessionless } from './link.ts'
import type { SetupOptions } from './options.ts'
import type { Pauses } from './timing.ts'

/** One attempt to set a session up. */
export interface Attempt {
  readonly link: Link
  readonly options: SetupOptions
  readonly algorithms: Algorithms
  readonly pauses: Pauses
  readonly signal: AbortSignal
}

/** The BMC ended the set-up, or we did because of what it said: it holds no session that could be closed. */
export class RefusedError extends AppError {}

/**
 * The BMC lost track: a packet that was sent again, because its answer was late or lost, made it begin anew or end early.
 * The account is not to blame, for the code of RAKP 2 did fit.
 */
export class CrossedError extends RefusedError {
  /** Its answer to the first of two packets was lost, and may have been: the session is active. */
  readonly mayBeActive: boolean
  constructor(what: string, mayBeActive: boolean) {
    super('bmc_bad_reply', what)
    this.mayBeActive = mayBeActive
  }
}

/** One question of set-up. */
export interface Step {
  readonly what: string
  readonly response: PayloadType
  readonly packet: Buffer
}

export function stepOf(what: string, request: PayloadType, response: PayloadType, payload: Buffer): Step {
  return { what, response, packet: encodePlain({ type: request, session: 0, sequence: 0 }, payload) }
}

/** Puts it, until `read` finds the answer in what comes. @throws like `Link.ask` */
export function ask<Answer>(
  { link, signal, pauses }: Attempt,
  { what, response, packet }: Step,
  read: (payload: Buffer) => Answer | undefined,
): Promise<Answer> {
  const accept = (incoming: Sessionless) =>
    incoming.kind === 'packet' && incoming.packet.type === response ? read(incoming.packet.payload) : undefined
  return link.ask({ what, packet: () => packet, accept }, signal, pauses)
}

/** Status codes that mean, once a session was offered: that session is gone, as after a packet that was sent twice. */
const LOST_SESSION = new Set([0x02, 0x08])

/** What a status other than OK means. `user`: a session was offered, and this is whose it should become. */
export function refused(link: Link, what: string, status: number, user?: string): AppError {
  const row = RMCP_STATUS[status]
  const code = `status ${status.toString(16).padStart(2, '0')}h`
  const whose = user === undefined ? '' : ` for user '${user}'`
  const message = `${what} to ${link.host}${whose}: ${code}, '${row?.words ?? 'not defined'}', came instead of 00h`
  if (user !== undefined && LOST_SESSION.has(status)) return new CrossedError(message, true)
  return new RefusedError(row?.code ?? 'bmc_bad_reply', message)
}

/** In RAKP 3: this set-up ends here, so that the BMC frees the session at once (§13.22). */
const STATUS_GIVE_UP = 0x0f

/** Sent once: if it is lost, the BMC drops the session by itself before long. */
export function giveUp(link: Link, bmcSession: number): void {
  link.taken.delete(bmcSession)
  const payload = encodeRakp3({ tag: 0, status: STATUS_GIVE_UP, bmcSession, code: Buffer.alloc(0) })
  link.send(encodePlain({ type: 'rakp3', session: 0, sequence: 0 }, payload), 0)
}
