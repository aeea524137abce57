/** A sensor of a virtual machine, by which its record and its readings are made. */
export interface SensorRow {
  readonly number: number
  readonly name: string
  readonly entity: number
  readonly instance: number
  /** Type (table 42-3), and type of events (table 42-1). */
  readonly type: number
  readonly eventType: number
  readonly unit: number
  readonly modifier?: number
  /** Of byte 21: format, rate, modifier, percent. */
  readonly unitFlags?: number
  readonly linearization?: number
  readonly factors?: { m: number; b: number; bExponent: number; rExponent: number }
  readonly raw: number
  /** Raw: lower non-critical, critical, non-recoverable, upper non-critical, critical, non-recoverable. */
  readonly thresholds?: readonly (number | undefined)[]
  /** Of a discrete sensor: the states that hold. */
  readonly states?: number
  /** Has no reading without power. */
  readonly needsPower?: true
  /** So many sensors with following numbers share a compact record. */
  readonly share?: number
  readonly eventOnly?: true
}

export interface SensorState {
  raw: number
  states: number
}

const CELSIUS = 1
const VOLT = 4
const AMPERE = 5
const WATT = 6
const RPM = 18
const [TWOS, PERCENT] = [0x80, 0x01]
const LINEAR = { m: 1, b: 0, bExponent: 0, rExponent: 0 }

/** One of every kind that firmware is known to have: offsets, exponents, signs, functions, shared and event-only records. */
export const SENSORS: readonly SensorRow[] = [
  {
    number: 0x01,
    name: 'CPU1 Temp',
    entity: 3,
    instance: 1,
    type: 0x01,
    eventType: 0x01,
    unit: CELSIUS,
    factors: LINEAR,
    raw: 45,
    thresholds: [undefined, undefined, undefined, 85, 90, 95],
    needsPower: true,
  },
  {
    number: 0x02,
    name: 'Inlet Temp',
    entity: 55,
    instance: 1,
    type: 0x01,
    eventType: 0x01,
    unit: CELSIUS,
    unitFlags: TWOS,
    factors: LINEAR,
    raw: 0xfb, // -5 °C
    thresholds: [0xf6, 0xf1, 0xec, 40, 45, 50],
  },
  {
    number: 0x03,
    name: 'Fan1',
    entity: 29,
    instance: 1,
    type: 0x04,
    eventType: 0x01,
    unit: RPM,
    factors: { m: 60, b: 0, bExponent: 0, rExponent: 0 },
    raw: 90, // 5,400 RPM
    thresholds: [20, 15, 10, undefined, undefined, undefined],
    needsPower: true,
  },
  {
    number: 0x04,
    name: '12V',
    entity: 7,
    instance: 1,
    type: 0x02,
    eventType: 0x01,
    unit: VOLT,
    factors: { m: 63, b: 0, bExponent: 0, rExponent: -3 },
    raw: 192, // 12.096 V
    thresholds: [175, 170, 165, 205, 210, 215],
    needsPower: true,
  },
  {
    number: 0x05,
    name: 'VBAT',
    entity: 40,
    instance: 1,
    type: 0x02,
    eventType: 0x01,
    unit: VOLT,
    factors: { m: 15, b: 3, bExponent: 1, rExponent: -3 }, // (15 x + 30) / 1000
    raw: 200, // 3.03 V
    thresholds: [170, 160, undefined, undefined, undefined, undefined],
  },
  {
    number: 0x06,
    name: 'PSU1 Power',
    entity: 10,
    instance: 1,
    type: 0x0b,
    eventType: 0x01,
    unit: WATT,
    factors: { m: 4, b: -5, bExponent: 0, rExponent: 0 },
    raw: 54, // 211 W
    thresholds: [undefined, undefined, undefined, 200, 220, undefined],
  },
  {
    number: 0x07,
    name: 'PSU1 Load',
    entity: 10,
    instance: 1,
    type: 0x0b,
    eventType: 0x01,
    unit: 0,
    unitFlags: PERCENT,
    factors: LINEAR,
    raw: 34,
  },
  {
    number: 0x08,
    name: 'Leak Current',
    entity: 7,
    instance: 2,
    type: 0x03,
    eventType: 0x01,
    unit: AMPERE,
    linearization: 8, // squares
    factors: { m: 1, b: 0, bExponent: 0, rExponent: -1 },
    raw: 12, // 1.44 A
  },
  {
    number: 0x10,
    name: 'PSU1 Status',
    entity: 10,
    instance: 1,
    type: 0x08,
    eventType: 0x6f,
    unit: 0,
    raw: 0,
    states: 0x01,
  },
  { number: 0x11, name: 'Intrusion', entity: 23, instance: 1, type: 0x05, eventType: 0x6f, unit: 0, raw: 0, states: 0 },
  {
    number: 0x20,
    name: 'DIMM',
    entity: 32,
    instance: 1,
    type: 0x0c,
    eventType: 0x6f,
    unit: 0,
    raw: 0,
    states: 0x40,
    share: 4,
  },
  {
    number: 0x30,
    name: 'OS Boot',
    entity: 35,
    instance: 1,
    type: 0x1f,
    eventType: 0x6f,
    unit: 0,
    raw: 0,
    eventOnly: true,
  },
]
