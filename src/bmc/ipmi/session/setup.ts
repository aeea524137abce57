import { randomBytes, timingSafeEqual } from 'node:crypto'
import { AppError } from '../../../lib/errors.ts'
import { PRIVILEGE, setSessionPrivilege } from '../commands/session.ts'
import { type Quirk, RAKP2_VARIANTS } from '../quirks.ts'
import { decodeOpenSessionResponse, encodeOpenSessionRequest, type OpenSessionResponse } from '../wire/open-session.ts'
import { encodePlain, type PayloadType } from '../wire/packet.ts'
import { protectionFor } from '../wire/protection.ts'
import { decodeRakp2, decodeRakp4, encodeRakp1, encodeRakp3, type Rakp2 } from '../wire/rakp.ts'
import { RMCP_STATUS, STATUS_OK } from '../wire/status.ts'
import { type Algorithms, CIPHER_SUITES } from '../wire/suites.ts'
import { Exchange } from './exchange.ts'
import type { Link, Sessionless } from './link.ts'
import type { SessionIds, SetupOptions } from './options.ts'
import { pause } from './pause.ts'
import { Session } from './session.ts'
import { type Pauses, waitMs } from './timing.ts'

export interface Established {
  readonly session: Session
  /** Quirks that were not given, and that this BMC turned out to have. */
  readonly found: readonly Quirk[]
}

/** In RAKP 3: this set-up ends here, so that the BMC frees the session at once (§13.22). */
const STATUS_GIVE_UP = 0x0f
const STATUS_BAD_CHECK_VALUE = 0x0f

/** One attempt. */
interface Attempt {
  readonly link: Link
  readonly options: SetupOptions
  readonly algorithms: Algorithms
  readonly pauses: Pauses
  readonly signal: AbortSignal
}

/** Opens a session and raises its privilege. @throws AppError `bmc_auth`, `bmc_busy`, `bmc_unsupported`, ... */
export async function openSession(link: Link, options: SetupOptions, signal: AbortSignal): Promise<Established> {
  releaseLateSessions(link)
  const { anew, resend } = link.timing
  const algorithms = CIPHER_SUITES[options.suite]
  let { firstMs } = resend
  for (let attempt = 0; ; attempt++) {
    try {
      return await setUp({ link, options, algorithms, pauses: { ...resend, firstMs }, signal })
    } catch (error) {
      if (!(error instanceof AppError) || attempt + 1 >= anew.attempts) throw error
      if (error.code === 'bmc_busy') await pause(waitMs(anew, attempt), signal, error)
      // Retries cross when they are sent before the BMC could answer: it gets more time.
      else if (error instanceof CrossedError) firstMs *= 2
      else throw error
    }
  }
}

/** The BMC ended the set-up, or we did because of what it said: it holds no session that could be closed. */
class RefusedError extends AppError {}

/**
 * The BMC lost track: a packet that was sent again, because its answer was late or lost, made it begin anew or end early.
 * The account is not to blame, for the code of RAKP 2 did fit.
 */
class CrossedError extends RefusedError {}

async function setUp(attempt: Attempt): Promise<Established> {
  const { link, options, algorithms, signal } = attempt
  const ids = await negotiate(attempt)
  const exchange = new Exchange(options, algorithms, ids)
  try {
    await authenticate(attempt, exchange)
  } catch (error) {
    giveUp(link, ids.bmc)
    throw error
  }
  const verifyChecksums = !exchange.quirks.has('wrong-checksums')
  const session = new Session(link, ids, protectionFor(algorithms, exchange.keys()), { verifyChecksums })
  try {
    await confirm(attempt, exchange)
    await session.runner(signal)(setSessionPrivilege, options.privilege)
    return { session, found: exchange.found }
  } catch (error) {
    // Sessions are few: whatever the BMC may hold by now is freed, and where RAKP 4 was lost that is a session.
    if (error instanceof RefusedError) session.drop('refused')
    else await session.close()
    throw error
  }
}

