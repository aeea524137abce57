import { AppError, type ErrorCode } from '../../lib/errors.ts'
import { MESSAGE_MEANS, type Told } from './messages.ts'

/** What a status means where no message says it better (DSP0266 §8.4). Others: by hundreds, see `codeOf`. */
const STATUS_MEANS: Readonly<Record<number, ErrorCode>> = {
  401: 'bmc_auth',
  403: 'bmc_auth',
  408: 'bmc_busy',
  409: 'bmc_transitional',
  412: 'bmc_busy',
  423: 'bmc_busy',
  428: 'bmc_busy',
  429: 'bmc_busy',
  501: 'bmc_unsupported',
  502: 'bmc_busy',
  503: 'bmc_busy',
  504: 'bmc_busy',
}

/** The service answered, and said no. */
export class RedfishRefusal extends AppError {
  readonly status: number
  readonly ids: readonly string[]
  /** After so long it may be asked again; undefined: the service does not say. */
  readonly retryAfterMs: number | undefined

  constructor(code: ErrorCode, what: string, reply: { status: number; told: Told; retryAfterMs: number | undefined }) {
    super(code, what)
    this.status = reply.status
    this.ids = reply.told.ids
    this.retryAfterMs = reply.retryAfterMs
  }
}

/** `settling`: power was changed a moment ago, so a BMC that cannot answer now is on its way, not overloaded. */
export function codeOf(status: number, told: Told, settling: boolean): ErrorCode {
  const [meant] = told.ids.map(id => (Object.hasOwn(MESSAGE_MEANS, id) ? MESSAGE_MEANS[id] : undefined)).filter(Boolean)
  const code = meant ?? STATUS_MEANS[status] ?? (status >= 500 || status < 400 ? 'bmc_bad_reply' : 'bmc_unsupported')
  return settling && code === 'bmc_busy' && !told.ids.includes('SessionLimitExceeded') ? 'bmc_transitional' : code
}

/** True of an error that says: not there, or not this way. Another way may be tried. */
export function isUnsupported(error: unknown): boolean {
  return error instanceof AppError && error.code === 'bmc_unsupported'
}

/** Retry-After in seconds or as a date (RFC 9110 §10.2.3). */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1000
  const at = Date.parse(header)
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}
