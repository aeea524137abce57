/** How far behind the newest a packet may come in. Wider than the 15 of §6.12.13: it only lets reordered ones through. */
const WIDTH = 32
const MAX = 0x1_0000_0000

/**
 * The receive window of a session (§6.12.13): each sequence number is accepted once. There is no limit ahead: packets
 * are signed, so a jump forward is a loss and nothing worse, while a limit would end the session after a long one.
 */
export class ReceiveWindow {
  /** 0: nothing came yet; sequence numbers begin with 1. */
  #newest = 0
  /** Bit n: `newest - n` has come. */
  #seen = 0

  /** True the first time that `sequence` comes, false for repeated and too old ones. */
  accept(sequence: number): boolean {
    if (sequence === 0) return false
    // The numbers wrap around, so what is less than half of them ahead is new.
    const ahead = (sequence - this.#newest + MAX) % MAX
    if (this.#newest === 0 || (ahead > 0 && ahead < MAX / 2)) {
      this.#seen = ahead >= WIDTH ? 1 : (this.#seen << ahead) | 1
      this.#newest = sequence
      return true
    }
    const behind = (MAX - ahead) % MAX
    if (behind >= WIDTH || (this.#seen & (1 << behind)) !== 0) return false
    this.#seen |= 1 << behind
    return true
  }
}
