/** Kills controller and database under load, 200 times over root or not, system or npm binaries: nothing may get lost. */
import { parseArgs } from 'node:util'
import { isRoot, Workshop } from '../test/db/support/local.ts'
import { MATRIX, nameOf } from '../test/slow/kill/cells.ts'
import { faultsOf, type Figures, sumOf } from '../test/slow/kill/figures.ts'
import { killRepeatedly } from '../test/slow/kill/run.ts'
import { withEnding } from './support/endings.ts'
import { printTable, reportRow } from './support/report.ts'
import { summaryOf } from './support/samples.ts'

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    kills: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
})
const workshop = new Workshop()

async function run(): Promise<void> {
  const cells = MATRIX.filter(({ user }) => user !== 'root' || isRoot)
  const kills = Math.ceil(Number(values.kills) / cells.length)
  console.error(`${kills} kills in each of ${cells.length} cells, --seed ${values.seed}`)
  const all: Figures[] = []
  for (const [index, cell] of cells.entries()) {
    const plan = { cell, kills, firstStrike: index * kills, seed: Number(values.seed) + index, workshop }
    all.push(await killRepeatedly({ ...plan, say: line => console.error(line) }))
    await workshop.end()
  }
  print(cells.map(nameOf), all)
  const faults = faultsOf(sumOf(all))
  for (const fault of faults) console.log(fault)
  if (faults.length > 0) process.exitCode = 1
  if (values.json)
    console.log(
      JSON.stringify({ name: 'kill', rows: LINES.map(line => reportRow(line.what, line.unit, line.of(sumOf(all)))) }),
    )
}

/** Times are those of one second more or less on a busy machine; all else is exact. */
const LINES: readonly { what: string; unit: string; of: (figures: Figures) => number }[] = [
  { what: 'kills', unit: 'kills', of: ({ kills }) => Object.values(kills).reduce((sum, count) => sum + count, 0) },
  { what: 'writes acknowledged', unit: 'writes', of: ({ acknowledged }) => acknowledged },
  { what: 'of them lost', unit: 'writes', of: ({ lost }) => lost.length },
  { what: 'of them doubled', unit: 'writes', of: ({ doubled }) => doubled.length },
  { what: 'half done', unit: 'writes', of: ({ half }) => half.length },
  { what: 'without an answer: done all the same', unit: 'writes', of: ({ unanswered }) => unanswered.done },
  { what: 'without an answer: not done', unit: 'writes', of: ({ unanswered }) => unanswered.undone },
  { what: 'repeated with their key', unit: 'writes', of: ({ repeated }) => repeated },
  { what: 'of them answered otherwise', unit: 'writes', of: ({ changedAnswers }) => changedAnswers.length },
  { what: 'refused without a reason', unit: 'writes', of: ({ refusals }) => refusals.length },
  { what: 'orphans and false owners', unit: 'processes', of: ({ orphans }) => orphans.length },
  { what: 'from kill to next write, p50', unit: 'ms', of: ({ restartMs }) => Math.round(summaryOf(restartMs).p50) },
  { what: 'from kill to next write, max', unit: 'ms', of: ({ restartMs }) => Math.round(Math.max(...restartMs)) },
]

function print(cells: readonly string[], all: readonly Figures[]): void {
  const columns = [...all, sumOf(all)]
  const kinds = Object.entries(sumOf(all).kills).map(([name]) => name as keyof Figures['kills'])
  console.log()
  printTable(
    ['', ...cells, 'all'],
    [
      ...kinds.map(kind => [`killed: ${kind}`, ...columns.map(({ kills }) => String(kills[kind] ?? 0))]),
      ...LINES.map(({ what, unit, of }) => [
        unit === 'ms' ? `${what}, ms` : what,
        ...columns.map(one => String(of(one))),
      ]),
    ],
  )
}

await withEnding(run, () => workshop.end())
