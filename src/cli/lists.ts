import type { Command } from 'commander'
import { UsageError } from './failure.ts'
import type { Output } from './terminal/output.ts'
import type { Column } from './terminal/table.ts'

/** Options of every command that prints a list. */
export interface ListOptions {
  columns?: string
  headers: boolean
}

export function addListOptions(command: Command): Command {
  return command
    .option('--columns <names>', 'which columns, separated by commas')
    .option('--no-headers', 'leave out the line with the names of the columns')
}

/**
 * The columns that were asked for, by name and in that order; else those that are not wide. `other` makes a column of a
 * name that has no row in the table. @throws UsageError that lists what there is.
 */
export function chooseColumns<Row>(
  known: readonly Column<Row>[],
  { columns }: Pick<ListOptions, 'columns'>,
  { wide = false, other }: { wide?: boolean; other?: (name: string) => Column<Row> | undefined } = {},
): readonly Column<Row>[] {
  if (columns === undefined) return known.filter(column => wide || !column.wide)
  const names = columns.split(',').map(name => name.trim())
  return names.map(name => {
    const column = known.find(candidate => candidate.name.toLowerCase() === name.toLowerCase()) ?? other?.(name)
    if (column) return column
    throw new UsageError(`There is no column '${name}'. Columns: ${known.map(candidate => candidate.name).join(', ')}.`)
  })
}

/** Prints batches of rows as they come: a table, or with `--json` one array with a row a line. */
export async function printList<Row>(
  out: Output,
  columns: readonly Column<Row>[],
  batches: AsyncIterable<readonly Row[]> | Iterable<readonly Row[]>,
  { headers }: Pick<ListOptions, 'headers'>,
): Promise<void> {
  if (out.json) return printArray(out, batches)
  const table = out.table(columns, headers)
  let count = 0
  for await (const rows of batches) {
    if (rows.length > 0) out.lines(table.lines(rows))
    count += rows.length
    if (out.gone.aborted) return
  }
  if (count === 0) out.note('There are none.')
}

async function printArray<Row>(
  out: Output,
  batches: AsyncIterable<readonly Row[]> | Iterable<readonly Row[]>,
): Promise<void> {
  let separator = '['
  for await (const rows of batches) {
    for (const row of rows) {
      out.write(`${separator}\n${JSON.stringify(row)}`)
      separator = ','
    }
    if (out.gone.aborted) return
  }
  out.line(separator === '[' ? '[]' : '\n]')
}
