/** What one BMC may cost us, whatever it sends. */
export const LIMITS = {
  /** One request, from its first byte to the last one of its reply. */
  requestMs: 60_000,
  loginMs: 60_000,
  /** The DELETE of the session at the end. */
  logoutMs: 5_000,
  replyBytes: 8 * 1024 * 1024,
  redirects: 4,
  /** Of one collection, by `Members@odata.nextLink`. */
  pages: 500,
  members: 20_000,
  /** A reply of 503 or 429 is waited for so often, and so long each time at the most. */
  busyAttempts: 4,
  busyWaitMs: 30_000,
  /** Between two looks at a task that names no Retry-After. */
  taskPollMs: 1_000,
  taskMs: 600_000,
  /** How long refusals count as caused by a power change of ours. */
  settlingMs: 180_000,
  wordsLength: 500,
} as const

export type Limits = { readonly [L in keyof typeof LIMITS]: number }
