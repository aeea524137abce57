/** One row a code: HTTP status for `api`, whether a job may try again, and what the reader should do next. */
export const ERRORS = {
  // Somebody's input
  invalid_input: { status: 400, retry: false, fix: 'Correct the named fields and send it again.' },
  invalid_config: { status: 400, retry: false, fix: 'Correct the configuration and start again.' },
  not_found: { status: 404, retry: false, fix: 'Check the name; `list` shows what there is.' },
  not_acceptable: { status: 406, retry: false, fix: 'Ask for one of the offered media types.' },
  payload_too_large: { status: 413, retry: false, fix: 'Send it in smaller parts.' },
  headers_too_large: { status: 431, retry: false, fix: 'Send a shorter URL and shorter headers.' },
  request_too_slow: { status: 408, retry: true, fix: 'Send the whole request in time.' },
  unsupported_media_type: { status: 415, retry: false, fix: 'Send JSON with `content-type: application/json`.' },
  // Who asks
  unauthenticated: { status: 401, retry: false, fix: 'Send `authorization: Bearer TOKEN` (RACKWRIGHT_TOKEN).' },
  forbidden: { status: 403, retry: false, fix: 'Use a token of a role that may do this, or ask an admin.' },
  // The state of things
  already_exists: { status: 409, retry: false, fix: 'Choose another name, or change the existing one.' },
  already_taken: { status: 409, retry: false, fix: 'Choose a free one, or free it first.' },
  already_reserved: { status: 409, retry: false, fix: 'Choose another machine or another time.' },
  still_in_use: { status: 409, retry: false, fix: 'Remove what refers to it first.' },
  conflict: { status: 409, retry: false, fix: 'Read the current state and decide again.' },
  invalid_transition: { status: 409, retry: false, fix: 'Wait for its job, or choose an accepted action.' },
  nothing_free: { status: 409, retry: false, fix: 'Free one, or enlarge the range.' },
  idempotency_mismatch: { status: 422, retry: false, fix: 'Use a new Idempotency-Key for a different request.' },
  stale: { status: 412, retry: false, fix: 'Get the current version, merge, and send its ETag.' },
  try_again: { status: 503, retry: true, fix: 'Try again in a moment.' },
  // BMCs
  bmc_auth: { status: 502, retry: false, fix: 'Check user, password and privilege of the account on that BMC.' },
  bmc_busy: { status: 503, retry: true, fix: 'Try again in a moment; if it lasts, look who holds its sessions.' },
  bmc_transitional: { status: 503, retry: true, fix: 'Try again when the machine has settled.' },
  bmc_unsupported: { status: 501, retry: false, fix: 'This BMC cannot do that: choose another way, or new firmware.' },
  bmc_unreachable: { status: 504, retry: true, fix: 'Check its address, cable and power; a BMC reset may help.' },
  bmc_bad_reply: {
    status: 502,
    retry: true,
    fix: 'Try again; if it repeats, report the reply with model and firmware.',
  },
  // The controller itself
  database_unavailable: { status: 503, retry: true, fix: 'Try again; if it lasts, look at the database and its log.' },
  database_refused: { status: 500, retry: false, fix: 'Nothing was changed.' },
  database_in_use: {
    status: 409,
    retry: false,
    fix: 'Stop the controller that uses it, or give this one its own `dataDir`.',
  },
  database_version: { status: 500, retry: false, fix: 'Start the version that fits these files.' },
  database_not_empty: { status: 409, retry: false, fix: 'Give an empty database, or say that it shall be replaced.' },
  backup_damaged: { status: 422, retry: false, fix: 'Nothing was changed: take another copy of the backup.' },
  secret_unreadable: { status: 500, retry: false, fix: 'Give the key file that sealed it (`secrets.keyFile`).' },
  not_running: { status: 503, retry: true, fix: 'Start it with `rackwright serve`, or set RACKWRIGHT_URL.' },
  internal: { status: 500, retry: false, fix: 'This is a defect: report it with the request id and the log.' },
} as const satisfies Record<string, { status: number; retry: boolean; fix: string }>

export type ErrorCode = keyof typeof ERRORS

/** One fault of an input. `path` is a JSON pointer (RFC 6901) into it, '' for the whole. */
export interface Fault {
  path: string
  message: string
}

/** An error that a person reads: what happened, then what to do next. `faults` lists every fault of an input at once. */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly faults: readonly Fault[]
  constructor(code: ErrorCode, what: string, options: ErrorOptions & { faults?: readonly Fault[]; fix?: string } = {}) {
    super(`${what.replace(/\.$/, '')}. ${options.fix ?? ERRORS[code].fix}`, options)
    this.name = 'AppError'
    this.code = code
    this.faults = options.faults ?? []
  }
}

/** Bytes from outside that are not what they should be: dropped and counted at the socket, never an operator's problem. */
export class CodecError extends Error {}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
