import { UsageError } from './failure.ts'

/** For commander's options: a whole number within limits. @throws UsageError that names the option. */
export function readNumber(
  option: string,
  { min, max = 999_999_999 }: { min: number; max?: number },
): (text: string) => number {
  return text => {
    const number = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
    if (number >= min && number <= max) return number
    throw new UsageError(`${option} has to be a number from ${min} on, got '${text}'.`)
  }
}
