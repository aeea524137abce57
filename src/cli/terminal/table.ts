import { displayWidth, pad, printable, truncate } from './text.ts'

/** What a cell shows. A word of STYLES gives its colour on a terminal. */
export type CellValue = string | number | boolean | null | undefined

export interface Column<Row> {
  name: string
  /** Above the column, where the name is too long for that. */
  title?: string
  value: (row: Row) => CellValue
  align?: 'right'
  /** Shown with `-o wide` or when asked for by name. */
  wide?: true
}

export interface TableOptions {
  headers: boolean
  /** Columns of the terminal; without, nothing is cut. */
  width?: number | undefined
  style: (text: string) => string
}

const GAP = '  '
/** Columns are not cut below these: a header of three letters can still be guessed, a word of three cannot. */
const LEAST_HEADER = 4
const LEAST_WIDTH = 8

/**
 * Prints rows as they come, a batch at a time: columns are as wide as what was seen so far, so that a list of thousands
 * begins at once. The last column is not padded, so that lines have no space at their end.
 */
export class TablePrinter<Row> {
  readonly columns: readonly Column<Row>[]
  readonly options: TableOptions
  readonly headers: readonly string[]
  /** Of the cells seen so far. */
  readonly widths: number[]
  begun = false
  constructor(columns: readonly Column<Row>[], options: TableOptions) {
    this.columns = columns
    this.options = options
    this.headers = columns.map(column => (options.headers ? headerOf(column) : ''))
    this.widths = columns.map(() => 0)
  }

  /** The lines for some more rows; the first batch has the header above it. */
  lines(rows: readonly Row[]): string[] {
    const cells = rows.map(row => this.columns.map(column => cellText(column.value(row))))
    for (const row of cells)
      for (const [at, text] of row.entries()) this.widths[at] = Math.max(this.widths[at] ?? 0, displayWidth(text))
    const widths = fit(this.headers.map(displayWidth), this.widths, this.options.width)
    const header = this.begun || !this.options.headers ? [] : [this.line(this.headers, widths, text => text)]
    this.begun = true
    return [...header, ...cells.map(row => this.line(row, widths, this.options.style))]
  }

  line(cells: readonly string[], widths: readonly number[], style: (text: string) => string): string {
    const padded = cells.map((text, at) => {
      const width = widths[at] ?? 0
      const shown = truncate(text, width)
      const space = pad('', width - displayWidth(shown), 'left')
      return this.columns[at]?.align === 'right' ? space + style(shown) : style(shown) + space
    })
    return padded.join(GAP).trimEnd()
  }
}

const headerOf = <Row>({ name, title }: Column<Row>): string =>
  (title ?? name.replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')).toUpperCase()

function cellText(value: CellValue): string {
  if (value === undefined || value === null || value === '') return '-'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  return printable(String(value))
}

/**
 * As wide as headers and cells need. Where the terminal has less, it is taken from headers that are wider than what stands
 * below them, then from the widest columns; from the first one, which says what a line is about, only in the end.
 */
function fit(headers: readonly number[], cells: readonly number[], total: number | undefined): number[] {
  const widths = headers.map((header, at) => Math.max(header, cells[at] ?? 0))
  if (total === undefined) return widths
  const excess = () => widths.reduce((sum, width) => sum + width, 0) + GAP.length * (widths.length - 1) - total
  const shrink = (least: (at: number) => number) => {
    for (let over = excess(); over > 0; over -= 1) {
      const room = widths.map((width, at) => (width > least(at) ? width : 0))
      const widest = room.indexOf(Math.max(...room))
      if (room[widest] === 0) return
      widths[widest] = (widths[widest] ?? 0) - 1
    }
  }
  shrink(at => Math.max(cells[at] ?? 0, LEAST_HEADER))
  shrink(at => (at === 0 ? Number.POSITIVE_INFINITY : LEAST_WIDTH))
  shrink(() => LEAST_WIDTH)
  return widths
}
