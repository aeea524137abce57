import { CodecError } from '../../../lib/errors.ts'
import { checksum } from '../wire/message.ts'
import { Reader } from '../wire/reader.ts'
import { decodeLatin1 } from './text.ts'

const HEADER_BYTES = 5
const END_OF_LIST = 0x80
/** A list has an end mark; one without is damage. */
const MOST_RECORDS = 1_000

export type MultirecordEntry =
  | { kind: 'power supply'; watts: number; hotSwap: boolean; peakWatts: number | undefined }
  | {
      kind: 'DC output' | 'DC load'
      output: number
      nominalVolts: number
      minimumAmperes: number
      maximumAmperes: number
    }
  | { kind: 'management access'; what: string; value: string }
  | { kind: 'other'; type: number; data: string }

/** Sub-types of a management access record (FRU storage definition §18.4). */
const ACCESS: Readonly<Record<number, string>> = {
  1: 'system management URL',
  2: 'system name',
  3: 'system ping address',
  4: 'component management URL',
  5: 'component name',
  6: 'component ping address',
  7: 'system unique id',
}

/** The records of a multirecord area (§16, §18). Damaged ones are left out, and named in `faults`. @throws CodecError */
export function decodeMultirecord(area: Buffer, faults: string[]): MultirecordEntry[] {
  const reader = new Reader(area, 'multirecord area')
  const records: MultirecordEntry[] = []
  for (let count = 0; count < MOST_RECORDS; count++) {
    const header = reader.bytes(HEADER_BYTES)
    const [type = 0, format = 0, length = 0, sum = 0] = header
    if (checksum(header) !== 0) throw new CodecError(`the header's checksum of record ${count} does not fit`)
    const data = reader.bytes(length)
    if (checksum(data) === sum) records.push(decodeOne(type, data))
    else faults.push(`multirecord area: the checksum of record ${count} does not fit`)
    if ((format & END_OF_LIST) !== 0) return records
  }
  throw new CodecError(`more than ${MOST_RECORDS} records`)
}

function decodeOne(type: number, data: Buffer): MultirecordEntry {
  const reader = new Reader(data, `FRU record of type ${type}`)
  if (type === 0x00 && data.length >= 24) return decodePowerSupply(reader)
  if ((type === 0x01 || type === 0x02) && data.length >= 13) return decodeDc(type, reader)
  if (type === 0x03 && data.length >= 1) {
    const what = reader.u8()
    return { kind: 'management access', what: ACCESS[what] ?? `sub-type ${what}`, value: decodeLatin1(reader.rest()) }
  }
  return { kind: 'other', type, data: data.toString('hex') }
}

/** Power Supply Information (§18.1). */
function decodePowerSupply(reader: Reader): MultirecordEntry {
  const watts = reader.u16() & 0x0fff
  const flags = reader.skip(15).u8()
  const peak = reader.u16() & 0x0fff
  return { kind: 'power supply', watts, hotSwap: (flags & 0x08) !== 0, peakWatts: peak || undefined }
}

/** DC Output and DC Load (§18.2, §18.2a): volts in 10 mV, currents in 1 mA. */
function decodeDc(type: 0x01 | 0x02, reader: Reader): MultirecordEntry {
  const output = reader.u8() & 0x0f
  const volts = reader.bytes(2).readInt16LE() / 100
  const [minimum, maximum] = [reader.skip(6).u16() / 1000, reader.u16() / 1000]
  const kind = type === 0x01 ? 'DC output' : 'DC load'
  return { kind, output, nominalVolts: volts, minimumAmperes: minimum, maximumAmperes: maximum }
}
