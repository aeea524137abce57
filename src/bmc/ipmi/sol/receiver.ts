import { encodeSol, SOL_OPERATION, type SolPacket } from '../wire/sol.ts'

export interface ReceiverOptions {
  /** Sends a SOL payload. */
  readonly send: (payload: Buffer) => void
  /** False: there is no room now, so the BMC shall send it again later. */
  readonly take: (data: Buffer) => boolean
}

/** BMC to console: every packet is acknowledged, and delivered once (§15.11). */
export class SolReceiver {
  readonly #options: ReceiverOptions
  #lastSequence = 0
  #lastAccepted = 0

  constructor(options: ReceiverOptions) {
    this.#options = options
  }

  receive({ sequence, data }: SolPacket): void {
    if (sequence === 0) return
    // The BMC sends a packet again whose acknowledgement was lost; it may have grown since, and then the rest is new.
    const known = sequence === this.#lastSequence ? this.#lastAccepted : 0
    const fresh = data.subarray(known)
    const taken = fresh.length === 0 || this.#options.take(fresh)
    if (taken) [this.#lastSequence, this.#lastAccepted] = [sequence, data.length]
    const acknowledgement = { sequence: 0, acknowledged: sequence, accepted: taken ? data.length : known }
    this.#options.send(encodeSol({ ...acknowledgement, bits: taken ? 0 : SOL_OPERATION.nack, data: Buffer.alloc(0) }))
  }
}
