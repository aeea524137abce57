import { createHash } from 'node:crypto'

/** The SHA-256 of a value's JSON, in 64 hexadecimal digits. Equal for equal values with keys in the same order. */
export function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex')
}
