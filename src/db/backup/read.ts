import { damaged, type Footer, type Header, type Sequence, type Table } from './format.ts'
import { COMMIT, readCopy, readFooter, readHeader, readSequence } from './format.ts'
import { BackupReader, countLines } from './reader.ts'

/** What is done with the parts of a backup. */
export interface Sink {
  rows: (table: Table, pieces: AsyncIterable<Buffer>) => Promise<void>
  sequence: (sequence: Sequence) => Promise<void>
}

/** For a first look: nothing is done, everything is verified. */
export const VERIFY: Sink = {
  rows: async (_table, pieces) => {
    const iterator = pieces[Symbol.asyncIterator]()
    while (!(await iterator.next()).done);
  },
  sequence: async () => undefined,
}

/**
 * Reads a backup and hands its parts to `sink`, in order. Resolves only when the whole file was there and unchanged.
 * @throws AppError `backup_damaged`, `database_version` for a newer format. What `sink` did before that has to be undone.
 */
export async function readBackup(file: string, sink: Sink): Promise<{ header: Header; footer: Footer }> {
  const reader = new BackupReader(file)
  try {
    const header = readHeader([await lineOf(reader), await lineOf(reader), await lineOf(reader)])
    const rows = await readParts(reader, sink)
    const footer = readFooter(await lineOf(reader))
    refuseDifference(footer, rows, reader.sha256)
    if ((await reader.line()) !== undefined) throw damaged('something follows its last line')
    return { header, footer }
  } finally {
    await reader.close()
  }
}

/** Everything between preamble and footer. Returns the number of rows of every table. */
async function readParts(reader: BackupReader, sink: Sink): Promise<Map<string, number>> {
  const rows = new Map<string, number>()
  for (let line = await lineOf(reader); line !== COMMIT; line = await lineOf(reader)) {
    const table = readCopy(line)
    const sequence = readSequence(line)
    if (table) {
      rows.set(table.name, 0)
      await sink.rows(
        table,
        counted(reader.rows(), count => rows.set(table.name, count)),
      )
    } else if (sequence) await sink.sequence(sequence)
    else throw damaged(`unexpected line '${line.slice(0, 60)}'`)
  }
  return rows
}

async function* counted(pieces: AsyncIterable<Buffer>, tell: (count: number) => void): AsyncGenerator<Buffer> {
  let count = 0
  for await (const piece of pieces) {
    count += countLines(piece)
    tell(count)
    yield piece
  }
}

async function lineOf(reader: BackupReader): Promise<string> {
  const line = await reader.line()
  if (line === undefined) throw damaged('it ends too early')
  return line
}

function refuseDifference(footer: Footer, rows: ReadonlyMap<string, number>, sha256: string): void {
  if (footer.sha256 !== sha256) throw damaged('its text does not have the SHA-256 that its last line names')
  for (const [table, count] of Object.entries(footer.rows))
    if (rows.get(table) !== count) throw damaged(`${table} has ${rows.get(table)} rows, its last line names ${count}`)
}
