import { bytes, u16 } from '../codes.ts'
import { type SensorRow, SENSORS } from './sensors.ts'

const BMC = 0x20
const VERSION = 0x51
/** 8-bit ASCII in a type and length byte. */
const ASCII = 0xc0

const name = (text: string): number[] => [ASCII | text.length, ...Buffer.from(text, 'latin1')]
const record = (id: number, type: number, body: readonly number[]): Buffer =>
  Buffer.from([...u16(id), VERSION, type, body.length, ...body])

/** The sensor data records of a virtual BMC: its sensors, its FRUs, itself, and one that only a vendor understands. */
export function encodeSdrs(): Buffer[] {
  const sensors = SENSORS.map((row, index) => encodeSensor(index + 1, row))
  const id = sensors.length
  return [
    ...sensors,
    encodeFruLocator(id + 1, 1, 10, 'PSU1 FRU'),
    encodeFruLocator(id + 2, 2, 15, 'Backplane'),
    encodeControllerLocator(id + 3),
    record(id + 4, 0xc0, [0xf2, 0x1b, 0x00, 0xde, 0xad]),
  ]
}

function encodeSensor(id: number, row: SensorRow): Buffer {
  if (row.eventOnly) return record(id, 0x03, [...key(row), row.type, row.eventType, 1, 0, 0, 0, ...name(row.name)])
  return row.factors ? record(id, 0x01, full(row)) : record(id, 0x02, compact(row))
}

const key = ({ number, entity, instance }: SensorRow) => [BMC, 0, number, entity, instance]

/** Bits and bytes of the thresholds that are there. */
const bitsOf = ({ thresholds = [] }: SensorRow) =>
  thresholds.reduce<number>((bits, value, bit) => (value === undefined ? bits : bits | (1 << bit)), 0)

/** Full Sensor Record (§43.1), from byte 6 on. */
function full(row: SensorRow): number[] {
  const { m, b, bExponent, rExponent } = row.factors ?? { m: 1, b: 0, bExponent: 0, rExponent: 0 }
  const values = Array.from({ length: 6 }, (_, index) => row.thresholds?.[index] ?? 0)
  return [
    ...key(row),
    0x7f, // everything is initialized
    row.thresholds ? 0x68 : 0x60, // re-arms itself; thresholds can be read and set, or there are none
    row.type,
    row.eventType,
    ...bytes(0xff, 0x0f, 0xff, 0x0f),
    bitsOf(row),
    bitsOf(row),
    row.unitFlags ?? 0,
    row.unit,
    row.modifier ?? 0,
    row.linearization ?? 0,
    m & 0xff,
    (m >> 2) & 0xc0,
    b & 0xff,
    (b >> 2) & 0xc0,
    0,
    ((rExponent & 0x0f) << 4) | (bExponent & 0x0f),
    ...bytes(0x00, row.raw, 0, 0, 0xff, 0),
    ...values.toReversed(),
    ...bytes(2, 2, 0, 0, 0),
    ...name(row.name),
  ]
}

/** Compact Sensor Record (§43.2), from byte 6 on. */
function compact(row: SensorRow): number[] {
  return [
    ...key(row),
    ...bytes(0x67, 0x40, row.type, row.eventType),
    ...bytes(0xff, 0x7f, 0xff, 0x7f, 0xff, 0x7f),
    ...bytes(0xc0, row.unit, 0),
    ...bytes(row.share ?? 1, 0),
    ...bytes(0, 0, 0, 0, 0, 0),
    ...name(row.name),
  ]
}

/** FRU Device Locator Record (§43.8) of a logical FRU. */
const encodeFruLocator = (id: number, fru: number, entity: number, text: string) =>
  record(id, 0x11, [BMC, fru, 0x80, 0, 0, 0x10, 0, entity, 1, 0, ...name(text)])

/** Management Controller Device Locator Record (§43.9). */
const encodeControllerLocator = (id: number) =>
  record(id, 0x12, [BMC, 0, 0, 0xbf, 0, 0, 0, 46, 1, 0, ...name('Virtual BMC')])
