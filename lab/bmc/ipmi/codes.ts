/** Completion codes that handlers give (table 5-2). */
export const CODE = {
  done: 0x00,
  parameterUnsupported: 0x80,
  payloadTaken: 0x80,
  notActive: 0x80,
  wrongPassword: 0x80,
  wrongSize: 0x81,
  invalidCommand: 0xc1,
  lostReservation: 0xc5,
  invalidLength: 0xc7,
  outOfRange: 0xc9,
  tooManyBytes: 0xca,
  notPresent: 0xcb,
  invalidField: 0xcc,
  invalidForSensor: 0xcd,
  insufficientPrivilege: 0xd4,
  notNow: 0xd5,
} as const

/** Thrown by a handler: answered with this completion code. */
export class Refusal extends Error {
  readonly code: number
  constructor(code: number) {
    super(`completion code ${code.toString(16)}h`)
    this.code = code
  }
}

/** Bytes that belong together, among others in one array. */
export const bytes = (...values: readonly number[]): readonly number[] => values
export const u16 = (value: number): number[] => [value & 0xff, (value >> 8) & 0xff]
export const u24 = (value: number): number[] => [...u16(value), (value >> 16) & 0xff]
export const u32 = (value: number): number[] => [...u16(value & 0xffff), ...u16(value >>> 16)]

/** Seconds since 1970, as BMCs count time. */
export const now = (): number => Math.floor(Date.now() / 1000)
