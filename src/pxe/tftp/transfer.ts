import type { Drop } from './drops.ts'
import type { Failure, TransferFigures } from './events.ts'
import type { TftpFile } from './file.ts'
import type { Limits } from './limits.ts'
import type { Terms } from './negotiate.ts'
import { decodePacket, type ErrorName, encodeError, encodePacket, OPCODES } from './packets.ts'
import { Reader } from './reader.ts'
import { RetransmitWait } from './wait.ts'
import { SendWindow, windowsAhead } from './window.ts'

export type Outcome =
  | { kind: 'finished'; confirmed: boolean }
  | { kind: 'probed' }
  | { kind: 'failed'; reason: Failure; words: string }

export interface TransferOptions {
  file: TftpFile
  netascii: boolean
  terms: Terms
  limits: Limits
  now: () => number
  /** Must have taken or copied the bytes when the block that follows by `windowsize` is confirmed. */
  send: (packet: Buffer) => void
  onEnd: (outcome: Outcome) => void
}

const HEADER_BYTES = 4
/** A closed port is believed after so many messages of it without progress: one can be forged, or come from a restart. */
const REFUSALS_MAX = 3

/** One file on its way to one client. Knows no socket and no clock; the hot path, `receive` to `send`, allocates nothing. */
export class Transfer {
  readonly #options: TransferOptions
  readonly #window: SendWindow
  readonly #wait: RetransmitWait
  readonly #reader: Reader
  readonly #startedMs: number
  /** Packet n stands in slot n modulo their number: it stays until it is confirmed. */
  #slots: Buffer[] = []
  #filled = 0
  #partBytes = 0
  #lastBytes = 0
  #sentMs: number
  #progressMs: number | undefined
  #deadlineMs: number
  /** Blocks up to this one were sent more than once: their round trip says nothing. */
  #unclear = -1
  #refusals = 0
  /** Repetitions since the last progress. */
  #inVain = 0
  #retransmissions = 0
  #ended = false