/** Open Session: both ends name their ids, and the BMC agrees to the algorithms (§13.17, §13.18). */
async function negotiate(attempt: Attempt): Promise<SessionIds> {
  const { link, options, algorithms } = attempt
  const tag = randomBytes(1).readUInt8()
  const consoleSession = freeId(link)
  const privilege = PRIVILEGE[options.privilege]
  const payload = encodeOpenSessionRequest({ tag, privilege, consoleSession, ...algorithms })
  const mine = (answer: OpenSessionResponse) =>
    answer.consoleSession === consoleSession || (answer.status !== STATUS_OK && answer.tag === tag)
  const answer = await ask(
    attempt,
    stepOf('Open Session', 'openSessionRequest', 'openSessionResponse', payload),
    bytes => {
      const message = decodeOpenSessionResponse(bytes)
      return mine(message) ? message : undefined
    },
  )
  if (!('bmcSession' in answer)) throw refused(link, 'Open Session', answer.status)
  link.taken.add(answer.bmcSession)
  const agreed = (['authentication', 'integrity', 'confidentiality'] as const).every(k => answer[k] === algorithms[k])
  if (agreed) return { console: consoleSession, bmc: answer.bmcSession }
  giveUp(link, answer.bmcSession)
  throw new AppError('bmc_unsupported', `${link.host} answered suite ${options.suite} with other algorithms`)
}

/** A request that was sent again makes a second session, and one that was given up a first: their answers come late. */
function releaseLateSessions(link: Link): void {
  link.onStray(incoming => {
    if (incoming.kind !== 'packet' || incoming.packet.type !== 'openSessionResponse') return
    const late = decodeOpenSessionResponse(incoming.packet.payload)
    if ('bmcSession' in late && !link.taken.has(late.bmcSession)) giveUp(link, late.bmcSession)
  })
}

/**
 * A code that does not fit may be a wrong password or a damaged packet, for nothing protects set-up. So the question is put
 * again: a wrong password gives the same answer twice, or one that does not fit so many times.
 */
const MOST_MISFITS = 6

/** Sees to it that an answer with a code that does not fit is not believed at once. `again` puts the question anew. */
function believer(fits: (code: Buffer) => boolean, again: () => void): (code: Buffer) => boolean {
  const misfits = new Set<string>()
  return code => {
    const name = code.toString('hex')
    if (fits(code) || misfits.has(name)) return true
    misfits.add(name)
    if (misfits.size >= MOST_MISFITS) return true
    again()
    return false
  }
}

/** RAKP 1 and 2: the BMC proves that it knows the password (§13.20, §13.21). */
async function authenticate(attempt: Attempt, exchange: Exchange): Promise<void> {
  const tag = randomBytes(1).readUInt8()
  const step = stepOf('RAKP 1', 'rakp1', 'rakp2', encodeRakp1(exchange.rakp1(tag)))
  const fits = (code: Buffer) => RAKP2_VARIANTS.some(variant => exchange.fits(code, variant))
  const believes = believer(fits, () => attempt.link.send(step.packet, 1))
  const answer = await ask(attempt, step, bytes => {
    const message = decodeRakp2(bytes)
    if (!isOf(message, exchange.ids, tag)) return undefined
    if (!('bmcRandom' in message)) return message
    exchange.learn(message)
    return believes(message.code) ? message : undefined
  })
  if (!('bmcRandom' in answer)) throw refused(attempt.link, 'RAKP 1', answer.status, exchange)
  if (!fits(answer.code)) throw badCode(attempt.link, exchange, answer)
}

function badCode(link: Link, exchange: Exchange, { code }: Rakp2): AppError {
  // Seen with suite 17: firmware that fills the code with zeros. Another suite may work (xCAT issue 7512).
  if (code.every(byte => byte === 0))
    return new AppError('bmc_unsupported', `${link.host}: the code of RAKP 2 is all zeros in suite ${exchange.suite}`)
  return new AppError(
    'bmc_auth',
    `${link.host} knows another password for user '${exchange.user}': its code in RAKP 2 does not fit ours`,
  )
}

