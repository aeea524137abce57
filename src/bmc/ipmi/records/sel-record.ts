import { Reader } from '../wire/reader.ts'
import { EVENT_TYPES, SENSOR_SPECIFIC_TYPE, THRESHOLD_TYPE } from './event-types.ts'
import { SENSOR_TYPES } from './sensor-types.ts'

export const SEL_RECORD_BYTES = 16
/** Times below this count from the start of the BMC's clock (§37.1). */
const FIRST_CLOCK_TIME = 0x2000_0000
const NO_TIME = 0xffff_ffff

/** When something happened: by the BMC's clock, or in seconds since it started, if its clock was not set yet. */
export type SelTime = { clock: string } | { sinceStartSeconds: number } | undefined

interface Head {
  readonly id: number
  /** The whole record, for whoever doubts the words. */
  readonly raw: string
}
export interface SystemEvent extends Head {
  readonly kind: 'event'
  readonly time: SelTime
  /** Slave address or software id of who sent it (§32.1, bytes 8 and 9). */
  readonly generator: number
  readonly sensorType: string
  readonly sensorNumber: number
  readonly eventType: number
  readonly asserted: boolean
  readonly offset: number
  readonly words: string
  /** Of a threshold event: the raw bytes that went over the threshold, and the threshold. */
  readonly reading: number | undefined
  readonly threshold: number | undefined
  /** Data 2 and 3, where they are something else. */
  readonly data: readonly [number, number]
}
export interface OemEvent extends Head {
  readonly kind: 'oem'
  readonly time: SelTime
  readonly type: number
  readonly manufacturerId: number | undefined
  readonly data: string
}
export type SelRecord = SystemEvent | OemEvent

/** Decodes one record of the System Event Log (§32.1 to §32.3). @throws CodecError */
export function decodeSelRecord(bytes: Buffer): SelRecord {
  const reader = new Reader(bytes, 'SEL record')
  const head = { id: reader.u16(), raw: bytes.toString('hex') }
  const type = reader.u8()
  if (type >= 0xe0) return { ...head, kind: 'oem', time: undefined, type, manufacturerId: undefined, data: hex(reader) }
  const time = selTime(reader.u32())
  if (type >= 0xc0) return { ...head, kind: 'oem', time, type, manufacturerId: reader.u24(), data: hex(reader) }
  return { ...head, kind: 'event', time, ...decodeEvent(reader) }
}

const hex = (reader: Reader) => reader.rest().toString('hex')

export function selTime(seconds: number): SelTime {
  if (seconds === NO_TIME) return undefined
  return seconds < FIRST_CLOCK_TIME
    ? { sinceStartSeconds: seconds }
    : { clock: new Date(seconds * 1000).toISOString().replace('.000', '') }
}

function decodeEvent(reader: Reader): Omit<SystemEvent, keyof Head | 'kind' | 'time'> {
  const generator = reader.u16()
  const [sensorType, sensorNumber, direction] = [reader.skip(1).u8(), reader.u8(), reader.u8()]
  const [data1, data2, data3] = [reader.u8(), reader.u8(), reader.u8()]
  const eventType = direction & 0x7f
  const isThreshold = eventType === THRESHOLD_TYPE
  return {
    generator,
    sensorType: SENSOR_TYPES[sensorType]?.name ?? `sensor type ${sensorType.toString(16).padStart(2, '0')}h`,
    sensorNumber,
    eventType,
    asserted: (direction & 0x80) === 0,
    offset: data1 & 0x0f,
    words: eventWords(eventType, sensorType, data1 & 0x0f),
    // Bits 7 and 6 tell what data 2 is, 5 and 4 what data 3 is; 01b: the reading, and the threshold (table 29-6).
    reading: isThreshold && data1 >> 6 === 1 ? data2 : undefined,
    threshold: isThreshold && ((data1 >> 4) & 0x03) === 1 ? data3 : undefined,
    data: [data2, data3],
  }
}

/** What an offset of a type of event means, for a sensor of this type (tables 42-2 and 42-3). */
export function eventWords(eventType: number, sensorType: number, offset: number): string {
  const words =
    eventType === SENSOR_SPECIFIC_TYPE ? SENSOR_TYPES[sensorType]?.events?.[offset] : EVENT_TYPES[eventType]?.[offset]
  return words ?? `event ${offset} of type ${eventType.toString(16).padStart(2, '0')}h`
}
