import { AppError } from '../../lib/errors.ts'
import type { BmcIo, BmcTarget } from '../driver.ts'
import type { Command, Run } from './command.ts'
import { getDeviceId } from './commands/device.ts'
import type { Privilege } from './commands/session.ts'
import { type Quirk, QUIRKS } from './quirks.ts'
import { Link } from './session/link.ts'
import type { Session } from './session/session.ts'
import { openSession } from './session/setup.ts'
import { suitesToTry } from './session/suites.ts'
import { TIMING, type Timing } from './session/timing.ts'
import { Turns } from './session/turns.ts'
import { isSuiteId, type SuiteId } from './wire/suites.ts'

const PORT = 623
/** A session that was silent for so long may be forgotten: it is tried with less patience, and opened anew. */
const FRESH_MS = 10_000
const DOUBTED_ATTEMPTS = 3

export interface ClientOptions {
  readonly privilege?: Privilege
  readonly timing?: Timing
}

/** One BMC: opens a session when it is first needed, and anew when the BMC has forgotten it. */
export class IpmiClient {
  readonly host: string
  readonly #link: Link
  readonly #target: BmcTarget
  readonly #io: BmcIo
  readonly #privilege: Privilege
  readonly #turns = new Turns()
  readonly #closing = new AbortController()
  #session: Session | undefined
  /** Of those before it: they are being closed. */
  readonly #leaving = new Set<Promise<void>>()
  #suite: SuiteId | undefined
  #quirks: ReadonlySet<Quirk>

  constructor(target: BmcTarget, io: BmcIo, { privilege = 'administrator', timing = TIMING }: ClientOptions = {}) {
    const port = target.port ?? PORT
    this.host = port === PORT ? target.address : `${target.address}:${port}`
    this.#target = target
    this.#io = io
    this.#privilege = privilege
    this.#link = new Link(this.host, receive => io.connectUdp(target.address, port, receive), timing)
    const suite = target.known?.cipherSuite
    this.#suite = suite !== undefined && isSuiteId(suite) && mayUse(suite, target) ? suite : undefined
    this.#quirks = new Set((target.known?.quirks ?? []).filter(isQuirk))
  }

  get counters(): Link['counters'] {
    return this.#link.counters
  }

  runner(signal: AbortSignal): Run {
    return (asked, ...args) => this.#run(signal, asked, args)
  }

  /** The session, opened if there is none. @throws AppError */
  async session(signal: AbortSignal): Promise<Session> {
    if (this.#session?.isOpen) return this.#session
    const endTurn = await this.#turns.take(signal)
    try {
      if (this.#session?.isOpen) return this.#session
      if (this.#session) this.#leave(this.#session)
      this.#session = await this.#open(AbortSignal.any([signal, this.#closing.signal]))
      return this.#session
    } finally {
      endTurn()
    }
  }

  /** Ends the session. Always resolves. */
  async close(): Promise<void> {
    this.#closing.abort(new AppError('bmc_unreachable', `${this.host} was closed meanwhile`))
    // Whoever is opening one ends first: that frees what the BMC may hold.
    const endTurn = await this.#turns.take(new AbortController().signal)
    await Promise.all([this.#session?.close(), ...this.#leaving])
    this.#link.close()
    endTurn()
  }

  #leave(session: Session): void {
    const left = session.close().then(() => void this.#leaving.delete(left))
    this.#leaving.add(left)
  }

  async #run<Args extends readonly unknown[], Reply>(
    signal: AbortSignal,
    asked: Command<Args, Reply>,
    args: Args,
  ): Promise<Reply> {
    const session = await this.session(signal)
    const doubted = session.silentMs > FRESH_MS ? DOUBTED_ATTEMPTS : undefined
    try {
      // What must not be done twice is not sent into the unknown: a harmless command goes first.
      if (doubted && !asked.repeatable) await session.runner(signal, doubted)(getDeviceId)
      else return await session.runner(signal, doubted)(asked, ...args)
    } catch (error) {
      if (session.isOpen || signal.aborted || (!asked.repeatable && !doubted)) throw error
    }
    return (await this.session(signal)).runner(signal)(asked, ...args)
  }

  async #open(signal: AbortSignal): Promise<Session> {
    const known = this.#suite
    if (known === undefined) return this.#tryEach(await this.#suitesToTry(signal), signal)
    try {
      return await this.#openWith(known, signal)
    } catch (error) {
      // New firmware may refuse what the old one wanted.
      if (!isRefusal(error)) throw error
      this.#suite = undefined
      return this.#tryEach(await this.#suitesToTry(signal), signal)
    }
  }

  #suitesToTry(signal: AbortSignal): Promise<readonly SuiteId[]> {
    return suitesToTry(this.#link, this.#target.allowUnprotected ?? false, signal)
  }

  async #tryEach([suite, ...others]: readonly SuiteId[], signal: AbortSignal): Promise<Session> {
    if (suite === undefined) throw new AppError('bmc_unsupported', `${this.host} accepts none of our cipher suites`)
    try {
      return await this.#openWith(suite, signal)
    } catch (error) {
      if (!isRefusal(error) || others.length === 0) throw error
      return this.#tryEach(others, signal)
    }
  }

  async #openWith(suite: SuiteId, signal: AbortSignal): Promise<Session> {
    const { user, password, bmcKey } = this.#target
    const account = { user, password, ...(bmcKey && { bmcKey }) }
    const options = { ...account, suite, privilege: this.#privilege, quirks: this.#quirks }
    const { session, found } = await openSession(this.#link, options, signal)
    if (suite !== this.#suite || found.length > 0) {
      this.#suite = suite
      this.#quirks = new Set([...this.#quirks, ...found])
      this.#io.onLearned({ cipherSuite: suite, quirks: [...this.#quirks] })
    }
    return session
  }
}

const isQuirk = (name: string): name is Quirk => Object.hasOwn(QUIRKS, name)
const mayUse = (suite: SuiteId, target: BmcTarget) => suite !== 0 || target.allowUnprotected === true
/** The suite, not the account, is what the BMC does not want. */
const isRefusal = (error: unknown) => error instanceof AppError && error.code === 'bmc_unsupported'
