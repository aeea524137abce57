import { CodecError } from '../../../lib/errors.ts'
import type { Wire } from '../../io.ts'
import { type AsfMessage, decodeAsf } from '../wire/asf.ts'
import { decodeMessage, type Message } from '../wire/message.ts'
import { AUTH_TYPE_RMCP_PLUS, decodePacket, type SealedPacket } from '../wire/packet.ts'
import { decodeRmcp } from '../wire/rmcp.ts'
import { decodeSessionless } from '../wire/session15.ts'
import { startCall } from './calls.ts'
import type { Pauses, Timing } from './timing.ts'

/** What came outside of any session. */
export type Sessionless =
  | { readonly kind: 'asf'; readonly message: AsfMessage }
  | { readonly kind: 'message'; readonly message: Message }
  | { readonly kind: 'packet'; readonly packet: SealedPacket }

/** Counts the packets of one link. */
export interface LinkCounters {
  sent: number
  resent: number
  received: number
  /** Not understood, or failed its integrity check: dropped. */
  damaged: number
  /** Understood, but nobody waits for it: late, doubled, or of a session that has ended. */
  stray: number
  /** Sequence number of a session that came before, or that is too old: dropped. */
  replayed: number
}

export interface Question<Answer> {
  readonly what: string
  readonly packet: (attempt: number) => Buffer
  /** The answer, if it is in this; a CodecError means that it would be, were it not damaged. */
  readonly accept: (incoming: Sessionless) => Answer | undefined
}

/** Sorts what comes from one BMC: to the session whose id it carries, or to whoever waits outside of a session. */
export class Link {
  /** Its address, for errors. */
  readonly host: string
  readonly timing: Timing
  readonly counters: LinkCounters = { sent: 0, resent: 0, received: 0, damaged: 0, stray: 0, replayed: 0 }
  /** What the BMC calls the sessions that were taken up: any other that it offers came too late, and is given back. */
  readonly taken = new Set<number>()
  readonly #wire: Wire
  readonly #sessions = new Map<number, (packet: SealedPacket) => void>()
  readonly #waiting = new Set<(incoming: Sessionless) => boolean>()
  /** Gets what nobody waits for. */
  #onStray: ((incoming: Sessionless) => void) | undefined

  constructor(host: string, connect: (receive: (packet: Buffer) => void) => Wire, timing: Timing) {
    this.host = host
    this.timing = timing
    this.#wire = connect(packet => this.#receive(packet))
  }

  send(packet: Buffer, attempt: number): void {
    this.counters.sent += 1
    if (attempt > 0) this.counters.resent += 1
    this.#wire.send(packet)
  }

  /** Asks outside of a session. @throws AppError `bmc_unreachable`, `bmc_bad_reply`; the signal's reason */
  async ask<Answer>(
    question: Question<Answer>,
    signal: AbortSignal,
    pauses: Pauses = this.timing.resend,
  ): Promise<Answer> {
    const call = startCall<Answer>({
      what: () => `${question.what} to ${this.host}`,
      send: attempt => this.send(question.packet(attempt), attempt),
      pauses,
      signal,
      damaged: () => this.counters.damaged,
    })
    const offer = (incoming: Sessionless) => {
      const answer = question.accept(incoming)
      if (answer !== undefined) call.resolve(answer)
      return answer !== undefined
    }
    this.#waiting.add(offer)
    try {
      return await call.answer
    } finally {
      this.#waiting.delete(offer)
    }
  }

  /** Gives `receive` the packets with this session id, until the returned function is called. */
  addSession(id: number, receive: (packet: SealedPacket) => void): () => void {
    this.#sessions.set(id, receive)
    return () => void this.#sessions.delete(id)
  }

  /** An id that no session of this link has, and not 0. */
  hasSession(id: number): boolean {
    return this.#sessions.has(id)
  }

  onStray(handle: (incoming: Sessionless) => void): void {
    this.#onStray = handle
  }

  close(): void {
    this.#wire.close()
  }

  #receive(bytes: Buffer): void {
    this.counters.received += 1
    try {
      const incoming = decode(bytes)
      if (incoming.kind === 'packet' && incoming.packet.session !== 0) this.#toSession(incoming.packet)
      else this.#offer(incoming)
    } catch (error) {
      if (!(error instanceof CodecError)) throw error
      this.counters.damaged += 1
    }
  }

  #toSession(packet: SealedPacket): void {
    const receive = this.#sessions.get(packet.session)
    if (receive) receive(packet)
    else this.counters.stray += 1
  }

  #offer(incoming: Sessionless): void {
    for (const offer of this.#waiting) if (offer(incoming)) return
    this.counters.stray += 1
    this.#onStray?.(incoming)
  }
}

function decode(bytes: Buffer): Sessionless {
  const { kind, body } = decodeRmcp(bytes)
  if (kind === 'asf') return { kind, message: decodeAsf(body) }
  if (body[0] === AUTH_TYPE_RMCP_PLUS) return { kind: 'packet', packet: decodePacket(body) }
  return { kind: 'message', message: decodeMessage(decodeSessionless(body)) }
}
