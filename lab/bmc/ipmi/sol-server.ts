import {
  decodeSol,
  encodeSol,
  nextSolSequence,
  SOL_HEADER_BYTES,
  SOL_OPERATION,
  SOL_STATUS,
} from '../../../src/bmc/ipmi/wire/sol.ts'
import type { BmcConfig } from './config.ts'
import type { BmcSession } from './sessions.ts'

/** What the configuration parameters say: 7 retries, half a second apart (table 26-5, parameter 4). */
const RETRIES = 7
const RETRY_MS = 500
/** Without a console, this much of what the machine last said is kept. */
const BACKLOG_BYTES = 4 * 1024
/** With one that is slow, this much waits for it. */
const QUEUE_BYTES = 1024 * 1024

/** Sizes of whole payloads, as Activate Payload tells them (§24.1). */
export const SOL_PAYLOAD_BYTES = 255

interface Parts {
  readonly config: BmcConfig
  readonly send: (session: BmcSession, type: 'sol', payload: Buffer) => void
}

/** Serial over LAN from the BMC's side (§15): one console at a time. */
export class SolServer {
  readonly #bmc: Parts
  owner: BmcSession | undefined
  #unheard: (() => void) | undefined
  #queue = Buffer.alloc(0)
  #sequence = 0
  #sending: { sequence: number; data: Buffer; attempts: number } | undefined
  #timer: NodeJS.Timeout | undefined
  /** Of the packet that was taken last, so that it is not taken twice. */
  #taken = { sequence: 0, accepted: 0 }
  #paused = false

  constructor(bmc: Parts) {
    this.#bmc = bmc
  }

  activate(session: BmcSession): void {
    this.owner = session
    this.#sequence = 0
    this.#taken = { sequence: 0, accepted: 0 }
    this.#paused = false
    this.#queue = Buffer.alloc(0)
    this.#unheard = this.#bmc.config.machine.serial.onData(data => this.#say(data))
  }

  /** Takes it from whoever has it, and tells. False: nobody has. */
  deactivate(): boolean {
    const { owner } = this
    if (!owner) return false
    this.#send({ sequence: 0, acknowledged: 0, accepted: 0, bits: SOL_STATUS.deactivating, data: Buffer.alloc(0) })
    this.end(owner)
    return true
  }

  /** That session is over. */
  end(session: BmcSession): void {
    if (this.owner !== session) return
    this.owner = undefined
    this.#unheard?.()
    this.#sending = undefined
    clearTimeout(this.#timer)
  }

  /** @throws CodecError */
  receive(session: BmcSession, payload: Buffer): void {
    if (this.owner !== session) return
    const packet = decodeSol(payload)
    this.#acknowledged(packet.acknowledged, packet.accepted, packet.bits)
    if (packet.sequence === 0) return
    const isNew = packet.sequence !== this.#taken.sequence
    if (isNew) this.#take(packet.sequence, packet.data, packet.bits)
    const { sequence, accepted } = this.#taken
    this.#send({ sequence: 0, acknowledged: sequence, accepted, bits: 0, data: Buffer.alloc(0) })
  }

  #take(sequence: number, data: Buffer, bits: number): void {
    const accepted = Math.min(data.length, this.#bmc.config.faults.sol?.acceptsAtMost ?? data.length)
    this.#taken = { sequence, accepted }
    const { serial } = this.#bmc.config.machine
    if (accepted > 0) serial.write(Buffer.from(data.subarray(0, accepted)))
    if ((bits & SOL_OPERATION.break) !== 0) serial.sendBreak()
    if ((bits & SOL_OPERATION.flushOutbound) !== 0) this.#queue = Buffer.alloc(0)
    this.#paused = (bits & SOL_OPERATION.pauseCts) !== 0
    if (!this.#paused) this.#next()
  }

  #say(data: Buffer): void {
    this.#queue = Buffer.concat([this.#queue, data])
    const most = this.owner ? QUEUE_BYTES : BACKLOG_BYTES
    if (this.#queue.length > most) this.#queue = this.#queue.subarray(-most)
    this.#next()
  }

  #next(): void {
    if (this.#sending || this.#paused || !this.owner || this.#queue.length === 0) return
    const data = this.#queue.subarray(0, SOL_PAYLOAD_BYTES - SOL_HEADER_BYTES)
    this.#queue = this.#queue.subarray(data.length)
    this.#sequence = nextSolSequence(this.#sequence)
    this.#sending = { sequence: this.#sequence, data, attempts: 0 }
    this.#transmit()
  }

  #transmit(): void {
    const sending = this.#sending
    if (!sending) return
    if (sending.attempts > RETRIES) {
      // Nobody listens: what was said is lost, as it is on a real BMC.
      this.#sending = undefined
      return this.#next()
    }
    sending.attempts += 1
    const { sequence, data } = sending
    this.#send({ sequence, acknowledged: 0, accepted: 0, bits: 0, data })
    this.#timer = setTimeout(() => this.#transmit(), RETRY_MS)
  }

  #acknowledged(sequence: number, accepted: number, bits: number): void {
    if (!this.#sending || sequence !== this.#sending.sequence) return
    if ((bits & SOL_OPERATION.nack) !== 0 && accepted === 0) return
    clearTimeout(this.#timer)
    const rest = this.#sending.data.subarray(accepted)
    this.#sending = undefined
    this.#queue = Buffer.concat([rest, this.#queue])
    this.#next()
  }

  #send(packet: Parameters<typeof encodeSol>[0]): void {
    if (this.owner) this.#bmc.send(this.owner, 'sol', encodeSol(packet))
  }
}
