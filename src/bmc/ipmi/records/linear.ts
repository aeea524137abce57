/** Functions of a full record's linearization byte, from 0 on (§43.1, byte 24; §36.3). 70h and up: not linear. */
const LINEARIZATIONS: readonly ((x: number) => number)[] = [
  x => x,
  Math.log,
  Math.log10,
  Math.log2,
  Math.exp,
  x => 10 ** x,
  x => 2 ** x,
  x => 1 / x,
  x => x ** 2,
  x => x ** 3,
  Math.sqrt,
  Math.cbrt,
]

export type Format = 'unsigned' | "1's complement" | "2's complement"
/** Of sensor units 1, bits 7 and 6; 3: the sensor has no analog reading. */
export const FORMATS: readonly (Format | undefined)[] = ['unsigned', "1's complement", "2's complement", undefined]

/** From raw readings to values: y = L[(M·x + B·10^bExponent) · 10^rExponent] (§36.3). */
export interface Factors {
  readonly m: number
  readonly b: number
  readonly bExponent: number
  readonly rExponent: number
}
export interface Conversion extends Factors {
  readonly format: Format
  readonly linearization: number
}

/** 70h: factors hold for one reading, and are asked for with it; above that, the vendor's own. */
const NON_LINEAR = 0x70
export const isNonLinear = ({ linearization }: Conversion): boolean => linearization === NON_LINEAR

/** The value of a raw reading; undefined where only the vendor knows the function. */
export function toValue(raw: number, conversion: Conversion): number | undefined {
  const linearize = isNonLinear(conversion) ? LINEARIZATIONS[0] : LINEARIZATIONS[conversion.linearization]
  const { m, b, bExponent, rExponent } = conversion
  const value = linearize?.((m * signed(raw, conversion.format) + b * 10 ** bExponent) * 10 ** rExponent)
  // Twelve digits are more than any sensor has, and fewer than binary fractions show: 12.1, not 12.100000000000001.
  return value === undefined ? undefined : Number(value.toPrecision(12))
}

function signed(raw: number, format: Format): number {
  if (format === 'unsigned' || raw < 0x80) return raw
  return format === "1's complement" ? raw - 0xff : raw - 0x100
}

/** M, B and the exponents of a full record, or of Get Sensor Reading Factors: six bytes (§43.1, bytes 25 to 30). */
export function readFactors(bytes: Buffer): Factors {
  const [mLow = 0, mHigh = 0, bLow = 0, bHigh = 0, , exponents = 0] = bytes
  return {
    m: twos(mLow | ((mHigh & 0xc0) << 2), 10),
    b: twos(bLow | ((bHigh & 0xc0) << 2), 10),
    rExponent: twos(exponents >> 4, 4),
    bExponent: twos(exponents & 0x0f, 4),
  }
}

const twos = (value: number, bits: number) => (value >= 2 ** (bits - 1) ? value - 2 ** bits : value)
