import { digestOf } from '../../lib/digest.ts'
import { idOf, type Incoming } from '../check/known.ts'
import type { Document } from '../documents/kinds.ts'
import type { StoredMachine } from '../store/machines.ts'
import { insertMachines, type MachineChange, updateMachines } from '../store/write-machines.ts'
import { recordChanges, type SavedChange, type Saving } from './changes.ts'
import { type Difference, diff } from './diff.ts'
import { chosenAddresses, type Resolved, resolveAddresses } from './resolve.ts'

type Machine = Document<'machine'>

/** New machines are written so many at a time: what a first apply of a whole fleet needs of memory is bounded by it. */
const PORTION = 500

/**
 * Saves canonical machines: first those that exist, all at once, so that they can exchange what only one can have and
 * new ones can take what they give up; then the new ones.
 */
export async function saveMachines(saving: Saving, documents: readonly Incoming[]): Promise<SavedChange[]> {
  const machines = documents.flatMap(one => (one.kind === 'machine' ? [one.document] : []))
  const spoken = new Set(machines.flatMap(chosenAddresses))
  const stored = (name: string) => saving.stored.get(idOf({ kind: 'machine', name })) as StoredMachine | undefined
  const existing = machines.flatMap(document => {
    const before = stored(document.name)
    return before ? [{ document, before }] : []
  })
  const created = machines.filter(document => !stored(document.name))
  const changes = existing.length > 0 ? await changeMachines(saving, existing, spoken) : []
  for (let at = 0; at < created.length; at += PORTION)
    changes.push(...(await createMachines(saving, created.slice(at, at + PORTION), spoken)))
  return changes
}

async function changeMachines(
  saving: Saving,
  existing: readonly { document: Machine; before: StoredMachine }[],
  spoken: Set<string>,
): Promise<SavedChange[]> {
  const resolved = await resolveAddresses(
    saving.db,
    existing.map(({ document, before }) => ({ document, before: before.document })),
    spoken,
  )
  const writes: MachineChange[] = []
  const changes = existing.map(({ document, before }, at): SavedChange => {
    const { document: wanted, given } = resolved[at] ?? { document, given: new Set() }
    const sealedPassword = before.status.bmcPasswordSet ? undefined : saving.sealedPasswords.get(document.name)
    const differences = [...diff(before.document, wanted), ...passwordDifference(sealedPassword)]
    const digest = digestOf(document)
    if (differences.length > 0 || (saving.isFile && before.digest !== digest))
      writes.push({ id: before.status.id, before: before.document, document: wanted, digest, given, sealedPassword })
    return { kind: 'machine', name: document.name, action: differences.length > 0 ? 'change' : 'none', differences }
  })
  await updateMachines(saving.db, writes)
  await recordChanges(
    saving,
    changes,
    new Map(existing.map(({ document, before }) => [document.name, before.status.id])),
  )
  return changes
}

async function createMachines(
  saving: Saving,
  machines: readonly Machine[],
  spoken: Set<string>,
): Promise<SavedChange[]> {
  const wanted = machines.map(document => ({ document, before: undefined }))
  const resolved = await resolveAddresses(saving.db, wanted, spoken)
  const writes = resolved.map(({ document, given }, at) => ({
    document,
    given,
    digest: digestOf(machines[at]),
    sealedPassword: saving.sealedPasswords.get(document.name),
  }))
  const ids = await insertMachines(saving.db, writes)
  const changes = resolved.map((one, at): SavedChange => {
    const differences = one.given.size > 0 ? givenAddresses(machines[at], one) : []
    return { kind: 'machine', name: one.document.name, action: 'create', differences }
  })
  await recordChanges(saving, changes, ids)
  return changes
}

const passwordDifference = (sealed: Buffer | undefined): Difference[] =>
  sealed ? [{ path: 'bmc/initialPassword', to: '(sealed)' }] : []

/** What a new machine was given beyond its own words. */
const givenAddresses = (asked: Machine | undefined, { document }: Resolved): Difference[] =>
  diff(asked, document).filter(difference => difference.to !== undefined)
