/** The inventory at 1,000 and at 10,000 machines: reads, changes and applies over HTTP, beside the same in plain SQL. */
import { parseArgs } from 'node:util'
import { apply, compare } from '../src/api/contract/inventory.ts'
import { Workshop } from '../test/db/support/local.ts'
import { memoryOf } from '../test/support/process.ts'
import { commandApply } from './inventory/command.ts'
import { FIRST_PAGE, READS } from './inventory/reads.ts'
import { printResults, reportOf, type Results } from './inventory/results.ts'
import { serverTimes } from './inventory/server-time.ts'
import { closeSite, databaseBytes, load, openSite, settle } from './inventory/site.ts'
import { measureAll } from './inventory/work.ts'
import { applyOneTask, WRITES } from './inventory/writes.ts'
import { withEnding } from './support/endings.ts'
import { timed } from './support/samples.ts'

const READ_REPEATS = { warmUp: 20, times: 200 }
const WRITE_REPEATS = { warmUp: 5, times: 40 }
const FRESH_REPEATS = { warmUp: 0, times: 20 }
const SERVER_TIMES = 20

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    machines: { type: 'string', default: '1000,10000' },
  },
})
const workshop = new Workshop()

async function measureFleet(machines: number): Promise<Results> {
  const say = (what: string) => console.error(`${machines} machines: ${what}`)
  say('starting a controller')
  const site = await openSite(workshop, machines)
  say('first apply')
  const loaded = await load(site)
  const fresh = await measureAll(site, [{ ...FIRST_PAGE, what: 'list: first page, right after that' }], FRESH_REPEATS)
  await settle(site)
  say('reading')
  const reads = await measureAll(site, READS, READ_REPEATS)
  say('changing')
  const writes = await measureAll(site, WRITES, WRITE_REPEATS)
  const [compareMs = 0, applyMs = 0] = await serverTimes(site, [compare, apply], await applyOneTask(site), SERVER_TIMES)
  say('rackwright apply')
  const commandMs = await timed(commandApply(site))
  const { nowBytes, peakBytes } = await memoryOf(site.controller.pid)
  const results = {
    machines,
    loaded,
    measured: [...fresh, ...reads, ...writes],
    serverMs: { compare: compareMs, apply: applyMs },
    commandMs,
    memory: { nowBytes, peakBytes },
    databaseBytes: await databaseBytes(site),
  }
  await closeSite(site)
  return results
}

await withEnding(
  async () => {
    const results: Results[] = []
    for (const machines of values.machines.split(',')) results.push(await measureFleet(Number(machines)))
    printResults(results)
    if (values.json) console.log(JSON.stringify({ name: 'inventory', rows: reportOf(results) }))
  },
  () => workshop.end(),
)
