import { type Insertable, type Kysely, sql } from 'kysely'
import type { Db } from '../../db/schema.ts'
import { AppError } from '../../lib/errors.ts'
import type { Document } from '../documents/kinds.ts'
import { addressRows, type BmcRow, bmcRow, diskRows, nicRows } from './machine-rows.ts'
import { rowOf } from './tables.ts'

type Machine = Document<'machine'>

/** A machine on its way to the database: every address has its `ip`; `given` holds those that we chose. */
export interface MachineWrite {
  document: Machine
  digest: string
  given: ReadonlySet<string>
  sealedPassword: Buffer | undefined
}
export interface MachineChange extends MachineWrite {
  id: number
  before: Machine
}

/** PostgreSQL takes at most 65,535 parameters in a statement. */
const ROWS_A_STATEMENT = 1_000

export async function insertMachines(db: Kysely<Db>, writes: readonly MachineWrite[]): Promise<Map<string, number>> {
  const ids = new Map<string, number>()
  for (const some of chunks(writes)) {
    const rows = some.map(
      write => ({ ...rowOf('machine', write.document), digest: write.digest }) as Insertable<Db['machine']>,
    )
    const inserted = await db.insertInto('machine').values(rows).returning(['id', 'name']).execute()
    for (const { id, name } of inserted) ids.set(name, id)
  }
  const changes = writes.map(write => ({ ...write, id: idOf(ids, write.document.name), before: EMPTY }))
  await insertChildren(db, changes)
  return ids
}

const EMPTY: Machine = { name: '', datacenter: '', heightU: 1, labels: {}, nics: [], disks: [] }

/**
 * Changes machines in two steps: first all of them let go of what they lose (positions, serials, MACs, addresses), then
 * they take what is new. So two machines can exchange places or cards in one go.
 */
export async function updateMachines(db: Kysely<Db>, changes: readonly MachineChange[]): Promise<void> {
  if (changes.length === 0) return
  await releaseChildren(db, changes)
  const ids = changes
    .filter(change => [...EXCLUSIVE, ...PLACE].some(field => change.before[field] !== change.document[field]))
    .map(({ id }) => id)
  const nothing = Object.fromEntries(EXCLUSIVE.map(field => [field, null]))
  if (ids.length > 1) await db.updateTable('machine').set(nothing).where('id', 'in', ids).execute()
  for (const { id, document, digest } of changes) {
    await db
      .updateTable('machine')
      .set({ ...rowOf('machine', document), digest })
      .where('id', '=', id)
      .execute()
  }
  await insertChildren(db, changes)
}

/** Columns that only one machine can have with a value. */
const EXCLUSIVE = ['positionU', 'serial', 'systemUuid', 'hostname'] as const
/** What decides with `positionU` which units a machine takes: without a position none. */
const PLACE = ['rack', 'heightU'] as const

async function releaseChildren(db: Kysely<Db>, changes: readonly MachineChange[]): Promise<void> {
  const gone = changes.map(change => ({ id: change.id, ...childrenGone(change) }))
  for (const ips of chunks(gone.flatMap(one => one.ips)))
    await db.deleteFrom('address').where('ip', 'in', ips).execute()
  for (const macs of chunks(gone.flatMap(one => one.macs)))
    await db.deleteFrom('nic').where('mac', 'in', macs).execute()
  const nothing = { name: null, switch: null, switchPort: null }
  for (const macs of chunks(gone.flatMap(one => one.changedMacs)))
    await db.updateTable('nic').set(nothing).where('mac', 'in', macs).execute()
  for (const { id, serials, bmc } of gone) {
    if (serials.length > 0)
      await db.deleteFrom('disk').where('machine', '=', id).where('serial', 'in', serials).execute()
    if (bmc) await db.deleteFrom('bmc').where('machine', '=', id).execute()
  }
}

function childrenGone({ before, document }: MachineChange) {
  const isGone = absentIn([...diskRows(document), ...addressRows(document)])
  const nicIsGone = absentIn(nicRows(document).map(nicIdentity))
  const nicChanged = absentIn(nicRows(document))
  const nics = nicRows(before)
  return {
    macs: nics.filter(nic => nicIsGone(nicIdentity(nic))).map(nic => nic.mac),
    // A NIC that only changed keeps its row, and with it the addresses that refer to it.
    changedMacs: nics.filter(nic => nicChanged(nic) && !nicIsGone(nicIdentity(nic))).map(nic => nic.mac),
    serials: diskRows(before)
      .filter(isGone)
      .map(disk => disk.serial),
    ips: addressRows(before)
      .filter(isGone)
      .map(address => address.ip),
    bmc: before.bmc !== undefined && document.bmc === undefined,
  }
}

