import type { Limits } from './limits.ts'

/**
 * How long to wait for an ACK before all is sent again: from the round trips seen (RFC 6298 §2), twice as long after
 * each repetition (§5.5), and never longer than the client asked for (RFC 2349). Repeating early is cheap: the client
 * drops what it has, and we drop its second ACK.
 */
export class RetransmitWait {
  readonly #limits: Limits
  readonly #max: number
  #smoothed: number | undefined
  #variance = 0
  ms: number

  constructor(limits: Limits, timeoutMs: number | undefined) {
    this.#limits = limits
    this.#max = Math.min(timeoutMs ?? limits.maxWaitMs, limits.maxWaitMs)
    this.ms = Math.min(limits.firstWaitMs, this.#max)
  }

  /** A round trip of blocks that were sent once (Karn's rule: of others nobody knows which copy was answered). */
  measured(roundTripMs: number): void {
    const before = this.#smoothed ?? roundTripMs
    this.#variance =
      this.#smoothed === undefined ? roundTripMs / 2 : 0.75 * this.#variance + 0.25 * Math.abs(before - roundTripMs)
    this.#smoothed = 0.875 * before + 0.125 * roundTripMs
    this.ms = Math.min(Math.max(this.#smoothed + 4 * this.#variance, this.#limits.minWaitMs), this.#max)
  }

  backOff(): void {
    this.ms = Math.min(this.ms * 2, this.#max)
  }
}
