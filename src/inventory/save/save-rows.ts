import type { Insertable, Updateable } from 'kysely'
import type { Db } from '../../db/schema.ts'
import { digestOf } from '../../lib/digest.ts'
import { idOf, type Incoming } from '../check/known.ts'
import type { Document, Kind } from '../documents/kinds.ts'
import { deleteRanges, insertRanges } from '../store/networks.ts'
import { rowOf, type Shared, shared } from '../store/tables.ts'
import { recordChanges, type SavedChange, type Saving } from './changes.ts'
import { diff } from './diff.ts'

/** PostgreSQL takes at most 65,535 parameters in a statement. */
const ROWS_A_STATEMENT = 1_000

/** Saves canonical documents of a kind whose row is the document; a network's ranges go with it. */
export async function saveRows(
  saving: Saving,
  kind: Exclude<Kind, 'machine'>,
  documents: readonly Incoming[],
): Promise<SavedChange[]> {
  const changes = documents.map(({ document }): SavedChange => {
    const stored = saving.stored.get(idOf({ kind, name: document.name }))
    if (!stored) return { kind, name: document.name, action: 'create', differences: [] }
    const differences = diff(stored.document, document)
    return { kind, name: document.name, action: differences.length > 0 ? 'change' : 'none', differences }
  })
  const changed = new Set(changes.filter(change => change.action !== 'none').map(change => change.name))
  const networks = documents.flatMap(one =>
    one.kind === 'network' && changed.has(one.document.name) ? [one.document] : [],
  )
  if (networks.length > 0) await deleteRanges(saving.db, networks)
  await writeRows(
    saving,
    kind,
    documents.map(one => one.document),
    changed,
  )
  if (networks.length > 0) await insertRanges(saving.db, networks)
  await recordChanges(saving, changes)
  return changes
}

async function writeRows(
  { db, stored }: Saving,
  kind: Kind,
  documents: readonly Document[],
  changed: ReadonlySet<string>,
): Promise<void> {
  const created: Insertable<Db[Shared]>[] = []
  for (const document of documents) {
    const { name } = document
    const before = stored.get(idOf({ kind, name }))
    const digest = digestOf(document)
    const row = { ...rowOf(kind, document), digest } as Insertable<Db[Shared]> & Updateable<Db[Shared]>
    if (!before) created.push(row)
    // The same state in other words (an address given or chosen): its digest is the newer one's.
    else if (changed.has(name) || before.digest !== digest)
      await db.updateTable(shared(kind)).set(row).where('name', '=', name).execute()
  }
  for (let at = 0; at < created.length; at += ROWS_A_STATEMENT)
    await db
      .insertInto(shared(kind))
      .values(created.slice(at, at + ROWS_A_STATEMENT))
      .execute()
}
