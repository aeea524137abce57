import { isDeepStrictEqual } from 'node:util'
import type { Client } from '../../../src/api/contract/client.ts'
import { inventory } from '../../../src/api/contract/inventory.ts'
import { canonical } from '../../../src/inventory/documents/canonical.ts'
import { onServer } from '../../support/server.ts'
import { type Entry, isAsSent, type Ledger, type Machine, type Write } from './ledger.ts'

/** What is wrong, by what it means. */
export interface Faults {
  /** Acknowledged, and not there. */
  lost: string[]
  /** There more than once: a second version, a second event. */
  doubled: string[]
  /** Neither done nor undone. */
  half: string[]
}

interface Found {
  machines: Map<string, { document: Machine; revision: number }>
  /** Of machines by name, oldest first. */
  events: Map<string, { kind: string; actor: string }[]>
  /** Keys whose answer is kept. */
  keys: Set<string>
}

/** Holds the ledger against API and database, while nobody writes. Learns how writes without an answer went out. */
export async function verify(ledger: Ledger, client: Client, databaseUrl: string): Promise<Faults> {
  const found = { machines: await readMachines(client), ...(await readRecords(databaseUrl)) }
  const faults: Faults = { lost: [], doubled: [], half: [] }
  for (const write of ledger.unknown) settle(write, ledger, found, faults)
  for (const [name, entry] of ledger.machines) checkMachine(name, entry, found, faults)
  for (const name of found.machines.keys())
    if (!ledger.machines.get(name)?.document) faults.doubled.push(`${name} is there, and should not be`)
  for (const name of found.events.keys())
    if (!ledger.machines.has(name)) faults.half.push(`${name} has events, and never was`)
  for (const { write } of ledger.acknowledged)
    if (!found.keys.has(write.key)) faults.lost.push(`the answer to ${write.key}`)
  for (const key of ledger.undone.keys())
    if (found.keys.has(key)) faults.half.push(`an answer to ${key}, which was not done`)
  return faults
}

async function readMachines(client: Client): Promise<Found['machines']> {
  const machines: Found['machines'] = new Map()
  for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
    const page = await client.call(inventory.machine.list, { query: { limit: 1_000, ...(cursor && { cursor }) } })
    for (const view of page.items)
      machines.set(view.name, { document: canonical('machine', view), revision: view.revision })
    cursor = page.next
  }
  return machines
}

async function readRecords(databaseUrl: string): Promise<Pick<Found, 'events' | 'keys'>> {
  return onServer(databaseUrl, async sql => {
    const events: Found['events'] = new Map()
    const { rows } = await sql.query<{ name: string; kind: string; actor: string }>(
      `select data->>'name' as name, kind, actor from event where kind like 'machine.%' order by txid, id`,
    )
    for (const { name, ...event } of rows) events.set(name, [...(events.get(name) ?? []), event])
    const keys = await sql.query<{ key: string }>('select key from idempotency where status is not null')
    return { events, keys: new Set(keys.rows.map(({ key }) => key)) }
  })
}

/** Of a write without an answer all effects must be there, or none, and so must its answer for a repeat. */
function settle(write: Write, ledger: Ledger, found: Found, faults: Faults): void {
  const states = write.effects.map(({ name, after }) => {
    const document = found.machines.get(name)?.document
    return after ? document?.labels.op === write.key : document === undefined
  })
  const done = found.keys.has(write.key)
  if (states.some(state => state !== done))
    faults.half.push(`${write.key} (answer ${done ? 'kept' : 'not kept'}): its machines say ${states.join(', ')}`)
  ledger.settle(write, done)
}

function checkMachine(name: string, entry: Entry, found: Found, faults: Faults): void {
  const machine = found.machines.get(name)
  checkEvents(name, entry, found.events.get(name) ?? [], faults)
  if (!entry.document || !machine) {
    if (entry.document) faults.lost.push(`${name} is not there`)
    return
  }
  const { document, revision } = machine
  if (document.labels.op !== entry.ops.at(-1))
    faults.lost.push(`${name} is at ${document.labels.op}, not ${entry.ops.at(-1)}`)
  else if (!isAsSent(entry.document, document)) faults.half.push(`${name} is ${JSON.stringify(document)}`)
  else entry.document = document // with the addresses that it was given
  if (revision < entry.ops.length) faults.lost.push(`${name} has revision ${revision} of ${entry.ops.length}`)
  if (revision > entry.ops.length) faults.doubled.push(`${name} has revision ${revision} of ${entry.ops.length}`)
}

function checkEvents(
  name: string,
  entry: Entry,
  events: readonly { kind: string; actor: string }[],
  faults: Faults,
): void {
  const wanted = entry.kinds.map(kind => ({ kind, actor: entry.actor }))
  if (isDeepStrictEqual(events, wanted)) return
  const told = `events of ${name}: ${events.map(({ kind, actor }) => `${kind} by ${actor}`).join(', ')}`
  if (events.length > wanted.length) faults.doubled.push(told)
  else faults.lost.push(told)
}
