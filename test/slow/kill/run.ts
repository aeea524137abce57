import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { Client } from '../../../src/api/contract/client.ts'
import { createToken } from '../../../src/api/tokens.ts'
import { openDatabase } from '../../../src/db/connect.ts'
import { SILENT } from '../../../src/db/log.ts'
import { messageOf } from '../../../src/lib/errors.ts'
import { eventually, type Workshop } from '../../db/support/local.ts'
import { randomFrom } from '../../support/fleet.ts'
import { type Cell, nameOf } from './cells.ts'
import { type Figures, noFigures } from './figures.ts'
import { Ledger, type Write } from './ledger.ts'
import { strangersOf } from './processes.ts'
import { openSite, type Site } from './site.ts'
import { STRIKE_NAMES, STRIKES, type StrikeName } from './strikes.ts'
import { verify } from './verify.ts'
import { Writer } from './writer.ts'

const WRITERS = 4
const STRIKE_AFTER_MS = { first: 50, last: 1_000 }
/** So long the writers go on after a kill, if they can. */
const WRITING_AFTER_MS = 150
const RECOVERY_TIMEOUT_MS = 60_000
const RETRY_MS = 20
/** Old answers that are asked for again after a kill, beside the newest of each writer. */
const REPEATS = 12
const FIRST_START_KILLED_WITHIN_MS = 2_500
/** A process that was killed needs a moment to be gone. */
const GONE_TIMEOUT_MS = 5_000

export interface Plan {
  cell: Cell
  /** The first of them kills the very first start; then one after the other of STRIKES, beginning with this one. */
  kills: number
  firstStrike: number
  seed: number
  workshop: Workshop
  say: (line: string) => void
}

/** Writes, kills, restarts, and holds what is there against what was acknowledged: so often, on one data directory. */
export async function killRepeatedly(plan: Plan): Promise<Figures> {
  const random = randomFrom(plan.seed)
  const figures = noFigures()
  const site = await openSite(plan.cell, plan.workshop, random)
  await killFirstStart(site, random, figures)
  const ledger = new Ledger()
  const writers = await makeWriters(site, ledger, random)
  for (let round = 0; round < plan.kills - 1; round += 1) {
    const name = STRIKE_NAMES[(plan.firstStrike + round) % STRIKE_NAMES.length] ?? 'controller'
    await killOnce({ site, writers, ledger, random, figures }, name)
    plan.say(`${nameOf(plan.cell)}: ${round + 2}/${plan.kills} ${name}: ${lineOf(figures, ledger)}`)
    if (round === 0) figures.orphans.push(...(await refusesSecond(site)))
  }
  figures.orphans.push(...(await STRIKES['SIGTERM in the middle'].strike(site)))
  figures.acknowledged = ledger.acknowledged.length
  figures.refusals.push(...writers.flatMap(writer => writer.refusals))
  return figures
}

interface Run {
  site: Site
  writers: readonly Writer[]
  ledger: Ledger
  random: () => number
  figures: Figures
}

/** Before there is any database, while it is made, or just after. What is left must be in nobody's way. */
async function killFirstStart(site: Site, random: () => number, figures: Figures): Promise<void> {
  await sleep(random() * FIRST_START_KILLED_WITHIN_MS)
  await site.controller.kill()
  count(figures, 'the very first start')
  await site.start().serving
}

/** Tokens are made beside the controller: the first one may have been told to a process that was killed. */
async function makeWriters(site: Site, ledger: Ledger, random: () => number): Promise<Writer[]> {
  const db = openDatabase({ url: site.databaseUrl, log: SILENT })
  try {
    const writers: Writer[] = []
    for (let at = 1; at <= WRITERS; at += 1) {
      const name = `writer-${at}`
      const { token } = await createToken(db, { name, role: 'operator' }, 'kill test')
      writers.push(new Writer({ name, token, ledger, random, url: site.url }))
    }
    await writers[0]?.begin()
    return writers
  } finally {
    await db.destroy()
  }
}

