import { encodeSol, nextSolSequence, SOL_HEADER_BYTES, SOL_OPERATION, SOL_STATUS, type SolPacket } from '../wire/sol.ts'

/** How a packet is sent again that nobody acknowledged (SOL configuration parameter 4 suggests 7 times; §26, table 26-5). */
const RETRY_MS = 500
const RETRIES = 10
/** The count of accepted characters has eight bits. */
const MOST_CHARACTERS = 255

interface Job {
  readonly data: Buffer
  readonly bits: number
  readonly done: (error?: Error) => void
}

export interface SenderOptions {
  /** Sends a SOL payload. */
  readonly send: (payload: Buffer) => void
  /** Most bytes of a payload, header included. */
  readonly payloadBytes: number
  /** Nobody acknowledged a packet, however often it was sent. */
  readonly onSilence: () => void
}

/** Console to BMC: one packet is under way, and sent until it is acknowledged; what was taken in part goes on (§15.11). */
export class SolSender {
  readonly #options: SenderOptions
  readonly #jobs: Job[] = []
  #sequence = 0
  /** Bits that hold until they are changed: flow control. */
  #held = 0
  #current: { packet: SolPacket; job: Job; attempts: number } | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(options: SenderOptions) {
    this.#options = options
  }

  /** `done` is called when the BMC has taken all of `data`. */
  write(data: Buffer, done: (error?: Error) => void): void {
    const most = Math.max(1, Math.min(this.#options.payloadBytes - SOL_HEADER_BYTES, MOST_CHARACTERS))
    for (let at = 0; at < data.length; at += most) {
      const isLast = at + most >= data.length
      this.#jobs.push({ data: data.subarray(at, at + most), bits: 0, done: isLast ? done : () => undefined })
    }
    if (data.length === 0) done()
    this.#next()
  }

  /** A break, or a flush: tells it once. */
  operate(operation: 'break' | 'flushInbound' | 'flushOutbound'): void {
    this.#jobs.push({ data: Buffer.alloc(0), bits: SOL_OPERATION[operation], done: () => undefined })
    this.#next()
  }

  /** Holds or releases CTS, so that the machine stops or goes on sending. */
  pause(paused: boolean): void {
    this.#held = paused ? SOL_OPERATION.pauseCts : 0
    this.#jobs.push({ data: Buffer.alloc(0), bits: 0, done: () => undefined })
    this.#next()
  }

  /** Takes what a packet from the BMC says about ours. */
  acknowledge({ acknowledged, accepted, bits }: SolPacket): void {
    const current = this.#current
    if (!current || acknowledged !== current.packet.sequence) return
    // Not taken now: the timer sends it again.
    if ((bits & SOL_STATUS.nack) !== 0 && accepted === 0) return
    clearTimeout(this.#timer)
    this.#current = undefined
    const rest = current.packet.data.subarray(accepted)
    if (rest.length > 0) this.#jobs.unshift({ ...current.job, data: rest, bits: 0 })
    else current.job.done()
    this.#next()
  }

  /** Nothing is sent any more; what waits fails, if there is an error. */
  stop(error?: Error): void {
    clearTimeout(this.#timer)
    const waiting = [...(this.#current ? [this.#current.job] : []), ...this.#jobs.splice(0)]
    this.#current = undefined
    for (const { done } of waiting) done(error)
  }

  #next(): void {
    if (this.#current) return
    const job = this.#jobs.shift()
    if (!job) return
    this.#sequence = nextSolSequence(this.#sequence)
    const { data, bits } = job
    const packet = { sequence: this.#sequence, acknowledged: 0, accepted: 0, bits: bits | this.#held, data }
    this.#current = { packet, job, attempts: 0 }
    this.#send()
  }

  #send(): void {
    const current = this.#current
    if (!current) return
    if (current.attempts > RETRIES) return this.#options.onSilence()
    current.attempts += 1
    this.#options.send(encodeSol(current.packet))
    this.#timer = setTimeout(() => this.#send(), RETRY_MS)
  }
}
