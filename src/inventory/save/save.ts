import { type Kysely, sql } from 'kysely'
import type { Db } from '../../db/schema.ts'
import { AppError, type ErrorCode } from '../../lib/errors.ts'
import { escapePointer, faultLine, FAULTS_TOLD, pointerParts } from '../../lib/schema.ts'
import { check } from '../check/check.ts'
import { idOf, type Incoming, type Named, type SaveFault } from '../check/known.ts'
import { loadWorld } from '../check/world.ts'
import { keysAsWritten } from '../documents/as-written.ts'
import { canonical } from '../documents/canonical.ts'
import { KIND_NAMES } from '../documents/kinds.ts'
import { load, lock } from '../store/load.ts'
import type { Stored } from '../store/tables.ts'
import { explainViolation } from '../violations.ts'
import type { SavedChange, Saving } from './changes.ts'
import { saveMachines } from './save-machines.ts'
import { saveRows } from './save-rows.ts'

export interface SaveRequest {
  /** Each fits its schema. They may refer to each other, in any order. */
  documents: readonly Incoming[]
  /** First passwords of BMCs by machine, already sealed. They count only where the BMC has none. */
  sealedPasswords: ReadonlyMap<string, Buffer>
  actor: string
  /** Refuse what exists (create), or what does not (change). Without it, both go: apply. */
  expect?: 'absent' | 'present'
  /** With `present`, for one document: refuse when its revision is another (If-Match). */
  revision?: number | undefined
}

/**
 * Brings the inventory to what the documents say: the one way in for API, apply and import. All or nothing within the
 * caller's transaction. @throws AppError `invalid_input` or `already_taken` with every fault, `already_exists`,
 * `not_found`, `stale`, `nothing_free`.
 */
export async function save(db: Kysely<Db>, request: SaveRequest): Promise<SavedChange[]> {
  try {
    // Things change places: what may not stay is looked at when all is written.
    await sql`set constraints all deferred`.execute(db)
    const changes = await saveAll(db, request)
    await sql`set constraints all immediate`.execute(db)
    return changes
  } catch (error) {
    throw explainViolation(error)
  }
}

/** All faults of documents beside their form. References to `broken` documents, which are not among them, are none. */
export async function checkDocuments(
  db: Kysely<Db>,
  documents: readonly Incoming[],
  broken: readonly Named[],
): Promise<SaveFault[]> {
  return checkCanonical(db, documents, documents.map(canonicalIncoming), broken)
}

/** The checks look at the canonical form; what they find is told where it stands in what was sent. */
async function checkCanonical(
  db: Kysely<Db>,
  sent: readonly Incoming[],
  canonicals: readonly Incoming[],
  broken: readonly Named[] = [],
): Promise<SaveFault[]> {
  const faults = check(canonicals, await loadWorld(db, canonicals), broken)
  const places = new Map(sent.map(({ at, document }, index) => [at, [document, canonicals[index]?.document] as const]))
  return faults.map(fault => {
    // In a file '/machines/7', in a single document ''.
    const inFile = /^\/[a-z]+\/\d+/.exec(fault.path)?.[0] ?? ''
    const at = places.has(inFile) ? inFile : ''
    const [written, document] = places.get(at) ?? []
    const keys = keysAsWritten(document, written, pointerParts(fault.path.slice(at.length)))
    return { ...fault, path: [at, ...keys.map(escapePointer)].join('/') }
  })
}

async function saveAll(db: Kysely<Db>, sent: SaveRequest): Promise<SavedChange[]> {
  const request = { ...sent, documents: sent.documents.map(canonicalIncoming) }
  const stored = await loadStored(db, request.documents)
  checkExpectation(request, stored)
  const faults = await checkCanonical(db, sent.documents, request.documents)
  if (faults.length > 0) throw saveError(faults)
  const changes: SavedChange[] = []
  for (const kind of KIND_NAMES) {
    const documents = request.documents.filter(one => one.kind === kind)
    if (documents.length === 0) continue
    const saving: Saving = {
      db,
      stored,
      actor: request.actor,
      sealedPasswords: request.sealedPasswords,
      isFile: request.expect === undefined,
    }
    changes.push(
      ...(kind === 'machine' ? await saveMachines(saving, documents) : await saveRows(saving, kind, documents)),
    )
  }
  return changes
}

async function loadStored(db: Kysely<Db>, documents: readonly Incoming[]): Promise<ReadonlyMap<string, Stored>> {
  const found = new Map<string, Stored>()
  for (const kind of KIND_NAMES) {
    const names = documents.filter(one => one.kind === kind).map(one => one.document.name)
    await lock(db, kind, names)
    for (const one of await load(db, kind, names)) found.set(idOf({ kind, name: one.document.name }), one)
  }
  return found
}

function checkExpectation({ expect, revision, documents }: SaveRequest, stored: ReadonlyMap<string, Stored>): void {
  for (const { kind, document } of documents) {
    const { name } = document
    const one = stored.get(idOf({ kind, name }))
    if (expect === 'absent' && one) throw new AppError('already_exists', `A ${kind} named '${name}' exists`)
    if (expect === 'present' && !one) throw new AppError('not_found', `There is no ${kind} '${name}'`)
    if (revision !== undefined && one && one.revision !== revision)
      throw new AppError('stale', `${kind} '${name}' is at version ${one.revision}, you have ${revision}`)
  }
}

function canonicalIncoming(one: Incoming): Incoming {
  return { ...one, document: canonical(one.kind, one.document) } as Incoming
}

function saveError(faults: readonly SaveFault[]): AppError {
  const code: ErrorCode = faults.every(fault => fault.taken) ? 'already_taken' : 'invalid_input'
  const [first] = faults
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : ''
  return new AppError(code, `${first ? faultLine(first) : ''}${more}`, {
    faults: faults.slice(0, FAULTS_TOLD).map(({ path, message }) => ({ path, message })),
  })
}
