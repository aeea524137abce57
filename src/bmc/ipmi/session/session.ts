import { AppError, CodecError } from '../../../lib/errors.ts'
import { type Command, CompletionError, readReply, type Run, titleOf } from '../command.ts'
import { COMPLETION_CODES } from '../completion.ts'
import { closeSession } from '../commands/session.ts'
import { getDeviceId } from '../commands/device.ts'
import { decodeMessage, encodeRequest, type MessageKey } from '../wire/message.ts'
import { encodeSealed, openPacket, type PayloadType, type SealedPacket } from '../wire/packet.ts'
import type { Protection } from '../wire/protection.ts'
import { type Call, startCall } from './calls.ts'
import type { Link } from './link.ts'
import type { SessionIds } from './options.ts'
import { pause } from './pause.ts'
import { type Pauses, waitMs } from './timing.ts'
import { Turns } from './turns.ts'
import { ReceiveWindow } from './window.ts'

const SEQUENCES = 64 // request sequence numbers have 6 bits
const MAX_U32 = 0xffff_ffff

/** An established RMCP+ session. One command is under way at a time; SOL packets pass it. */
export class Session {
  readonly #link: Link
  readonly #ids: SessionIds
  readonly #protection: Protection
  readonly #verifyChecksums: boolean
  readonly #window = new ReceiveWindow()
  readonly #turns = new Turns()
  readonly #forget: () => void
  readonly #keepAlive: NodeJS.Timeout
  readonly #ended = Promise.withResolvers<string>()
  #open = true
  #closed: Promise<void> | undefined
  #sequence = 0
  #request = 0
  #usedAt = performance.now()
  #pending: { key: MessageKey; call: Call<Buffer> } | undefined
  #onSol: ((payload: Buffer) => void) | undefined

  constructor(link: Link, ids: SessionIds, protection: Protection, options: { verifyChecksums: boolean }) {
    this.#link = link
    this.#ids = ids
    this.#protection = protection
    this.#verifyChecksums = options.verifyChecksums
    this.#forget = link.addSession(ids.console, packet => this.#receive(packet))
    const everyMs = link.timing.keepAliveMs
    this.#keepAlive = setInterval(() => void this.#stayAlive(everyMs), everyMs / 2).unref()
  }

  get isOpen(): boolean {
    return this.#open
  }

  get encrypts(): boolean {
    return this.#protection.encrypts
  }

  get signs(): boolean {
    return this.#protection.codeBytes > 0
  }

  /** True of the id that either end gave it: firmware differs in which one it tells. */
  hasId(id: number): boolean {
    return id === this.#ids.bmc || id === this.#ids.console
  }

  /** How long the BMC has not been heard of. */
  get silentMs(): number {
    return performance.now() - this.#usedAt
  }

  /** Resolves with the reason once the session is over. */
  get ended(): Promise<string> {
    return this.#ended.promise
  }

