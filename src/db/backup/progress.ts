const EVERY_MS = 200

/** How far a backup or a restore is. `bytes` are those of the rows, uncompressed. */
export interface Progress {
  table: string
  tablesDone: number
  tables: number
  rows: number
  bytes: number
}

export type OnProgress = (progress: Progress) => void

/** Adds up and tells: after every table, and inside a long one several times a second. */
export function progressMeter(tables: number, onProgress: OnProgress = () => undefined) {
  const progress: Progress = { table: '', tablesDone: 0, tables, rows: 0, bytes: 0 }
  let toldAt = 0
  const tell = () => {
    toldAt = Date.now()
    onProgress({ ...progress })
  }
  return {
    /** Passes `chunk` on. */
    bytes(table: string, chunk: Buffer): Buffer {
      progress.table = table
      progress.bytes += chunk.length
      if (Date.now() - toldAt > EVERY_MS) tell()
      return chunk
    },
    tableDone(table: string, rows: number): void {
      progress.table = table
      progress.tablesDone += 1
      progress.rows += rows
      tell()
    },
  }
}
