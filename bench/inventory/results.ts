import { mebibytes, ms, printTable, reportRow, type ReportRow } from '../support/report.ts'
import type { Load } from './site.ts'
import type { Measured } from './work.ts'

const SQL = 'plain SQL through pg'

/** All of one size of fleet. */
export interface Results {
  machines: number
  loaded: Load
  measured: readonly Measured[]
  /** Of compare and apply, when one machine changed. */
  serverMs: { compare: number; apply: number }
  commandMs: number
  memory: { nowBytes: number; peakBytes: number }
  databaseBytes: number
}

/** What is one number a fleet. */
const SINGLES: readonly { what: string; unit: 'ms' | 'MiB'; of: (results: Results) => number }[] = [
  { what: 'first apply of everything', unit: 'ms', of: ({ loaded }) => loaded.applyMs },
  { what: 'one changed machine: compare, server time', unit: 'ms', of: ({ serverMs }) => serverMs.compare },
  { what: 'one changed machine: apply, server time', unit: 'ms', of: ({ serverMs }) => serverMs.apply },
  { what: 'rackwright apply -f, one machine changed', unit: 'ms', of: ({ commandMs }) => commandMs },
  { what: 'controller memory after the first apply', unit: 'MiB', of: ({ loaded }) => mebibytes(loaded.memoryBytes) },
  { what: 'controller memory at the end', unit: 'MiB', of: ({ memory }) => mebibytes(memory.nowBytes) },
  { what: 'controller memory, the most ever', unit: 'MiB', of: ({ memory }) => mebibytes(memory.peakBytes) },
  { what: 'database', unit: 'MiB', of: one => mebibytes(one.databaseBytes) },
]

export function printResults(all: readonly Results[]): void {
  const sizes = all.map(({ machines }) => machines.toLocaleString('en'))
  const head = [
    'milliseconds',
    ...sizes.flatMap(size => [`queries`, 'read', 'written', `p50 ${size}`, 'p95', 'SQL p50', 'SQL/ours']),
  ]
  const works = all[0]?.measured ?? []
  console.log()
  printTable(
    head,
    works.map(({ what }, at) => [what, ...all.flatMap(results => cellsOf(results.measured[at]))]),
  )
  console.log('\nqueries: with begin and commit. read: rows of sequential scans and index entries. written: rows.\n')
  printTable(
    ['', '', ...sizes],
    SINGLES.map(({ what, unit, of }) => [what, unit, ...all.map(results => ms(of(results)))]),
  )
}

function cellsOf(one: Measured | undefined): string[] {
  if (!one) return []
  const { queries, rowsRead, rowsWritten, ours, peer } = one
  const beside = peer ? [ms(peer.p50), (peer.p50 / ours.p50).toFixed(2)] : ['', '']
  return [String(queries), String(rowsRead), String(rowsWritten), ms(ours.p50), ms(ours.p95), ...beside]
}

/** The last size is the one that counts; the others stand beside it by their number of machines. */
export function reportOf(all: readonly Results[]): ReportRow[] {
  return all.flatMap(results => {
    const at = results === all.at(-1) ? '' : ` at ${results.machines} machines`
    return [
      ...results.measured.flatMap(one => rowsOf(one, at)),
      ...SINGLES.map(({ what, unit, of }) => reportRow(what + at, unit, of(results))),
    ]
  })
}

function rowsOf({ what, ours, peer, queries }: Measured, at: string): ReportRow[] {
  const times = (['p50', 'p95'] as const).map(rank =>
    reportRow(`${what}, ${rank}${at}`, 'ms', ours[rank], peer && { value: peer[rank], name: SQL }),
  )
  return [...times, reportRow(`${what}, queries${at}`, 'queries', queries)]
}
