const MODULUS = 65_536

/** How many windows may be on their way, when nothing else helps: see `rewind`. */
export const windowsAhead = (windowsize: number): number => (windowsize > 1 ? 2 : 1)

/**
 * Which blocks are on their way. Blocks count from 1 and on without end here; 0 is the OACK. On the wire their number
 * rolls over from 65,535 to 0, as all servers and clients do that send large files (no RFC says it).
 */
export class SendWindow {
  readonly #size: number
  /** The last block that the client confirmed; -1 as long as an OACK is not. */
  acked: number
  /** The last block that was ever sent. */
  sent: number
  /** What is to be sent now. */
  next: number
  /** The last block of all, once it is known. */
  last = Infinity
  #ahead = 1

  constructor(size: number, { oack }: { oack: boolean }) {
    this.#size = size
    this.acked = this.sent = oack ? -1 : 0
    this.next = this.acked + 1
  }

  /** True if block `next` may go out. The OACK goes alone. */
  get open(): boolean {
    return this.next <= (this.acked < 0 ? 0 : Math.min(this.acked + this.#size * this.#ahead, this.last))
  }
  /** True if something is sent and not confirmed. */
  get waiting(): boolean {
    return this.sent > this.acked
  }
  get done(): boolean {
    return this.acked === this.last
  }

  /**
   * True if that confirms something new. What follows it goes out (again): a client that confirms less than it was sent
   * lost the next block (RFC 7440 §4). An ACK that was seen before changes nothing: to answer it would double every
   * block from there on (the sorcerer's apprentice, RFC 1123 §4.2.3.1); the wait for a repetition covers what is lost.
   */
  acknowledge(block: number): boolean {
    const distance = (block - this.acked + MODULUS * MODULUS) % MODULUS
    if (distance === 0 || distance > this.sent - this.acked) return false
    this.acked += distance
    this.next = this.acked + 1
    this.#ahead = 1
    return true
  }

  /**
   * Sends all again that is not confirmed; at the second time in vain (`again`) the next window, too. For it may be the
   * ACK that was lost, and clients (atftp 0.8) pass over the blocks that they have, and confirm only what is new.
   */
  rewind({ again }: { again: boolean }): void {
    this.next = this.acked + 1
    this.#ahead = again ? windowsAhead(this.#size) : 1
  }
}
