import { CodecError } from '../../../lib/errors.ts'
import type { Reader } from '../wire/reader.ts'
import { decodeBcdPlus, decodeLatin1, decodeSixBit, trim } from './text.ts'

/** English and 'not given': text of type 3 is then ASCII with Latin 1, else Unicode (FRU storage definition §15). */
const ENGLISH = new Set([0, 25])
/** The byte after the last field. */
const NO_MORE = 0xc1
/** An area has 8 to 2,040 bytes, a field at least one: more fields than that are damage. */
const MOST_FIELDS = 2_040

/** The fields of an area up to its end mark, each a type and length in one byte and then its text (§13). @throws CodecError */
export function readFields(reader: Reader, language: number): string[] {
  const fields: string[] = []
  while (fields.length < MOST_FIELDS) {
    const typeLength = reader.u8()
    if (typeLength === NO_MORE) return fields
    fields.push(decodeField(typeLength >> 6, reader.bytes(typeLength & 0x3f), language))
  }
  throw new CodecError(`an area of more than ${MOST_FIELDS} fields`)
}

function decodeField(type: number, bytes: Buffer, language: number): string {
  if (type === 0) return bytes.toString('hex')
  if (type === 1) return trim(decodeBcdPlus(bytes))
  if (type === 2) return trim(decodeSixBit(bytes))
  return ENGLISH.has(language) ? decodeLatin1(bytes) : trim(bytes.subarray(0, bytes.length & ~1).toString('utf16le'))
}
