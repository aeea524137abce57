import { type Threshold, THRESHOLDS } from '../../driver.ts'

/** The thresholds whose bits are set. */
export const thresholdsIn = (bits: number): Threshold[] => THRESHOLDS.filter((_, bit) => (bits & (1 << bit)) !== 0)

/** Raw values of those that `bits` says are readable, from six bytes in the order of `THRESHOLDS`. */
export function readThresholds(bits: number, bytes: Buffer): Partial<Record<Threshold, number>> {
  const readable = thresholdsIn(bits)
  return Object.fromEntries(readable.map(name => [name, bytes.readUInt8(THRESHOLDS.indexOf(name))]))
}
