/** How patient the client is with one BMC. */
export interface Timing {
  /** How long the first answer may take; then the packet is sent again. */
  readonly firstMs: number
  /** Each further wait is longer by this factor, */
  readonly factor: number
  /** up to this. */
  readonly longestMs: number
  /** Packets in all; after the last one's wait the BMC counts as silent. */
  readonly attempts: number
  /** A session is kept alive by a command after this silence; a BMC drops it after 60 s +/- 3 s (§6.12.15). */
  readonly keepAliveMs: number
}

/** 0.5 + 0.8 + 1.3 + 2 + 3.3 + 4 s: a BMC under load may take seconds, and LANs of BMCs lose packets. */
export const TIMING: Timing = { firstMs: 500, factor: 1.6, longestMs: 4_000, attempts: 6, keepAliveMs: 25_000 }

export const waitMs = ({ firstMs, factor, longestMs }: Timing, attempt: number): number =>
  Math.min(firstMs * factor ** attempt, longestMs)
