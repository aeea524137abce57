import { type Kysely, sql } from 'kysely'
import type { Db } from '../db/schema.ts'
import { AppError } from '../lib/errors.ts'
import type { Kind } from './documents/kinds.ts'
import { load, lock } from './store/load.ts'
import type { StoredMachine } from './store/machines.ts'
import { shared } from './store/tables.ts'
import { record } from './timeline.ts'
import { explainViolation } from './violations.ts'

export interface Removal {
  kind: Kind
  name: string
  actor: string
  revision?: number | undefined
}

/**
 * Removes a document that nothing refers to. Machines go only while they are discovered or enrolled: later they are
 * retired, so that their history keeps its subject. @throws AppError `not_found`, `stale`, `still_in_use`, `conflict`.
 */
export async function remove(db: Kysely<Db>, { kind, name, actor, revision }: Removal): Promise<void> {
  await lock(db, kind, [name])
  const [stored] = await load(db, kind, [name])
  if (!stored) throw new AppError('not_found', `There is no ${kind} '${name}'`)
  if (revision !== undefined && stored.revision !== revision)
    throw new AppError('stale', `${kind} '${name}' is at version ${stored.revision}, you have ${revision}`)
  if (kind === 'datacenter') await refuseInScope(db, name)
  const machine = kind === 'machine' ? (stored as StoredMachine).status.id : undefined
  await record(db, [
    { source: 'inventory', kind: `${kind}.removed`, machine, actor, data: { name, document: stored.document } },
  ])
  try {
    await db.deleteFrom(shared(kind)).where('name', '=', name).execute()
  } catch (error) {
    throw explainViolation(error)
  }
}

/** Windows and freezes hold lists of datacenters, which no foreign key can follow. */
async function refuseInScope(db: Kysely<Db>, datacenter: string): Promise<void> {
  // Whoever saves one of them holds the datacenter's row (`loadWorld`) until it can be seen here.
  await db.selectFrom('datacenter').select('name').where('name', '=', datacenter).forUpdate().execute()
  const { rows } = await sql<{ kind: string; name: string }>`
    select 'window' as kind, name from maintenance_window where ${datacenter} = any(datacenters)
    union all select 'freeze', name from change_freeze where ${datacenter} = any(datacenters)
    order by name limit 1`.execute(db)
  const [user] = rows
  if (user) throw new AppError('still_in_use', `The ${user.kind} '${user.name}' is for datacenter '${datacenter}'`)
}
