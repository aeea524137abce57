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
import type { Link } from './link.ts'
import type { SessionIds, SetupOptions } from './options.ts'
import { pause } from './pause.ts'
import { Session } from './session.ts'
import { waitMs } from './timing.ts'

export interface Established {
  readonly session: Session
  /** Quirks that were not given, and that this BMC turned out to have. */
  readonly found: readonly Quirk[]
}

/** How often set-up begins anew when the BMC has no session free, or retries crossed each other. */
const AGAIN = { firstMs: 500, factor: 2, longestMs: 8_000, attempts: 6 } as const
/** In RAKP 3: this set-up ends here, so that the BMC frees the session at once (§13.22). */
const STATUS_GIVE_UP = 0x0f
const STATUS_BAD_CHECK_VALUE = 0x0f

/** Opens a session and raises its privilege. @throws AppError `bmc_auth`, `bmc_busy`, `bmc_unsupported`, ... */
export async function openSession(link: Link, options: SetupOptions, signal: AbortSignal): Promise<Established> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await setUp(link, options, signal)
    } catch (error) {
      if (!(error instanceof AppError) || attempt + 1 >= AGAIN.attempts) throw error
      if (error.code === 'bmc_busy') await pause(waitMs({ ...link.timing, ...AGAIN }, attempt), signal, error)
      else if (!(error instanceof CrossedError)) throw error
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

async function setUp(link: Link, options: SetupOptions, signal: AbortSignal): Promise<Established> {
  const algorithms = CIPHER_SUITES[options.suite]
  const ids = await negotiate(link, options, algorithms, signal)
  const exchange = new Exchange(options, algorithms, ids)
  try {
    await authenticate(link, exchange, signal)
  } catch (error) {
    giveUp(link, ids.bmc)
    throw error
  }
  const verifyChecksums = !exchange.quirks.has('wrong-checksums')
  const session = new Session(link, ids, protectionFor(algorithms, exchange.keys()), { verifyChecksums })
  try {
    await confirm(link, exchange, signal)
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
async function negotiate(
  link: Link,
  options: SetupOptions,
  algorithms: Algorithms,
  signal: AbortSignal,
): Promise<SessionIds> {
  const tag = randomBytes(1).readUInt8()
  const consoleSession = freeId(link)
  const privilege = PRIVILEGE[options.privilege]
  const payload = encodeOpenSessionRequest({ tag, privilege, consoleSession, ...algorithms })
  const mine = (answer: OpenSessionResponse) =>
    answer.consoleSession === consoleSession || (answer.status !== STATUS_OK && answer.tag === tag)
  const answer = await ask(
    link,
    { request: 'openSessionRequest', response: 'openSessionResponse', what: 'Open Session', payload },
    bytes => pick(decodeOpenSessionResponse(bytes), mine),
    signal,
  )
  if (!('bmcSession' in answer)) throw refused(link, 'Open Session', answer.status)
  releaseLateSessions(link, consoleSession, answer.bmcSession)
  const agreed = (['authentication', 'integrity', 'confidentiality'] as const).every(k => answer[k] === algorithms[k])
  if (agreed) return { console: consoleSession, bmc: answer.bmcSession }
  giveUp(link, answer.bmcSession)
  throw new AppError('bmc_unsupported', `${link.host} answered suite ${options.suite} with other algorithms`)
}

/** A request that was sent again may have made a second session: its answer comes late, and that one is freed. */
function releaseLateSessions(link: Link, consoleSession: number, bmcSession: number): void {
  link.onStray(incoming => {
    if (incoming.kind !== 'packet' || incoming.packet.type !== 'openSessionResponse') return
    const late = decodeOpenSessionResponse(incoming.packet.payload)
    if (!('bmcSession' in late) || late.consoleSession !== consoleSession || late.bmcSession === bmcSession) return
    giveUp(link, late.bmcSession)
  })
}

/** RAKP 1 and 2: the BMC proves that it knows the password (§13.20, §13.21). */
async function authenticate(link: Link, exchange: Exchange, signal: AbortSignal): Promise<void> {
  const tag = randomBytes(1).readUInt8()
  const payload = encodeRakp1(exchange.rakp1(tag))
  const answer = await ask(
    link,
    { request: 'rakp1', response: 'rakp2', what: 'RAKP 1', payload },
    bytes => pick(decodeRakp2(bytes), message => isOf(message, exchange.ids, tag)),
    signal,
  )
  if (!('bmcRandom' in answer)) throw refused(link, 'RAKP 1', answer.status, exchange)
  exchange.learn(answer)
  for (const variant of RAKP2_VARIANTS) if (exchange.fits(answer.code, variant)) return
  throw badCode(link, exchange, answer)
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
async function confirm(link: Link, exchange: Exchange, signal: AbortSignal): Promise<void> {
  const tag = randomBytes(1).readUInt8()
  const payload = encodeRakp3({ tag, status: STATUS_OK, bmcSession: exchange.ids.bmc, code: exchange.rakp3Code() })
  const answer = await ask(
    link,
    { request: 'rakp3', response: 'rakp4', what: 'RAKP 3', payload },
    bytes => pick(decodeRakp4(bytes), message => isOf(message, exchange.ids, tag)),
    signal,
  )
  if (!('code' in answer)) {
    if (answer.status !== STATUS_BAD_CHECK_VALUE) throw refused(link, 'RAKP 3', answer.status, exchange)
    throw new CrossedError('bmc_bad_reply', `${link.host}: RAKP 3 was refused though RAKP 2 fitted: retries crossed`)
  }
  const expected = exchange.rakp4Code()
  if (answer.code.length === expected.length && timingSafeEqual(answer.code, expected)) return
  giveUp(link, exchange.ids.bmc)
  const why = 'a BMC key (KG) is set there that was not given, or a wrong one was'
  throw new RefusedError('bmc_auth', `${link.host}: the check value of RAKP 4 does not fit: ${why}`)
}

/** OpenBMC answers with tag 0, so the session id decides as well (xCAT pull request 7555). */
const isOf = (message: { tag: number; consoleSession: number | undefined }, ids: SessionIds, tag: number): boolean =>
  message.consoleSession === ids.console || (message.consoleSession !== undefined && message.tag === tag && tag !== 0)

const pick = <T>(answer: T, isMine: (answer: T) => boolean): T | undefined => (isMine(answer) ? answer : undefined)

interface Step {
  readonly request: PayloadType
  readonly response: PayloadType
  readonly what: string
  readonly payload: Buffer
}

async function ask<Answer>(
  link: Link,
  step: Step,
  read: (payload: Buffer) => Answer | undefined,
  signal: AbortSignal,
): Promise<Answer> {
  const packet = encodePlain({ type: step.request, session: 0, sequence: 0 }, step.payload)
  const accept: Parameters<typeof link.ask<Answer>>[0]['accept'] = incoming =>
    incoming.kind === 'packet' && incoming.packet.type === step.response ? read(incoming.packet.payload) : undefined
  return link.ask({ what: step.what, packet: () => packet, accept }, signal)
}

/** Sent once: if it is lost, the BMC drops the session by itself before long. */
function giveUp(link: Link, bmcSession: number): void {
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
