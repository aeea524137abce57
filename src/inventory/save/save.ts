import type { Insertable, Kysely, Updateable } from 'kysely'
import type { Db } from '../../db/schema.ts'
import { digestOf } from '../../lib/digest.ts'
import { AppError, type ErrorCode } from '../../lib/errors.ts'
import { faultLine } from '../../lib/schema.ts'
import { canonical } from '../documents/canonical.ts'
import { type Document, type Kind, KIND_NAMES } from '../documents/kinds.ts'
import { load, lock } from '../store/load.ts'
import type { StoredMachine } from '../store/machines.ts'
import { deleteRanges, insertRanges } from '../store/networks.ts'
import { rowOf, type Shared, shared, type Stored } from '../store/tables.ts'
import { insertMachines, type MachineChange, type MachineWrite, updateMachines } from '../store/write-machines.ts'
import { record } from '../timeline.ts'
import { explainViolation } from '../violations.ts'
import { check } from '../check/check.ts'
import type { Incoming, Named, SaveFault } from '../check/known.ts'
import { type Difference, diff } from './diff.ts'
import { resolveAddresses } from './resolve.ts'
import { loadWorld } from '../check/world.ts'

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

export interface SavedChange {
  kind: Kind
  name: string
  action: 'create' | 'change' | 'none'
  differences: Difference[]
}

/**
 * Brings the inventory to what the documents say: the one way in for API, apply and import. All or nothing within the
 * caller's transaction. @throws AppError `invalid_input` or `already_taken` with every fault, `already_exists`,
 * `not_found`, `stale`, `nothing_free`.
 */