async function killOnce(run: Run, name: StrikeName): Promise<void> {
  const { site, writers, random, figures } = run
  const stopping = new AbortController()
  const writing = writers.map(writer => writer.run(stopping.signal))
  await sleep(STRIKE_AFTER_MS.first + random() * (STRIKE_AFTER_MS.last - STRIKE_AFTER_MS.first))
  const { strike, endsController } = STRIKES[name]
  count(figures, name)
  const struckAt = performance.now()
  figures.orphans.push(...(await strike(site, random)).map(what => `${name}: ${what}`))
  if (endsController) site.start()
  await Promise.all([recover(run), sleep(WRITING_AFTER_MS)])
  figures.restartMs.push(performance.now() - struckAt)
  stopping.abort()
  await Promise.all(writing)
  await check(run)
  await repeat(run)
  await check(run)
  const strangers = await withoutHaste(() => strangersOf(site))
  figures.orphans.push(...strangers.map(what => `after ${name}: ${what}`))
}

/** One write is sent with its key until it is acknowledged, as a client does that wants it done. */
async function recover({ site, writers, ledger }: Run): Promise<void> {
  const [writer] = writers
  const write = writer?.create()
  if (!writer || !write) throw new Error('there are no writers')
  ledger.sent(write)
  for (const startedAt = Date.now(); !(await writer.send(write)); await sleep(RETRY_MS))
    if (Date.now() - startedAt > RECOVERY_TIMEOUT_MS)
      throw new Error(`no write was possible within ${RECOVERY_TIMEOUT_MS} ms: ${site.controller.words}`)
}

async function check({ site, writers, ledger, figures }: Run): Promise<void> {
  const client = new Client({ url: site.url, token: writers[0]?.options.token })
  const before = { unknown: ledger.unknown.size, undone: ledger.undone.size }
  const { lost, doubled, half } = await verify(ledger, client, site.databaseUrl)
  const undone = ledger.undone.size - before.undone
  figures.unanswered.undone += undone
  figures.unanswered.done += before.unknown - undone
  figures.lost.push(...lost)
  figures.doubled.push(...doubled)
  figures.half.push(...half)
}

/** Sends writes again with their keys: some that were answered, and half of those that were not. */
async function repeat({ writers, ledger, random, figures }: Run): Promise<void> {
  const { acknowledged } = ledger
  const any = Array.from({ length: REPEATS }, () => acknowledged[Math.floor(random() * acknowledged.length)])
  for (const one of [...any, ...acknowledged.slice(-WRITERS)]) {
    if (!one) continue
    const answer = await writerOf(writers, one.write).ask(one.write).catch(messageOf)
    if (!isDeepStrictEqual(answer, one.reply))
      figures.changedAnswers.push(`${one.write.key}: ${JSON.stringify(answer)}`)
    figures.repeated += 1
  }
  for (const write of ledger.takeUndone(() => random() < 0.5)) {
    if (!(await writerOf(writers, write).send(write))) figures.lost.push(`${write.key} could not be sent again`)
    figures.repeated += 1
  }
}

function writerOf(writers: readonly Writer[], { actor }: Write): Writer {
  const found = writers.find(({ options }) => options.name === actor)
  if (!found) throw new Error(`there is no ${actor}`)
  return found
}

/** A second controller of the data directory ends by itself, naming the first, which does not even notice. */
async function refusesSecond(site: Site): Promise<string[]> {
  const second = site.another('127.0.0.1:0')
  const { code } = await second.exited
  const told = second.words.includes(`belongs to another controller: rackwright pid ${site.controller.pid} `)
  return code === 0 || !told ? [`a second controller ended with ${code}: ${second.words}`] : strangersOf(site)
}

/** Looks again until nothing is found, or it has lasted too long. */
async function withoutHaste(look: () => Promise<string[]>): Promise<string[]> {
  let found: string[] = []
  const none = async () => ((found = await look()).length === 0 ? true : undefined)
  await eventually(none, GONE_TIMEOUT_MS).catch(() => undefined)
  return found
}

function count({ kills }: Figures, name: keyof Figures['kills']): void {
  kills[name] = (kills[name] ?? 0) + 1
}

function lineOf({ lost, doubled, half, orphans, restartMs }: Figures, { acknowledged, machines }: Ledger): string {
  const faults = `${lost.length} lost, ${doubled.length} doubled, ${half.length} half, ${orphans.length} orphans`
  return `${acknowledged.length} writes acknowledged on ${machines.size} machines, ${faults}, back in ${Math.round(restartMs.at(-1) ?? 0)} ms`
}
