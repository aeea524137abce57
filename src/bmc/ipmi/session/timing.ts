/** When something is tried again. */
export interface Pauses {
  /** How long the first answer may take, or the first pause lasts. */
  readonly firstMs: number
  /** Each further one is longer by this factor, */
  readonly factor: number
  /** up to this. */
  readonly longestMs: number
  /** Tries in all. */
  readonly attempts: number
}

/** How patient the client is with one BMC. */
export interface Timing {
  /** How a packet is sent again whose answer does not come. */
  readonly resend: Pauses
  /** How a command is sent again that the BMC was too busy to begin. */
  readonly busy: Pauses
  /** How set-up begins anew when the BMC has no session free, or retries crossed each other. */
  readonly anew: Pauses
  /** Closing waits no longer than this for an answer: the BMC drops a silent session by itself. */
  readonly closing: Pauses
  /** A session is kept alive by a command after this silence; a BMC drops it after 60 s +/- 3 s (§6.12.15). */
  readonly keepAliveMs: number
}

export const TIMING: Timing = {
  // 0.5 + 0.8 + 1.3 + 2 + 3.3 + 4 s: a BMC under load may take seconds, and LANs of BMCs lose packets.
  resend: { firstMs: 500, factor: 1.6, longestMs: 4_000, attempts: 6 },
  busy: { firstMs: 200, factor: 2, longestMs: 2_000, attempts: 6 },
  anew: { firstMs: 500, factor: 2, longestMs: 8_000, attempts: 6 },
  closing: { firstMs: 250, factor: 2, longestMs: 500, attempts: 3 },
  keepAliveMs: 25_000,
}

/** How long to wait after the try of this number, from 0 on. */
export const waitMs = ({ firstMs, factor, longestMs }: Pauses, attempt: number): number =>
  Math.min(firstMs * factor ** attempt, longestMs)
