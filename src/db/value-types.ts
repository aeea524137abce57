import { types } from 'pg'

type Parse = (text: string) => unknown
/** The types of `pg` know no arrays as type numbers, its parsers do. */
const parserOf = types.getTypeParser as (oid: number, format?: 'text' | 'binary') => Parse

/** PostgreSQL's type numbers (`select oid, typname from pg_type`), which never change. */
const OID = {
  int8: 20,
  date: 1082,
  numeric: 1700,
  int8Array: 1016,
  dateArray: 1182,
  numericArray: 1231,
  textArray: 1009,
} as const

/** Exact or not at all: past 2^53 a JavaScript number would silently be another number. */
function toNumber(text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && !Number.isSafeInteger(value))
    throw new RangeError(
      `number out of range: the database holds ${text}, exact are at most ±${Number.MAX_SAFE_INTEGER}`,
    )
  return value
}

const asText: Parse = text => text

/** The text[] parser splits; the other array parsers of `pg` would not ask ours for the elements. */
function listOf(parse: Parse): Parse {
  return text => {
    const elements = parserOf(OID.textArray)(text)
    return Array.isArray(elements) && elements.map((one: string | null) => (one === null ? null : parse(one)))
  }
}

/** What differs from the defaults of `pg`. A date is a day and no instant, so it stays text ('2026-03-01'). */
const PARSERS = new Map<number, Parse>([
  [OID.int8, toNumber],
  [OID.numeric, toNumber],
  [OID.date, asText],
  [OID.int8Array, listOf(toNumber)],
  [OID.numericArray, listOf(toNumber)],
  [OID.dateArray, listOf(asText)],
])

/** Reads int8 and numeric as number, timestamptz as Date, date, inet, cidr, macaddr and ranges as text, json parsed. */
export const VALUE_TYPES = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    (format !== 'binary' && PARSERS.get(oid)) || parserOf(oid, format),
}
