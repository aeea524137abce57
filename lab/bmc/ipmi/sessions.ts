import { randomBytes } from 'node:crypto'
import { PRIVILEGE } from '../../../src/bmc/ipmi/commands/session.ts'
import { ReceiveWindow } from '../../../src/bmc/ipmi/session/window.ts'
import type { Protection } from '../../../src/bmc/ipmi/wire/protection.ts'
import type { Algorithms, SuiteId } from '../../../src/bmc/ipmi/wire/suites.ts'
import type { UserConfig } from './config.ts'

type Reply = (packet: Buffer) => void

/** One session of a virtual BMC, from Open Session on. */
export class BmcSession {
  readonly id: number
  readonly consoleId: number
  readonly suite: SuiteId
  readonly algorithms: Algorithms
  readonly mostPrivilege: number
  readonly window = new ReceiveWindow()
  state: 'opening' | 'active' = 'opening'
  /** A session begins as user, and is raised from there (§22.18). */
  privilege: number = PRIVILEGE.user
  privilegeLimit: number = PRIVILEGE.user
  user: UserConfig | undefined
  protection: Protection | undefined
  /** Where the console was heard of last. */
  reply: Reply
  usedAt: number
  #sequence = 0

  constructor(open: {
    consoleId: number
    suite: SuiteId
    algorithms: Algorithms
    mostPrivilege: number
    reply: Reply
    now: number
  }) {
    this.id = (randomBytes(4).readUInt32LE() | 1) >>> 0
    this.consoleId = open.consoleId
    this.suite = open.suite
    this.algorithms = open.algorithms
    this.mostPrivilege = open.mostPrivilege
    this.reply = open.reply
    this.usedAt = open.now
  }

  nextSequence(): number {
    this.#sequence += 1
    return this.#sequence
  }
}

export interface SessionCounts {
  /** Sessions that came about. */
  opened: number
  closed: number
  /** Forgotten, because nothing was heard of them. */
  expired: number
  /** Set-ups that ended without a session. */
  failed: number
  /** Open Session Requests that were refused because all sessions were taken. */
  full: number
}

/** The sessions of a BMC: counted, and limited. Time passes only when somebody looks: no timer runs for any. */
export class Sessions {
  readonly counts: SessionCounts = { opened: 0, closed: 0, expired: 0, failed: 0, full: 0 }
  readonly #byId = new Map<number, BmcSession>()
  readonly #limit: number
  readonly #timeoutMs: { opening: number; active: number }
  readonly #onEnd: (session: BmcSession) => void

  constructor(limit: number, timeoutMs: { opening: number; active: number }, onEnd: (session: BmcSession) => void) {
    this.#limit = limit
    this.#timeoutMs = timeoutMs
    this.#onEnd = onEnd
  }

  /** How many are taken now, those that are being set up among them. */
  taken(now: number): number {
    this.#expire(now)
    return this.#byId.size
  }

  isFull(now: number): boolean {
    return this.taken(now) >= this.#limit
  }

  get active(): number {
    return [...this.#byId.values()].filter(session => session.state === 'active').length
  }

  add(session: BmcSession): void {
    this.#byId.set(session.id, session)
  }

  get(id: number): BmcSession | undefined {
    return this.#byId.get(id)
  }

  end(session: BmcSession, how: 'closed' | 'expired'): void {
    if (!this.#byId.delete(session.id)) return
    this.counts[session.state === 'active' ? how : 'failed'] += 1
    this.#onEnd(session)
  }

  /** As a reset does: all are gone, and nobody was told. */
  clear(): void {
    for (const session of this.#byId.values()) this.end(session, 'expired')
  }

  #expire(now: number): void {
    for (const session of this.#byId.values())
      if (now - session.usedAt > this.#timeoutMs[session.state]) this.end(session, 'expired')
  }
}
