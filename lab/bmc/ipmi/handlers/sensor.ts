import {
  getSensorReading,
  getSensorReadingFactors,
  getSensorThresholds,
} from '../../../../src/bmc/ipmi/commands/sensor.ts'
import { THRESHOLD_TYPE } from '../../../../src/bmc/ipmi/records/event-types.ts'
import { type SensorRow, SENSORS } from '../content/sensors.ts'
import { CODE, Refusal } from '../codes.ts'
import { type Call, serve } from '../handler.ts'

const SCANNING = 0xc0 // events and scanning are enabled
const UNAVAILABLE = 0x20

/** Commands of the sensor group. */
export const SENSOR = [
  serve(getSensorReading, 'user', read),
  serve(getSensorThresholds, 'user', ({ data }) => {
    const { thresholds = [], eventType } = rowOf(data.u8())
    if (eventType !== THRESHOLD_TYPE) throw new Refusal(CODE.invalidForSensor)
    const bits = thresholds.reduce<number>((sum, value, bit) => (value === undefined ? sum : sum | (1 << bit)), 0)
    return [bits, ...Array.from({ length: 6 }, (_, index) => thresholds[index] ?? 0)]
  }),
  serve(getSensorReadingFactors, 'user', ({ data }) => {
    const { factors } = rowOf(data.u8())
    if (!factors) throw new Refusal(CODE.invalidForSensor)
    const { m, b, bExponent, rExponent } = factors
    const exponents = ((rExponent & 0x0f) << 4) | (bExponent & 0x0f)
    return [0, m & 0xff, (m >> 2) & 0xc0, b & 0xff, (b >> 2) & 0xc0, 0, exponents]
  }),
] as const

/** The row of a sensor; those that share a record are numbered on from its first. */
function rowOf(number: number): SensorRow {
  const row = SENSORS.find(({ number: first, share = 1 }) => number >= first && number < first + share)
  if (!row || row.eventOnly) throw new Refusal(CODE.notPresent)
  return row
}

function read({ bmc, data }: Call): number[] {
  const row = rowOf(data.u8())
  const state = bmc.content.sensors.get(row.number) ?? { raw: 0, states: 0 }
  if (row.needsPower && bmc.config.machine.power === 'off') return [0, SCANNING | UNAVAILABLE, 0]
  if (!row.factors) return [0, SCANNING, state.states & 0xff, 0x80 | (state.states >> 8)]
  return [state.raw, SCANNING, 0xc0 | crossed(row, state.raw)]
}

/** Bits of the thresholds that a reading is beyond (§35.14). */
function crossed({ thresholds = [], unitFlags = 0 }: SensorRow, raw: number): number {
  const value = (byte: number) => (unitFlags >> 6 === 2 && byte > 0x7f ? byte - 0x100 : byte)
  return thresholds.reduce<number>((bits, threshold, bit) => {
    if (threshold === undefined) return bits
    const isBeyond = bit < 3 ? value(raw) <= value(threshold) : value(raw) >= value(threshold)
    return isBeyond ? bits | (1 << bit) : bits
  }, 0)
}
