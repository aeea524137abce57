/** What one server may use. Whoever asks for more is served less, later, or not at all; nothing grows without end. */
export const LIMITS = {
  /** Larger requests are dropped. RFC 2347 allows 512; names may be long. */
  requestBytes: 1024,
  /** At a time. Requests beyond are dropped: the client asks again, and finds a place. */
  transfers: 1000,
  transfersPerClient: 32,
  /** The most that is negotiated (RFC 2348, RFC 7440). */
  blksize: 65_464,
  windowsize: 64,
  /** Of one transfer: a window of large blocks is made smaller to fit twice. Taken only after the client has answered. */
  windowBytes: 1024 * 1024,
  /** One piece that is read from a file at a time; a second one is read ahead. */
  readBytes: 128 * 1024,
  /** A transfer without progress, or that lasts so long, is given up. */
  idleMs: 30_000,
  totalMs: 3_600_000,
  /** Until a repetition (RFC 6298 in small: TFTP's clients answer at once, so the least wait is short). */
  firstWaitMs: 500,
  minWaitMs: 10,
  maxWaitMs: 5_000,
  /** Between two `progress` events of a transfer. */
  progressMs: 1_000,
} as const
export type Limits = { readonly [L in keyof typeof LIMITS]: number }
