/** One line of the last object of `--json`. `ratio` > 1 means that ours is better; null where there is no peer. */
export interface ReportRow {
  what: string
  unit: string
  ours: number
  peer: number | null
  peerName: string | null
  ratio: number | null
}

/** Less is better for all that we measure: times, queries, bytes. */
export function reportRow(what: string, unit: string, ours: number, peer?: { value: number; name: string }): ReportRow {
  return {
    what,
    unit,
    ours: rounded(ours),
    peer: peer ? rounded(peer.value) : null,
    peerName: peer?.name ?? null,
    ratio: peer ? rounded(peer.value / ours) : null,
  }
}

const rounded = (value: number): number => Number(value.toPrecision(4))

/** Columns as wide as their widest cell: words to the left, numbers to the right. */
export function printTable(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = head.map((title, at) => Math.max(title.length, ...rows.map(row => row[at]?.length ?? 0)))
  const line = (cells: readonly string[]) =>
    cells.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join('  ')
  console.log(line(head))
  console.log(widths.map(width => '─'.repeat(width)).join('──'))
  for (const row of rows) console.log(line(row))
}

export const ms = (value: number): string => (value < 100 ? value.toFixed(1) : value.toFixed(0))
export const mebibytes = (bytes: number): number => bytes / 2 ** 20
