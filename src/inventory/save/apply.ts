import { type Kysely, sql } from 'kysely'
import type { Db } from '../../db/schema.ts'
import type { Sealer } from '../../lib/secrets.ts'
import { AppError, type Fault } from '../../lib/errors.ts'
import { FAULTS_TOLD, inputError } from '../../lib/schema.ts'
import { readDocuments } from './read.ts'
import type { SavedChange } from './changes.ts'
import { checkDocuments, save } from './save.ts'

export interface ApplyRequest {
  /** By the plural of their kind. */
  documents: Partial<Record<string, readonly unknown[]>>
  /** Does all of it, and takes it back: what it tells is what would happen. */
  dryRun: boolean
  actor: string
  sealer: Sealer
}

/** All faults of all documents at once, or every change; nothing is written if there is one fault. Within a transaction. */
export async function applyDocuments(
  tx: Kysely<Db>,
  { documents, dryRun, actor, sealer }: ApplyRequest,
): Promise<SavedChange[]> {
  const { incoming, faults, broken, sealedPasswords } = readDocuments(documents, sealer)
  if (faults.length > 0) {
    // With so many, documents were left unread, and what refers to them would look wrong.
    const others = faults.length < FAULTS_TOLD ? await checkDocuments(tx, incoming, broken) : []
    throw inputError('The inventory', [...faults, ...others].toSorted(byPath))
  }
  const request = { documents: incoming, sealedPasswords, actor }
  return dryRun ? undone(tx, () => save(tx, request)) : save(tx, request)
}

const byPath = (a: Fault, b: Fault): number => a.path.localeCompare(b.path, 'en', { numeric: true })

/** Runs `work` and undoes what it did to the database. */
async function undone<T>(tx: Kysely<Db>, work: () => Promise<T>): Promise<T> {
  if (!tx.isTransaction) throw new AppError('internal', 'A dry run needs a transaction')
  await sql`savepoint dry_run`.execute(tx)
  try {
    return await work()
  } finally {
    await sql`rollback to savepoint dry_run`.execute(tx)
  }
}
