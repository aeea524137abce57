import { DatabaseError } from 'pg'
import { AppError, type ErrorCode } from '../lib/errors.ts'
import { codeOf } from './error-code.ts'

/** Integrity constraints that PostgreSQL names in its answer (SQLSTATE class 23, PostgreSQL manual, appendix A). */
const VIOLATIONS = {
  '23502': 'not_null',
  '23503': 'foreign_key',
  '23505': 'unique',
  '23514': 'check',
  '23P01': 'exclusion',
} as const

export type ViolationKind = (typeof VIOLATIONS)[keyof typeof VIOLATIONS]
const KINDS = new Map<string, ViolationKind>(Object.entries(VIOLATIONS))

/** SQLSTATEs (five characters) and their classes (two) that say nothing about the caller's data. The longer match wins. */
const STATES: Record<string, { code: ErrorCode; what: string; fix?: string }> = {
  '40001': { code: 'try_again', what: 'Another transaction changed the same rows' },
  '40P01': { code: 'try_again', what: 'Two transactions waited for each other' },
  '55P03': { code: 'try_again', what: 'Another transaction holds the same rows for too long' },
  '57014': { code: 'try_again', what: 'The database did not finish in time' },
  '25P03': { code: 'try_again', what: 'A transaction waited too long between two statements' },
  '25006': { code: 'database_unavailable', what: 'The database accepts no writes (a standby?)' },
  '08': { code: 'database_unavailable', what: 'The connection to the database failed' },
  '53': { code: 'database_unavailable', what: 'The database lacks memory, disk or connections' },
  '58': { code: 'database_unavailable', what: 'The database cannot read or write its files' },
  '57P': { code: 'database_unavailable', what: 'The database is stopping or starting' },
  '28': {
    code: 'database_unavailable',
    what: 'The database refused the login',
    fix: 'Correct user or password in `database`.',
  },
  '3D000': {
    code: 'database_unavailable',
    what: 'There is no such database',
    fix: 'Create it, or correct `database`.',
  },
}

/** Errors of the socket and the resolver (node:net, node:dns). */
const SOCKET_ERRORS = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
])
/** Of a Unix socket that is not there or closed to us; elsewhere these are errors of files. */
const UNIX_SOCKET_ERRORS = new Set(['ENOENT', 'EACCES'])
/** `pg` and `pg-pool` give these errors no code (pg 8.23, pg-pool 3.14): their words are all there is. */
const LOST_CONNECTION = /^(Connection terminated|timeout expired|Query read timeout|Client (has|was))/
const NO_FREE_CONNECTION = 'timeout exceeded when trying to connect'

/** Whether `error` is the violation of the constraint or unique index of this name. */
export function isViolation(error: unknown, constraint: string): error is DatabaseError {
  return violationOf(error)?.constraint === constraint
}

/** The violated constraint. `detail` is for people; it is left out where PostgreSQL would print the whole row. */
export interface Violation {
  kind: ViolationKind
  constraint: string
  table: string
  detail: string
}

/** What `error` violates; undefined when it is something else. Not-null has the column's name as constraint. */
export function violationOf(error: unknown): Violation | undefined {
  if (!(error instanceof DatabaseError)) return undefined
  const kind = KINDS.get(error.code ?? '')
  if (!kind) return undefined
  const constraint = error.constraint ?? error.column ?? ''
  return { kind, constraint, table: error.table ?? '', detail: printableDetail(error) }
}

/** "Key (name)=(a) already exists." is fit for people; "Failing row contains (…)" prints every column, secrets included. */
function printableDetail(error: DatabaseError): string {
  const detail = error.detail ?? ''
  return detail.startsWith('Key (') ? detail : error.message
}

/** The AppError for what only the database is to blame for (`try_again`, `database_unavailable`); else `error` itself. */
export function toAppError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof AppError) return error
  const row = stateRow(error)
  if (row)
    return new AppError(row.code, `${row.what} (${error.message})`, { cause: error, ...(row.fix && { fix: row.fix }) })
  if (error.message === NO_FREE_CONNECTION)
    return new AppError('try_again', 'All our connections to the database are busy', { cause: error })
  if (!isLostConnection(error)) return error
  return new AppError('database_unavailable', `The database does not answer (${error.message || codeOf(error)})`, {
    cause: error,
  })
}

function stateRow(error: Error) {
  if (!(error instanceof DatabaseError) || !error.code) return undefined
  return STATES[error.code] ?? STATES[error.code.slice(0, 3)] ?? STATES[error.code.slice(0, 2)]
}

function isLostConnection(error: Error): boolean {
  const code = codeOf(error)
  const connecting = 'syscall' in error && error.syscall === 'connect'
  return SOCKET_ERRORS.has(code) || (connecting && UNIX_SOCKET_ERRORS.has(code)) || LOST_CONNECTION.test(error.message)
}