export async function save(db: Kysely<Db>, request: SaveRequest): Promise<SavedChange[]> {
  try {
    return await new Saving(db, request).run()
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
  const incoming = documents.map(canonicalIncoming)
  return check(incoming, await loadWorld(db, incoming), broken)
}

interface Planned {
  incoming: Incoming
  stored: Stored | undefined
  digest: string
  differences: Difference[]
}

class Saving {
  readonly db: Kysely<Db>
  readonly request: SaveRequest
  constructor(db: Kysely<Db>, request: SaveRequest) {
    this.db = db
    this.request = { ...request, documents: request.documents.map(canonicalIncoming) }
  }

  async run(): Promise<SavedChange[]> {
    const stored = await this.loadStored()
    this.checkExpectation(stored)
    const faults = check(this.request.documents, await loadWorld(this.db, this.request.documents))
    if (faults.length > 0) throw saveError(faults)
    const changes: SavedChange[] = []
    for (const kind of KIND_NAMES) {
      const documents = this.request.documents.filter(one => one.kind === kind)
      if (documents.length > 0) changes.push(...(await this.saveKind(kind, documents, stored)))
    }
    return changes
  }

  async loadStored(): Promise<Map<string, Stored>> {
    const found = new Map<string, Stored>()
    for (const kind of KIND_NAMES) {
      const names = this.request.documents.filter(one => one.kind === kind).map(one => one.document.name)
      await lock(this.db, kind, names)
      for (const one of await load(this.db, kind, names)) found.set(`${kind} ${one.document.name}`, one)
    }
    return found
  }

  checkExpectation(stored: ReadonlyMap<string, Stored>): void {
    const { expect, revision, documents } = this.request
    for (const { kind, document } of documents) {
      const one = stored.get(`${kind} ${document.name}`)
      if (expect === 'absent' && one) throw new AppError('already_exists', `A ${kind} named '${document.name}' exists`)
      if (expect === 'present' && !one) throw new AppError('not_found', `There is no ${kind} '${document.name}'`)
      if (revision !== undefined && one && one.revision !== revision)
        throw new AppError('stale', `${kind} '${document.name}' is at version ${one.revision}, you have ${revision}`)
    }
  }

  async saveKind(
    kind: Kind,
    documents: readonly Incoming[],
    stored: ReadonlyMap<string, Stored>,
  ): Promise<SavedChange[]> {
    const planned = documents.map(incoming => plan(incoming, stored.get(`${kind} ${incoming.document.name}`)))
    const ids = kind === 'machine' ? await this.saveMachines(planned) : await this.saveRows(kind, planned)
    const changes = planned.map(({ incoming, stored: before, differences }): SavedChange => {
      const action = before ? (differences.length > 0 ? 'change' : 'none') : 'create'
      return { kind, name: incoming.document.name, action, differences }
    })
    await this.recordChanges(changes, ids)
    return changes
  }

  async saveRows(kind: Exclude<Kind, 'machine'>, planned: readonly Planned[]): Promise<ReadonlyMap<string, number>> {
    const networks =
      kind === 'network' ? planned.filter(isChange).map(({ incoming }) => incoming.document as Document<'network'>) : []
    if (networks.length > 0) await deleteRanges(this.db, networks)
    const rows = planned
      .filter(({ stored }) => !stored)
      .map(({ incoming, digest }) => ({ ...rowOf(kind, incoming.document), digest }) as Insertable<Db[Shared]>)
    if (rows.length > 0) await this.db.insertInto(shared(kind)).values(rows).execute()
    for (const { stored, incoming, digest, differences } of planned) {
      if (!stored || (differences.length === 0 && stored.digest === digest)) continue
      const row = { ...rowOf(kind, incoming.document), digest } as Updateable<Db[Shared]>
      await this.db.updateTable(shared(kind)).set(row).where('name', '=', incoming.document.name).execute()
    }
    if (networks.length > 0) await insertRanges(this.db, networks)
    return new Map()
  }

  async saveMachines(planned: Planned[]): Promise<ReadonlyMap<string, number>> {
    const before = new Map(
      planned.map(({ incoming, stored }) => [incoming.document.name, stored as StoredMachine | undefined]),
    )
    const existing = new Map([...before].flatMap(([name, one]) => (one ? [[name, one.document]] : [])))
    const documents = planned.map(({ incoming }) => incoming.document as Document<'machine'>)
    const resolved = await resolveAddresses(this.db, documents, existing)
    const ids = new Map<string, number>()
    const [created, changed]: [MachineWrite[], MachineChange[]] = [[], []]
    for (const [at, one] of planned.entries()) {
      const { document, given } = resolved[at] ?? {
        document: documents[at] as Document<'machine'>,
        given: new Set<string>(),
      }
      const stored = before.get(document.name)
      const password = stored?.status.bmcPasswordSet ? undefined : this.request.sealedPasswords.get(document.name)
      one.differences = [
        ...diff(stored?.document, document),
        ...(password ? [{ path: 'bmc/initialPassword', to: '(sealed)' }] : []),
      ]
      const write = { document, digest: one.digest, given, ...(password && { sealedPassword: password }) }
      if (stored) ids.set(document.name, stored.status.id)
      if (!stored) created.push(write)
      else if (one.differences.length > 0 || stored.digest !== one.digest)
        changed.push({ ...write, id: stored.status.id, before: stored.document })
    }
    await updateMachines(this.db, changed)
    return new Map([...ids, ...(await insertMachines(this.db, created))])
  }

  async recordChanges(changes: readonly SavedChange[], ids: ReadonlyMap<string, number>): Promise<void> {
    const real = changes.filter(change => change.action !== 'none')
    await record(
      this.db,
      real.map(({ kind, name, action, differences }) => ({
        source: 'inventory',
        kind: `${kind}.${action === 'create' ? 'created' : 'changed'}`,
        machine: ids.get(name),
        actor: this.request.actor,
        data: action === 'create' ? { name } : { name, differences },
      })),
    )
  }
}

const isChange = ({ stored, differences }: Planned): boolean => !stored || differences.length > 0

function canonicalIncoming(one: Incoming): Incoming {
  return { ...one, document: canonical(one.kind, one.document) } as Incoming
}

/** The digest is of what was sent, addresses that we give left out: the same file has the same digest tomorrow. */
function plan(incoming: Incoming, stored: Stored | undefined): Planned {
  const differences = diff(stored?.document, incoming.document)
  return { incoming, stored, digest: digestOf(incoming.document), differences }
}

function saveError(faults: readonly SaveFault[]): AppError {
  const code: ErrorCode = faults.every(fault => fault.taken) ? 'already_taken' : 'invalid_input'
  const [first] = faults
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : ''
  return new AppError(code, `${first ? faultLine(first) : ''}${more}`, {
    faults: faults.map(({ path, message }) => ({ path, message })),
  })
}
