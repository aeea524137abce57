import type { Kysely } from 'kysely'
import type { Db } from '../../db/schema.ts'
import type { Kind } from '../documents/kinds.ts'
import type { Stored } from '../store/tables.ts'
import { record } from '../timeline.ts'
import type { Difference } from './diff.ts'

/** What the parts of a save share. `stored` holds what exists, by kind and name. */
export interface Saving {
  db: Kysely<Db>
  stored: ReadonlyMap<string, Stored>
  actor: string
  sealedPasswords: ReadonlyMap<string, Buffer>
  /** The documents are a file's: its words are what the digest is of, though they change nothing else. */
  isFile: boolean
}

export interface SavedChange {
  kind: Kind
  name: string
  action: 'create' | 'change' | 'none'
  /** Of a new document only what it did not say itself: the addresses that it was given. */
  differences: Difference[]
}

/** Tells the timeline, in the transaction of the change. `ids` are those of machines, by name. */
export async function recordChanges(
  { db, actor }: Saving,
  changes: readonly SavedChange[],
  ids: ReadonlyMap<string, number> = new Map(),
): Promise<void> {
  const real = changes.filter(change => change.action !== 'none')
  await record(
    db,
    real.map(({ kind, name, action, differences }) => ({
      source: 'inventory',
      kind: `${kind}.${action === 'create' ? 'created' : 'changed'}`,
      machine: ids.get(name),
      actor,
      data: differences.length > 0 ? { name, differences } : { name },
    })),
  )
}
