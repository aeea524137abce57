import type { LogEntry } from '../../driver.ts'
import { toValue } from '../records/linear.ts'
import type { Sdr, SensorSdr } from '../records/sdr-record.ts'
import type { SelRecord, SelTime, SystemEvent } from '../records/sel-record.ts'
import { manufacturerName } from '../manufacturers.ts'

/** A record of the System Event Log in words, with the names and units that the sensor data records give. */
export function describe(record: SelRecord, sdrs: readonly Sdr[]): LogEntry {
  const head = { id: String(record.id), at: clockOf(record.time), raw: record.raw }
  if (record.kind === 'oem') {
    const maker = record.manufacturerId === undefined ? '' : ` of ${manufacturerName(record.manufacturerId)}`
    return { ...head, sensor: '', words: `vendor's record${maker}: ${record.data}`, asserted: true }
  }
  const sdr = sensorOf(record, sdrs)
  const sensor = sdr?.name ?? `${record.sensorType} #${record.sensorNumber.toString(16).padStart(2, '0')}h`
  return { ...head, sensor, words: `${record.words}${valuesOf(record, sdr)}`, asserted: record.asserted }
}

const clockOf = (time: SelTime) => (time && 'clock' in time ? time.clock : undefined)

function sensorOf({ generator, sensorNumber }: SystemEvent, sdrs: readonly Sdr[]): SensorSdr | undefined {
  const owner = generator & 0xff
  return sdrs.find(
    (sdr): sdr is SensorSdr =>
      'share' in sdr && sdr.owner === owner && sensorNumber >= sdr.number && sensorNumber < sdr.number + sdr.share,
  )
}

/** As in `: 85 °C, threshold 80 °C`. */
function valuesOf({ reading, threshold }: SystemEvent, sdr: SensorSdr | undefined): string {
  const text = (raw: number | undefined) => {
    if (raw === undefined || !sdr?.conversion) return undefined
    const value = toValue(raw, sdr.conversion)
    return value === undefined ? undefined : `${Math.round(value * 1000) / 1000} ${sdr.unit}`.trim()
  }
  const [is, limit] = [text(reading), text(threshold)]
  if (is === undefined) return ''
  return limit === undefined ? `: ${is}` : `: ${is}, threshold ${limit}`
}
