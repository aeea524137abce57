import { type SensorReading, THRESHOLDS } from '../../driver.ts'
import { command, CompletionError, type Run } from '../command.ts'
import { eventWords } from '../records/sel-record.ts'
import { isNonLinear, readFactors, toValue } from '../records/linear.ts'
import type { Sdr, SensorSdr } from '../records/sdr-record.ts'
import { readThresholds, thresholdsIn } from '../records/thresholds.ts'

/** The BMC's own slave address: other controllers' sensors would be asked for through it, which is not done here. */
const BMC = 0x20

export const getSensorReading = command({
  name: 'Get Sensor Reading',
  ref: '§35.14',
  netFn: 'sensor',
  command: 0x2d,
  encode: (sensor: number) => [sensor],
  decode: reply => {
    const [raw, flags] = [reply.u8(), reply.u8()]
    const [low, high] = [reply.left > 0 ? reply.u8() : 0, reply.left > 0 ? reply.u8() : 0]
    return {
      raw,
      /** The sensor is being read, and what was read counts. */
      available: (flags & 0x40) !== 0 && (flags & 0x20) === 0,
      /** Of a threshold sensor, the first six bits: where the reading lies. Of others: the states that hold. */
      states: low | ((high & 0x7f) << 8),
    }
  },
})

export const getSensorThresholds = command({
  name: 'Get Sensor Thresholds',
  ref: '§35.9',
  netFn: 'sensor',
  command: 0x27,
  encode: (sensor: number) => [sensor],
  decode: reply => readThresholds(reply.u8() & 0x3f, reply.bytes(THRESHOLDS.length)),
})

/** Of a sensor that is not linear: what holds for one raw reading. */
export const getSensorReadingFactors = command({
  name: 'Get Sensor Reading Factors',
  ref: '§35.5',
  netFn: 'sensor',
  command: 0x23,
  encode: (sensor: number, raw: number) => [sensor, raw],
  decode: reply => readFactors(reply.skip(1).bytes(6)),
})

/** Reads every sensor of the BMC that can be read. One that the BMC does not know now comes without a value. */
export async function readSensors(run: Run, sdrs: readonly Sdr[]): Promise<SensorReading[]> {
  const readings: SensorReading[] = []
  for (const sdr of sdrs) {
    if (sdr.kind !== 'full' && sdr.kind !== 'compact') continue
    if (sdr.owner !== BMC || sdr.lun !== 0) continue
    for (let index = 0; index < sdr.share; index++) readings.push(await readSensor(run, sdr, index))
  }
  return readings
}

async function readSensor(run: Run, sdr: SensorSdr, index: number): Promise<SensorReading> {
  const number = sdr.number + index
  const reading = await ifThere(run(getSensorReading, number))
  const analog = sdr.kind === 'full' && sdr.conversion !== undefined
  return {
    name: sdr.share > 1 ? `${sdr.name} ${index + 1}` : sdr.name,
    type: sdr.sensorTypeName,
    entity: `${sdr.entity} ${sdr.entityInstance}`,
    value: reading?.available && analog ? await valueOf(run, sdr, number, reading.raw) : undefined,
    unit: sdr.unit,
    states: reading?.available ? statesOf(sdr, reading.states) : [],
    thresholds: sdr.eventType === 1 ? await thresholdsOf(run, sdr, number) : {},
  }
}

async function valueOf(run: Run, sdr: SensorSdr, number: number, raw: number): Promise<number | undefined> {
  if (!sdr.conversion) return undefined
  if (!isNonLinear(sdr.conversion)) return toValue(raw, sdr.conversion)
  const factors = await ifThere(run(getSensorReadingFactors, number, raw))
  return factors && toValue(raw, { ...sdr.conversion, ...factors })
}

function statesOf(sdr: SensorSdr, bits: number): string[] {
  if (sdr.eventType === 1) return thresholdsIn(bits)
  const offsets = Array.from({ length: 15 }, (_, offset) => offset).filter(offset => (bits & (1 << offset)) !== 0)
  return offsets.map(offset => eventWords(sdr.eventType, sdr.sensorType, offset))
}

/** Those that hold now; a BMC that does not tell leaves those of the record. */
async function thresholdsOf(run: Run, sdr: SensorSdr, number: number): Promise<SensorReading['thresholds']> {
  const { conversion } = sdr
  if (!conversion) return {}
  const raw = (await ifThere(run(getSensorThresholds, number))) ?? sdr.thresholds
  const values = Object.entries(raw).map(([name, value]) => [name, toValue(value, conversion)] as const)
  return Object.fromEntries(values.filter(([, value]) => value !== undefined))
}

/** Sensors come and go with their parts: 'not present' is an answer. */
async function ifThere<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof CompletionError && error.code === 'bmc_unsupported') return undefined
    throw error
  }
}