  /**
   * Runs commands, each sent up to `attempts` times.
   * @throws CompletionError, AppError `bmc_unreachable` (the session is over then), `bmc_bad_reply`; the signal's reason
   */
  runner(signal: AbortSignal, attempts: number = this.#link.timing.resend.attempts): Run {
    const pauses = { ...this.#link.timing.resend, attempts }
    return (asked, ...args) => this.#run(asked, args, signal, pauses)
  }

  /** Sends a SOL packet. Nobody repeats it but the caller. */
  sendSol(payload: Buffer): void {
    if (this.#open) this.#link.send(this.#seal('sol', payload), 0)
  }

  onSol(handle: ((payload: Buffer) => void) | undefined): void {
    this.#onSol = handle
  }

  /** Always resolves. What is under way fails. */
  close(reason = 'closed'): Promise<void> {
    this.#closed ??= this.#close(reason)
    return this.#closed
  }

  async #close(reason: string): Promise<void> {
    this.#open = false
    clearInterval(this.#keepAlive)
    this.#pending?.call.reject(new AppError('bmc_unreachable', `${this.#link.host}: the session was closed meanwhile`))
    const forever = new AbortController().signal
    await this.#exchange(closeSession, [this.#ids.bmc], forever, this.#link.timing.closing).catch(() => undefined)
    this.drop(reason)
  }

  /** Ends it without a word to the BMC, which has ended it already. */
  drop(reason: string): void {
    this.#closed ??= Promise.resolve()
    this.#open = false
    clearInterval(this.#keepAlive)
    this.#forget()
    this.#link.taken.delete(this.#ids.bmc)
    this.#ended.resolve(reason)
  }

  async #run<Args extends readonly unknown[], Reply>(
    asked: Command<Args, Reply>,
    args: Args,
    signal: AbortSignal,
    pauses: Pauses,
  ): Promise<Reply> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#once(asked, args, signal, pauses)
      } catch (error) {
        const again = error instanceof CompletionError && COMPLETION_CODES[error.completion]?.again
        const { busy } = this.#link.timing
        if (!again || attempt + 1 >= busy.attempts) throw error
        await pause(waitMs(busy, attempt), signal, error)
      }
    }
  }

  async #once<Args extends readonly unknown[], Reply>(
    asked: Command<Args, Reply>,
    args: Args,
    signal: AbortSignal,
    pauses: Pauses,
  ): Promise<Reply> {
    const endTurn = await this.#turns.take(signal)
    try {
      if (!this.#open) throw new AppError('bmc_unreachable', `${this.#link.host}: the session is over`)
      return await this.#exchange(asked, args, signal, pauses)
    } finally {
      endTurn()
    }
  }

  async #exchange<Args extends readonly unknown[], Reply>(
    asked: Command<Args, Reply>,
    args: Args,
    signal: AbortSignal,
    pauses: Pauses,
  ): Promise<Reply> {
    const data = asked.encode(...args)
    const key = { netFn: asked.netFn, command: asked.command, sequence: this.#nextRequest() }
    const message = encodeRequest({ ...key, data })
    let packet: Buffer | undefined
    const call = startCall<Buffer>({
      what: () => `${titleOf(asked)} to ${this.#link.host}`,
      send: attempt => {
        if (!packet || asked.repeatable) packet = this.#seal('ipmi', message)
        this.#link.send(packet, attempt)
      },
      pauses,
      signal,
      damaged: () => this.#link.counters.damaged,
    })
    const pending = { key, call }
    this.#pending = pending
    try {
      return readReply(this.#link.host, asked, args, data, await call.answer)
    } catch (error) {
      // A BMC that no longer answers has forgotten the session; if it only lost its voice, it is told the end. Of a packet
      // that is sent unchanged it hears the first and drops the others, so that an answer was lost tells nothing there.
      const isSilent = error instanceof AppError && error.code === 'bmc_unreachable' && !signal.aborted
      if (isSilent && asked.repeatable && this.#open) void this.close('silent')
      if (isSilent && !asked.repeatable) this.#usedAt = Number.NEGATIVE_INFINITY
      throw error
    } finally {
      if (this.#pending === pending) this.#pending = undefined
    }
  }

  #seal(type: PayloadType, payload: Buffer): Buffer {
    // 0 is for packets outside of sessions: it is left out when the numbers wrap around (§6.12.12).
    this.#sequence = this.#sequence === MAX_U32 ? 1 : this.#sequence + 1
    return encodeSealed({ type, session: this.#ids.bmc, sequence: this.#sequence }, payload, this.#protection)
  }

  #nextRequest(): number {
    this.#request = (this.#request + 1) % SEQUENCES
    return this.#request
  }

  /** @throws CodecError */
  #receive(packet: SealedPacket): void {
    const payload = openPacket(packet, this.#protection)
    // Without integrity codes sequence numbers prove nothing, and few BMCs count them then.
    if (this.#protection.codeBytes > 0 && !this.#window.accept(packet.sequence)) {
      this.#link.counters.replayed += 1
      return
    }
    this.#usedAt = performance.now()
    if (packet.type === 'sol') this.#onSol?.(payload)
    else if (packet.type === 'ipmi') this.#answer(payload)
    else throw new CodecError(`a ${packet.type} packet within a session`)
  }

  #answer(payload: Buffer): void {
    const { netFn, command, sequence, data } = decodeMessage(payload, this.#verifyChecksums)
    const key = this.#pending?.key
    if (key && netFn === key.netFn + 1 && command === key.command && sequence === key.sequence)
      this.#pending?.call.resolve(data)
    else this.#link.counters.stray += 1
  }

  async #stayAlive(everyMs: number): Promise<void> {
    if (this.silentMs < everyMs / 2 || this.#pending) return
    const deadline = AbortSignal.timeout(everyMs)
    await this.runner(deadline)(getDeviceId).catch(() => undefined)
  }
}
