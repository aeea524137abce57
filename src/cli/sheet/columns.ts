import { AppError } from '../../lib/errors.ts'
import { UsageError } from '../failure.ts'
import type { Row } from './csv.ts'
import { type Field, FIELD_HELP, fieldNamed, fieldOf, rankOf } from './fields.ts'

/** A column of a sheet and what it means. */
export interface SheetColumn {
  /** Counts from 0. */
  index: number
  header: string
  field: Field
}

export interface Header {
  line: number
  columns: readonly SheetColumn[]
  /** Names of columns that mean nothing to us, or the same as a better one. */
  unused: readonly string[]
}

/** Titles and notes may stand above the names of the columns. */
const HEADER_ROWS_MAX = 20
const KNOWN_COLUMNS_MIN = 2

/**
 * Finds the row with the names of the columns, and what each means. `mapping`: what the caller says, by name of a column.
 * @throws AppError `invalid_input` when no row looks like one, or there is no column for names; UsageError for a bad mapping.
 */
export function readHeader(rows: readonly Row[], mapping: readonly Mapping[], file: string): Header {
  const candidates = rows.slice(0, HEADER_ROWS_MAX).map(row => headerOf(row, mapping))
  const header = candidates.find(candidate => candidate.columns.length >= KNOWN_COLUMNS_MIN)
  if (!header)
    throw new AppError(
      'invalid_input',
      `${file} has no row with names of columns such as "Asset tag", "Serial", "Rack", "U", "MAC 1"`,
      { fix: 'Say what they mean: --map "COLUMN=FIELD,…".' },
    )
  const missing = mapping.find(({ column }) => !header.columns.some(one => sameName(one.header, column)))
  if (missing)
    throw new UsageError(
      `--map: there is no column '${missing.column}'. Columns: ${[...header.columns.map(one => one.header), ...header.unused].join(', ')}.`,
    )
  if (header.columns.some(column => column.field === 'name')) return header
  throw new AppError('invalid_input', `${file}:${header.line}: no column names the machines`, {
    fix: 'Say which one does: --map "COLUMN=name".',
  })
}

function headerOf({ line, cells }: Row, mapping: readonly Mapping[]): Header {
  const all = cells.flatMap((header, index) => meanings(header, mapping).map(field => ({ index, header, field })))
  const columns = all.filter(one => !all.some(other => isBetter(other, one, mapping)))
  const unused = cells.filter((header, index) => header !== '' && !columns.some(column => column.index === index))
  return { line, columns, unused }
}

function meanings(header: string, mapping: readonly Mapping[]): Field[] {
  const said = mapping.filter(({ column }) => sameName(column, header)).map(({ field }) => field)
  if (said.length > 0) return said
  const field = fieldOf(header)
  return field === undefined ? [] : [field]
}

/** Of two columns for one field the one counts that was named by the caller, else the one whose name fits better. */
function isBetter(other: SheetColumn, one: SheetColumn, mapping: readonly Mapping[]): boolean {
  if (other === one || other.field !== one.field || other.index === one.index) return false
  const [otherSaid, oneSaid] = [other, one].map(({ header }) => mapping.some(({ column }) => sameName(column, header)))
  if (otherSaid !== oneSaid) return otherSaid === true
  const [a, b] = [rankOf(other.header, other.field), rankOf(one.header, one.field)]
  return a === b ? other.index < one.index : a < b
}

const sameName = (a: string, b: string): boolean => a.trim().toLowerCase() === b.trim().toLowerCase()

export interface Mapping {
  column: string
  field: Field
}

/** `Asset=name,Ser.=serial` @throws UsageError */
export function readMapping(text: string): Mapping[] {
  return text.split(',').map(pair => {
    const at = pair.lastIndexOf('=')
    const field = fieldNamed(pair.slice(at + 1).trim())
    if (at < 1 || !field) throw new UsageError(`--map: '${pair}' is not COLUMN=FIELD. Fields: ${FIELD_HELP}.`)
    return { column: pair.slice(0, at).trim(), field }
  })
}

/** As spreadsheets call columns: A to Z, AA and so on. */
export function letterOf(index: number): string {
  const last = String.fromCodePoint(65 + (index % 26))
  return index < 26 ? last : letterOf(Math.floor(index / 26) - 1) + last
}
