import { type Logger, pino } from 'pino'
import type { Config } from './config.ts'

export type { Logger }

/** Fields that may hold a secret, wherever they stand. The rule is not to log them; this is the net below it. */
const REDACTED = ['password', 'initialPassword', 'token', 'secret', 'authorization', 'cookie', 'hash', 'database']

/** JSON lines on standard error: standard output is for what a command answers. */
export function openLog(level: Config['log']): Logger {
  const paths = REDACTED.flatMap(field => [field, `*.${field}`, `*.*.${field}`])
  return pino({ level, redact: { paths, censor: '(redacted)' }, base: null }, pino.destination({ dest: 2, sync: true }))
}