  constructor(options: TransferOptions) {
    this.#options = options
    const { terms, limits, file, netascii } = options
    this.#window = new SendWindow(terms.windowsize, { oack: terms.oack.length > 0 })
    this.#wait = new RetransmitWait(limits, terms.timeoutMs)
    this.#startedMs = this.#sentMs = this.#deadlineMs = options.now()
    this.#reader = new Reader({
      file,
      netascii,
      readBytes: limits.readBytes,
      onReady: () => this.#pump(),
      onError: () => this.fail('read-failed', 'other', 'the file could not be read'),
    })
  }

  start(): void {
    this.#pump()
  }

  get figures(): TransferFigures {
    const { blksize, windowsize } = this.#options.terms
    const { acked, last } = this.#window
    const bytes = acked === last ? (acked - 1) * blksize + this.#lastBytes : Math.max(acked, 0) * blksize
    const ms = this.#options.now() - this.#startedMs
    return { bytes, ms, retransmissions: this.#retransmissions, blksize, windowsize }
  }

  /** The client has not answered anything. */
  get untouched(): boolean {
    return this.#progressMs === undefined
  }

  /** A packet of the client. Told is why it means nothing here, if so. @throws CodecError if it is no packet. */
  receive(packet: Buffer): Drop | undefined {
    if (packet.length < HEADER_BYTES || packet.readUInt16BE(0) !== OPCODES.ack) return this.#receiveOther(packet)
    const whole = this.#window.sent
    if (this.#ended || !this.#window.acknowledge(packet.readUInt16BE(2))) return 'repeated'
    const now = this.#options.now()
    if (this.#window.acked === whole && whole > this.#unclear) this.#wait.measured(now - this.#sentMs)
    this.#progressMs = now
    this.#refusals = 0
    this.#inVain = 0
    if (this.#window.done) this.#end({ kind: 'finished', confirmed: true })
    else this.#pump()
    return undefined
  }

  #receiveOther(packet: Buffer): Drop | undefined {
    const decoded = decodePacket(packet)
    if (decoded.kind !== 'error' || this.#ended) return 'unexpected'
    // EDK2 asks for the size, and ends with error 8 when it has it; others with 0.
    const probed = this.#window.acked < 0 && (decoded.code === 0 || decoded.code === 8)
    const words = `the client ended it with error ${decoded.code}: ${decoded.words}`
    this.#end(probed ? { kind: 'probed' } : { kind: 'failed', reason: 'client-error', words })
    return undefined
  }

  /** The client's system said that nobody listens on the port. */
  refused(): void {
    this.#refusals += 1
    if (this.#ended || this.#refusals < REFUSALS_MAX) return
    // Whoever leaves when only the last ACK is missing has most likely got the file.
    if (this.#window.sent === this.#window.last) this.#end({ kind: 'finished', confirmed: false })
    else this.#end({ kind: 'failed', reason: 'client-gone', words: 'the client closed its port' })
  }

  /** To be called every few milliseconds. */
  tick(now: number): void {
    if (this.#ended) return
    const { idleMs, totalMs } = this.#options.limits
    if (now - (this.#progressMs ?? this.#startedMs) > idleMs)
      this.fail('timeout', 'other', `no answer for ${idleMs / 1000} s`)
    else if (now - this.#startedMs > totalMs) this.fail('too-slow', 'other', `it took more than ${totalMs / 1000} s`)
    else if (this.#window.waiting && now >= this.#deadlineMs) {
      this.#window.rewind({ again: this.#inVain > 0 })
      this.#inVain += 1
      this.#wait.backOff()
      this.#pump()
    }
  }

  /** Ends it without a word to the client, which is already elsewhere. */
  abandon(reason: Failure, words: string): void {
    if (!this.#ended) this.#end({ kind: 'failed', reason, words })
  }

  /** Ends it, and tells the client. */
  fail(reason: Failure, code: ErrorName, words: string): void {
    if (this.#ended) return
    this.#options.send(encodeError(code, words))
    this.#end({ kind: 'failed', reason, words })
  }

  #end(outcome: Outcome): void {
    this.#ended = true
    this.#reader.close()
    this.#options.onEnd(outcome)
  }

  /** Sends what may be sent and is there. */
  #pump(): void {
    const window = this.#window
    let any = false
    while (!this.#ended && window.open && (window.next <= this.#filled || this.#fill(window.next))) {
      this.#options.send(this.#packet(window.next))
      if (window.next > window.sent) window.sent = window.next
      else this.#again(window.next)
      window.next += 1
      any = true
    }
    if (!any) return
    this.#sentMs = this.#options.now()
    this.#deadlineMs = this.#sentMs + this.#wait.ms
  }

  #again(block: number): void {
    this.#retransmissions += 1
    if (block > this.#unclear) this.#unclear = block
  }

  #packet(block: number): Buffer {
    if (block === 0) return encodePacket({ kind: 'oack', options: this.#options.terms.oack })
    return this.#slots[block % this.#slots.length] as Buffer
  }

  /** Puts the next block into its slot; false if the bytes are not there yet. */
  #fill(block: number): boolean {
    const { blksize, windowsize } = this.#options.terms
    // Taken only now: whoever sends requests from forged addresses gets no memory.
    if (this.#slots.length === 0) this.#slots = makeSlots(windowsize * windowsAhead(windowsize), blksize)
    const index = block % this.#slots.length
    const slot = this.#slots[index] as Buffer
    this.#partBytes += this.#reader.take(slot, HEADER_BYTES + this.#partBytes, blksize - this.#partBytes)
    if (this.#partBytes < blksize) {
      if (!this.#reader.ended) return false
      // A block that is not full is the last; a copy of its own, for the slot may still be on its way out.
      this.#window.last = block
      this.#lastBytes = this.#partBytes
      this.#slots[index] = Buffer.from(slot.subarray(0, HEADER_BYTES + this.#partBytes))
    }
    ;(this.#slots[index] as Buffer).writeUInt16BE(block % 65_536, 2)
    this.#filled = block
    this.#partBytes = 0
    return true
  }
}

function makeSlots(count: number, blksize: number): Buffer[] {
  return Array.from({ length: count }, () => {
    const slot = Buffer.allocUnsafeSlow(HEADER_BYTES + blksize)
    slot.writeUInt16BE(OPCODES.data, 0)
    return slot
  })
}