async function insertChildren(db: Kysely<Db>, changes: readonly MachineChange[]): Promise<void> {
  const added = changes.map(childrenAdded)
  for (const rows of chunks(added.flatMap(one => one.nics))) await upsertNics(db, rows)
  for (const rows of chunks(added.flatMap(one => one.disks))) await db.insertInto('disk').values(rows).execute()
  for (const rows of chunks(added.flatMap(one => one.bmcs))) await upsertBmcs(db, rows)
  for (const rows of chunks(added.flatMap(one => one.addresses))) await db.insertInto('address').values(rows).execute()
}

function childrenAdded({ id, before, document, given, sealedPassword }: MachineChange) {
  const isNew = absentIn([...nicRows(before), ...diskRows(before), ...addressRows(before)])
  const originOf = (ip: string) => (given.has(ip) ? ('given' as const) : ('chosen' as const))
  return {
    nics: nicRows(document)
      .filter(isNew)
      .map(nic => ({ ...nic, machine: id })),
    disks: diskRows(document)
      .filter(isNew)
      .map(disk => ({ ...disk, machine: id })),
    bmcs: document.bmc ? [bmcRow(id, document.bmc, sealedPassword)] : [],
    addresses: addressRows(document)
      .filter(isNew)
      .map(address => ({ ...address, machine: id, origin: originOf(address.ip) })),
  }
}

const nicIdentity = ({ mac, bmc }: { mac: string; bmc: boolean }) => ({ mac, bmc })

/** Whether a row stands in none of `rows`, field by field. */
function absentIn(rows: readonly object[]): (row: object) => boolean {
  const present = new Set(rows.map(row => JSON.stringify(row)))
  return row => !present.has(JSON.stringify(row))
}

/** A row of the same machine changes; one of another machine does not, and then the MAC is taken. */
async function upsertNics(db: Kysely<Db>, rows: readonly Insertable<Db['nic']>[]): Promise<void> {
  const written = await db
    .insertInto('nic')
    .values([...rows])
    .onConflict(conflict =>
      conflict
        .column('mac')
        .doUpdateSet(({ ref }) => ({
          name: ref('excluded.name'),
          switch: ref('excluded.switch'),
          switchPort: ref('excluded.switchPort'),
          speedMbps: ref('excluded.speedMbps'),
        }))
        .where(sql<boolean>`nic.machine = excluded.machine and nic.bmc = excluded.bmc`),
    )
    .returning('mac')
    .execute()
  const done = new Set(written.map(({ mac }) => mac))
  const taken = rows.find(({ mac }) => !done.has(mac))
  if (taken) throw new AppError('already_taken', `MAC ${taken.mac} belongs to another machine`)
}

/** The password that is there stays: what a file says counts only for a BMC that has none. */
async function upsertBmcs(db: Kysely<Db>, rows: readonly BmcRow[]): Promise<void> {
  await db
    .insertInto('bmc')
    .values([...rows])
    .onConflict(conflict =>
      conflict.column('machine').doUpdateSet(({ ref }) => ({
        protocol: ref('excluded.protocol'),
        port: ref('excluded.port'),
        username: ref('excluded.username'),
        sealedPassword: sql<Buffer | null>`coalesce(bmc.sealed_password, excluded.sealed_password)`,
        vendor: ref('excluded.vendor'),
        model: ref('excluded.model'),
        firmware: ref('excluded.firmware'),
        quirks: ref('excluded.quirks'),
        cipherSuite: ref('excluded.cipherSuite'),
      })),
    )
    .execute()
}

function idOf(ids: ReadonlyMap<string, number>, name: string): number {
  const id = ids.get(name)
  if (id === undefined) throw new Error(`machine ${name} was inserted but not returned`)
  return id
}

function* chunks<T>(items: readonly T[]): Generator<T[]> {
  for (let at = 0; at < items.length; at += ROWS_A_STATEMENT) yield items.slice(at, at + ROWS_A_STATEMENT)
}
