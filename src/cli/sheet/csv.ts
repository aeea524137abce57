import { parse } from 'csv-parse/sync'
import { AppError } from '../../lib/errors.ts'

/** A row of a sheet, its cells without the space around them, and the line of the file that it begins on. */
export interface Row {
  line: number
  cells: readonly string[]
}

const DELIMITERS = [',', ';', '\t', '|'] as const

/** The text of a file as spreadsheets write it: UTF-8, UTF-16 with its mark, else what Windows calls "ANSI". */
export function decodeText(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return new TextDecoder('windows-1252').decode(bytes)
  }
}

/** The rows that are not empty. @throws AppError `invalid_input` for a quote that is never closed, or no rows at all. Pure. */
export function readRows(text: string, file: string): Row[] {
  // One kind of line end, or the parser counts lines wrongly inside quotes (csv-parse 7.0.3, 2026-11).
  const unified = text.replaceAll(/\r\n?/g, '\n')
  const [, hint] = /^"?sep=(.)"?\n/i.exec(unified) ?? []
  const rows = parseRows(unified, hint ?? detectDelimiter(unified), file)
  const filled = rows.filter(row => row.cells.some(cell => cell !== '')).slice(hint === undefined ? 0 : 1)
  if (filled.length > 0) return filled
  throw new AppError('invalid_input', `${file} is empty`, {
    fix: 'Give a sheet with a row of column names and a row a machine.',
  })
}

interface Parsed {
  record: string[]
  info: { lines: number }
}

function parseRows(text: string, delimiter: string, file: string): Row[] {
  let readTo = 0
  const remember = <T>(parsed: T, { lines }: { lines: number }): T => {
    readTo = lines
    return parsed
  }
  const options = { delimiter, info: true, relax_column_count: true, relax_quotes: true, on_record: remember } as const
  try {
    const parsed = parse(text, options) as unknown as Parsed[]
    return parsed.map(({ record, info }) => ({
      // `lines` is where the row ends.
      line: info.lines - record.join('').split('\n').length + 1,
      cells: record.map(cell => cell.replaceAll(/[\s\u00a0]+/g, ' ').trim()),
    }))
  } catch (error) {
    // The parser tells where the file ends; the row that never does begins after the last whole one.
    throw new AppError('invalid_input', `${file}:${readTo + 1}: a quote is opened and never closed`, {
      cause: error,
      fix: 'Close it, or save the sheet as CSV again.',
    })
  }
}

/** The one that most often stands between words in the first lines. */
function detectDelimiter(text: string): string {
  const head = text
    .split('\n')
    .slice(0, 20)
    .join('\n')
    .replaceAll(/"[^"]*"/g, '')
  const counts = DELIMITERS.map(delimiter => ({ delimiter, count: head.split(delimiter).length }))
  return counts.toSorted((a, b) => b.count - a.count)[0]?.delimiter ?? ','
}
