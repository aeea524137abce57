import { displayWidth, pad, printable, truncate } from './text.ts'

/** What a cell shows. A word of STYLES gives its colour on a terminal. */
export type CellValue = string | number | boolean | null | undefined

export interface Column<Row> {
  name: string
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
/** A column is not cut below this: a name of two letters tells nothing. */
const LEAST_WIDTH = 8

/**
 * Prints rows as they come, a batch at a time: columns are as wide as what was seen so far, so that a list of thousands
 * begins at once. The last column is not padded, so that lines have no space at their end.
 */
export class TablePrinter<Row> {
  readonly columns: readonly Column<Row>[]
  readonly options: TableOptions
  readonly widths: number[]
  begun = false
  constructor(columns: readonly Column<Row>[], options: TableOptions) {
    this.columns = columns
    this.options = options
    this.widths = columns.map(column => (options.headers ? displayWidth(headerOf(column)) : 0))
  }

  /** The lines for some more rows; the first batch has the header above it. */
  lines(rows: readonly Row[]): string[] {
    const cells = rows.map(row => this.columns.map(column => cellText(column.value(row))))
    for (const row of cells) for (const [at, text] of row.entries()) this.widen(at, displayWidth(text))
    const widths = fit(this.widths, this.options.width)
    const header =
      this.begun || !this.options.headers ? [] : [this.line(this.columns.map(headerOf), widths, text => text)]
    this.begun = true
    return [...header, ...cells.map(row => this.line(row, widths, this.options.style))]
  }

  widen(at: number, width: number): void {
    this.widths[at] = Math.max(this.widths[at] ?? 0, width)
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

const headerOf = <Row>({ name }: Column<Row>): string => name.replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2').toUpperCase()

function cellText(value: CellValue): string {
  if (value === undefined || value === null || value === '') return '-'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  return printable(String(value))
}

/** Takes from the widest columns until all fit. */
function fit(widths: readonly number[], total: number | undefined): number[] {
  const fitted = [...widths]
  if (total === undefined) return fitted
  let excess = fitted.reduce((sum, width) => sum + width, 0) + GAP.length * (fitted.length - 1) - total
  while (excess > 0) {
    const widest = fitted.indexOf(Math.max(...fitted))
    const width = fitted[widest] ?? 0
    if (width <= LEAST_WIDTH) break
    fitted[widest] = width - 1
    excess -= 1
  }
  return fitted
}
