import { CodecError } from '../../../lib/errors.ts'
import { checksum } from '../wire/message.ts'
import { Reader } from '../wire/reader.ts'
import { CHASSIS_TYPES } from './chassis-types.ts'
import { readFields } from './fru-fields.ts'
import { decodeMultirecord, type MultirecordEntry } from './fru-multirecord.ts'

/** Offsets and lengths count in units of this many bytes (IPMI FRU Information Storage Definition 1.3, §8). */
const UNIT_BYTES = 8
const FORMAT_VERSION = 1
/** Times of manufacture count minutes from here (§11). */
const EPOCH_MS = Date.UTC(1996, 0, 1)

export interface ChassisArea {
  readonly type: string
  readonly partNumber: string
  readonly serial: string
  readonly custom: readonly string[]
}
export interface BoardArea {
  /** undefined: not given. */
  readonly manufactured: string | undefined
  readonly manufacturer: string
  readonly product: string
  readonly serial: string
  readonly partNumber: string
  readonly custom: readonly string[]
}
export interface ProductArea {
  readonly manufacturer: string
  readonly product: string
  readonly partNumber: string
  readonly version: string
  readonly serial: string
  readonly assetTag: string
  readonly custom: readonly string[]
}
export interface Fru {
  readonly chassis?: ChassisArea
  readonly board?: BoardArea
  readonly product?: ProductArea
  readonly records: readonly MultirecordEntry[]
  /** What could not be read, in words: one damaged area does not hide the others. */
  readonly faults: readonly string[]
}

/** Decodes a FRU inventory (FRU storage definition §8 to §17). @throws CodecError if not even its header is one. */
export function decodeFru(bytes: Buffer): Fru {
  const header = new Reader(bytes, 'FRU header').bytes(UNIT_BYTES)
  const [version = 0, , chassisAt = 0, boardAt = 0, productAt = 0, recordsAt = 0] = header
  if ((version & 0x0f) !== FORMAT_VERSION) throw new CodecError(`FRU format version ${version & 0x0f}, not 1`)
  if (checksum(header) !== 0) throw new CodecError('the checksum of the FRU header does not fit')
  const faults: string[] = []
  function part<T>(name: string, at: number, decode: (area: Buffer) => T): T | undefined {
    if (at === 0) return undefined
    try {
      return decode(bytes.subarray(at * UNIT_BYTES))
    } catch (error) {
      if (!(error instanceof CodecError)) throw error
      faults.push(`${name} area: ${error.message}`)
      return undefined
    }
  }
  const chassis = part('chassis', chassisAt, decodeChassis)
  const board = part('board', boardAt, decodeBoard)
  const product = part('product', productAt, decodeProduct)
  const records = part('multirecord', recordsAt, area => decodeMultirecord(area, faults)) ?? []
  return { ...(chassis && { chassis }), ...(board && { board }), ...(product && { product }), records, faults }
}

/** An area's own bytes, after its version and length, once its checksum fits. */
function open(area: Buffer, what: string): Reader {
  const [version = 0, length = 0] = area
  const whole = new Reader(area, what).bytes(length * UNIT_BYTES)
  if ((version & 0x0f) !== FORMAT_VERSION || length === 0) throw new CodecError(`version ${version}, ${length} units`)
  if (checksum(whole) !== 0) throw new CodecError('the checksum does not fit')
  return new Reader(whole.subarray(2), what)
}

const CHASSIS_FIELDS_LANGUAGE = 0 // this area has no language byte: its fields are English (§10)

function decodeChassis(area: Buffer): ChassisArea {
  const reader = open(area, 'chassis area')
  const type = reader.u8()
  const [partNumber = '', serial = '', ...custom] = readFields(reader, CHASSIS_FIELDS_LANGUAGE)
  return { type: CHASSIS_TYPES[type] ?? `type ${type}`, partNumber, serial, custom }
}

function decodeBoard(area: Buffer): BoardArea {
  const reader = open(area, 'board area')
  const [language, minutes] = [reader.u8(), reader.u24()]
  const [manufacturer = '', product = '', serial = '', partNumber = '', , ...custom] = readFields(reader, language)
  const manufactured = minutes === 0 ? undefined : new Date(EPOCH_MS + minutes * 60_000).toISOString()
  return { manufactured, manufacturer, product, serial, partNumber, custom }
}

function decodeProduct(area: Buffer): ProductArea {
  const reader = open(area, 'product area')
  const fields = readFields(reader, reader.u8())
  const [manufacturer = '', product = '', partNumber = '', version = '', serial = '', assetTag = '', , ...custom] =
    fields
  return { manufacturer, product, partNumber, version, serial, assetTag, custom }
}