/** RAKP 3 and 4: the console proves it, and the BMC that it has the same keys (§13.22, §13.23). */
async function confirm(attempt: Attempt, exchange: Exchange): Promise<void> {
  const { link } = attempt
  const tag = randomBytes(1).readUInt8()
  const payload = encodeRakp3({ tag, status: STATUS_OK, bmcSession: exchange.ids.bmc, code: exchange.rakp3Code() })
  const step = stepOf('RAKP 3', 'rakp3', 'rakp4', payload)
  const expected = exchange.rakp4Code()
  const fits = (code: Buffer) => code.length === expected.length && timingSafeEqual(code, expected)
  const believes = believer(fits, () => link.send(step.packet, 1))
  const answer = await ask(attempt, step, bytes => {
    const message = decodeRakp4(bytes)
    if (!isOf(message, exchange.ids, tag)) return undefined
    return !('code' in message) || believes(message.code) ? message : undefined
  })
  if (!('code' in answer)) {
    if (answer.status !== STATUS_BAD_CHECK_VALUE) throw refused(link, 'RAKP 3', answer.status, exchange)
    throw new CrossedError('bmc_bad_reply', `${link.host}: RAKP 3 was refused though RAKP 2 fitted: retries crossed`)
  }
  if (fits(answer.code)) return
  giveUp(link, exchange.ids.bmc)
  const why = 'a BMC key (KG) is set there that was not given, or a wrong one was'
  throw new RefusedError('bmc_auth', `${link.host}: the check value of RAKP 4 does not fit: ${why}`)
}

/** OpenBMC answers with tag 0, so the session id decides as well (xCAT pull request 7555). */
const isOf = (message: { tag: number; consoleSession: number | undefined }, ids: SessionIds, tag: number): boolean =>
  message.consoleSession === ids.console || (message.consoleSession !== undefined && message.tag === tag && tag !== 0)

interface Step {
  readonly what: string
  readonly response: PayloadType
  readonly packet: Buffer
}

function stepOf(what: string, request: PayloadType, response: PayloadType, payload: Buffer): Step {
  return { what, response, packet: encodePlain({ type: request, session: 0, sequence: 0 }, payload) }
}

function ask<Answer>(
  { link, signal, pauses }: Attempt,
  { what, response, packet }: Step,
  read: (payload: Buffer) => Answer | undefined,
): Promise<Answer> {
  const accept = (incoming: Sessionless) =>
    incoming.kind === 'packet' && incoming.packet.type === response ? read(incoming.packet.payload) : undefined
  return link.ask({ what, packet: () => packet, accept }, signal, pauses)
}

/** Sent once: if it is lost, the BMC drops the session by itself before long. */
function giveUp(link: Link, bmcSession: number): void {
  link.taken.delete(bmcSession)
  const payload = encodeRakp3({ tag: 0, status: STATUS_GIVE_UP, bmcSession, code: Buffer.alloc(0) })
  link.send(encodePlain({ type: 'rakp3', session: 0, sequence: 0 }, payload), 0)
}

/** Status codes that mean, once a session was offered: that session is gone, as after a packet that was sent twice. */
const LOST_SESSION = new Set([0x02, 0x08])

function refused(link: Link, what: string, status: number, exchange?: Exchange): AppError {
  const row = RMCP_STATUS[status]
  const code = `status ${status.toString(16).padStart(2, '0')}h`
  const user = exchange ? ` for user '${exchange.user}'` : ''
  const message = `${what} to ${link.host}${user}: ${code}, '${row?.words ?? 'not defined'}', came instead of 00h`
  if (exchange && LOST_SESSION.has(status)) return new CrossedError('bmc_bad_reply', message)
  return new RefusedError(row?.code ?? 'bmc_bad_reply', message)
}

/** Random, so that a packet of an earlier session is not taken for one of this. */
function freeId(link: Link): number {
  for (;;) {
    const id = randomBytes(4).readUInt32LE()
    if (id !== 0 && !link.hasSession(id)) return id
  }
}
