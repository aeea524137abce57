import type { Threshold } from '../../driver.ts'
import { Reader } from '../wire/reader.ts'
import { entityName } from './entities.ts'
import { type Conversion, FORMATS, readFactors } from './linear.ts'
import { SENSOR_TYPES } from './sensor-types.ts'
import { decodeIdString } from './text.ts'
import { readThresholds } from './thresholds.ts'
import { unitOf } from './units.ts'

export const SDR_HEADER_BYTES = 5
/** Types of records (table 43-1 and following). */
const TYPE = { full: 0x01, compact: 0x02, eventOnly: 0x03, fru: 0x11, controller: 0x12 } as const

export interface SensorSdr {
  readonly kind: 'full' | 'compact' | 'event-only'
  readonly recordId: number
  readonly name: string
  /** Slave address of the controller that has the sensor; the BMC's is 20h. */
  readonly owner: number
  readonly lun: number
  readonly number: number
  readonly entity: string
  readonly entityInstance: number
  readonly sensorType: number
  readonly sensorTypeName: string
  readonly eventType: number
  readonly unit: string
  /** How raw readings become values: of full records of analog sensors. */
  readonly conversion: Conversion | undefined
  /** Thresholds as the record has them; what holds now, the sensor tells. */
  readonly thresholds: Partial<Record<Threshold, number>>
  /** How many sensors with following numbers share this record. */
  readonly share: number
}
export interface FruSdr {
  readonly kind: 'fru'
  readonly recordId: number
  readonly name: string
  /** Of a logical FRU behind the controller at `address`: its id for Read FRU Data. */
  readonly fruId: number | undefined
  readonly address: number
  readonly entity: string
  readonly entityInstance: number
}
export interface ControllerSdr {
  readonly kind: 'controller'
  readonly recordId: number
  readonly name: string
  readonly address: number
  readonly channel: number
  readonly entity: string
  readonly entityInstance: number
}
export interface OtherSdr {
  readonly kind: 'other'
  readonly recordId: number
  readonly type: number
  readonly raw: string
}
export type Sdr = SensorSdr | FruSdr | ControllerSdr | OtherSdr

/** Decodes a whole record, header included (§43.1 to §43.9). Types without a row above stay raw. @throws CodecError */
export function decodeSdr(bytes: Buffer): Sdr {
  const reader = new Reader(bytes, 'sensor data record')
  const recordId = reader.u16()
  const type = reader.skip(1).u8()
  const body = new Reader(reader.bytes(reader.u8()), `sensor data record of type ${type.toString(16)}h`)
  if (type === TYPE.full) return decodeFull(recordId, body)
  if (type === TYPE.compact) return decodeCompact(recordId, body)
  if (type === TYPE.eventOnly) return decodeEventOnly(recordId, body)
  if (type === TYPE.fru) return decodeFru(recordId, body)
  if (type === TYPE.controller) return decodeController(recordId, body)
  return { kind: 'other', recordId, type, raw: bytes.toString('hex') }
}

/** Owner, number, entity: as every sensor's record begins. */
function readKey(reader: Reader) {
  const [owner, lun, number] = [reader.u8(), reader.u8() & 0x03, reader.u8()]
  const [entity, instance] = [reader.u8(), reader.u8()]
  return { owner, lun, number, entity: entityName(entity), entityInstance: instance & 0x7f }
}

function readTypes(reader: Reader) {
  const [sensorType, eventType] = [reader.u8(), reader.u8() & 0x7f]
  const sensorTypeName = SENSOR_TYPES[sensorType]?.name ?? `sensor type ${sensorType.toString(16).padStart(2, '0')}h`
  return { sensorType, sensorTypeName, eventType }
}

/** Type and length in one byte, then the text (§43.15). Some firmware counts more bytes than there are. */
function readName(reader: Reader): string {
  const typeLength = reader.u8()
  return decodeIdString(typeLength >> 6, reader.bytes(Math.min(typeLength & 0x1f, reader.left)))
}

/** Full Sensor Record (§43.1). */
function decodeFull(recordId: number, reader: Reader): SensorSdr {
  const key = readKey(reader)
  const types = readTypes(reader.skip(2))
  const mask = reader.skip(4).u16()
  const [flags, base, modifier] = [reader.u8(), reader.u8(), reader.u8()]
  const linearization = reader.u8() & 0x7f
  const factors = readFactors(reader.bytes(6))
  const format = FORMATS[flags >> 6]
  // Upper thresholds come first here, and the most severe of each side; the rest of the code has them the other way.
  const thresholds = Buffer.from([...reader.skip(6).bytes(6)].toReversed())
  const name = readName(reader.skip(5))
  return {
    kind: 'full',
    recordId,
    name,
    ...key,
    ...types,
    unit: unitOf(flags, base, modifier),
    conversion: format && { ...factors, format, linearization },
    // The mask's upper byte has settable, its lower one readable thresholds (§43.1, bytes 19 and 20).
    thresholds: types.eventType === 1 ? readThresholds(mask & 0x3f, thresholds) : {},
    share: 1,
  }
}

/** Compact Sensor Record (§43.2): discrete sensors, and several that are alike. */
function decodeCompact(recordId: number, reader: Reader): SensorSdr {
  const key = readKey(reader)
  const types = readTypes(reader.skip(2))
  const [flags, base, modifier] = [reader.skip(6).u8(), reader.u8(), reader.u8()]
  const share = Math.max(1, reader.u8() & 0x0f)
  const name = readName(reader.skip(1 + 2 + 3 + 1))
  const unit = unitOf(flags, base, modifier)
  return { kind: 'compact', recordId, name, ...key, ...types, unit, conversion: undefined, thresholds: {}, share }
}

/** Event-Only Record (§43.3): a sensor that only sends events, and cannot be read. */
function decodeEventOnly(recordId: number, reader: Reader): SensorSdr {
  const key = readKey(reader)
  const types = readTypes(reader)
  const share = Math.max(1, reader.u8() & 0x0f)
  const name = readName(reader.skip(1 + 1 + 1))
  return {
    kind: 'event-only',
    recordId,
    name,
    ...key,
    ...types,
    unit: '',
    conversion: undefined,
    thresholds: {},
    share,
  }
}

/** FRU Device Locator Record (§43.8). */
function decodeFru(recordId: number, reader: Reader): FruSdr {
  const [address, id, access] = [reader.u8(), reader.u8(), reader.u8()]
  const [entity, instance] = [reader.skip(4).u8(), reader.u8()]
  const logical = (access & 0x80) !== 0
  return {
    kind: 'fru',
    recordId,
    name: readName(reader.skip(1)),
    fruId: logical ? id : undefined,
    address: address & 0xfe,
    entity: entityName(entity),
    entityInstance: instance & 0x7f,
  }
}

/** Management Controller Device Locator Record (§43.9). */
function decodeController(recordId: number, reader: Reader): ControllerSdr {
  const [address, channel] = [reader.u8(), reader.u8()]
  const [entity, instance] = [reader.skip(5).u8(), reader.u8()]
  return {
    kind: 'controller',
    recordId,
    name: readName(reader.skip(1)),
    address: address & 0xfe,
    channel: channel & 0x0f,
    entity: entityName(entity),
    entityInstance: instance & 0x7f,
  }
}
