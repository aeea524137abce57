import type { Kysely, Selectable, Updateable } from 'kysely'
import type { Db } from '../db/schema.ts'
import { AppError } from '../lib/errors.ts'
import { type LifecycleEvent, next } from './lifecycle.ts'
import { record } from './timeline.ts'
import { explainViolation } from './violations.ts'

type MachineRow = Selectable<Db['machine']>

/** Steps of the lifecycle that a person takes by a word. All others are taken by jobs, which do what the word says. */
export const PERSONAL_EVENTS = ['enroll', 'adopt', 'release', 'retire'] as const satisfies readonly LifecycleEvent[]
export type PersonalEvent = (typeof PERSONAL_EVENTS)[number]

/** @throws AppError `not_found`, `invalid_transition` (with what the state accepts), `conflict` while a job is active. */
export async function stepLifecycle(db: Kysely<Db>, name: string, event: PersonalEvent, actor: string): Promise<void> {
  const machine = await lockMachine(db, name)
  const to = next(machine.lifecycle, event)
  await refuseDuringJob(db, machine)
  await update(db, machine, { lifecycle: to })
  await record(db, [
    {
      source: 'inventory',
      kind: 'machine.lifecycle',
      machine: machine.id,
      actor,
      data: { event, from: machine.lifecycle, to },
    },
  ])
}

/** What a person can say of a machine's condition. A hold is a job's, and leaves by its own exits. */
export type ConditionWord =
  | { state: 'ok' }
  | { state: 'maintenance'; reason: string; until?: string | undefined }
  | { state: 'broken'; reason: string }

/** @throws AppError `not_found`, `conflict` for a machine on hold. */
export async function setCondition(db: Kysely<Db>, name: string, word: ConditionWord, actor: string): Promise<void> {
  const machine = await lockMachine(db, name)
  if (machine.condition === 'hold' && word.state !== 'broken')
    throw new AppError('conflict', `Machine ${name} is on hold (${machine.conditionReason})`, {
      fix: 'Leave the hold by one of its exits, or mark the machine broken.',
    })
  const conditionReason = word.state === 'ok' ? null : word.reason
  const conditionUntil = word.state === 'maintenance' && word.until ? new Date(word.until) : null
  await update(db, machine, { condition: word.state, conditionReason, conditionUntil, conditionDetail: null })
  await record(db, [
    {
      source: 'inventory',
      kind: 'machine.condition',
      machine: machine.id,
      actor,
      data: { from: machine.condition, to: word },
    },
  ])
}

async function lockMachine(db: Kysely<Db>, name: string): Promise<MachineRow> {
  const machine = await db
    .selectFrom('machine')
    .selectAll()
    .where('name', '=', name)
    .forNoKeyUpdate()
    .executeTakeFirst()
  if (!machine) throw new AppError('not_found', `There is no machine '${name}'`)
  return machine
}

async function refuseDuringJob(db: Kysely<Db>, machine: MachineRow): Promise<void> {
  const job = await db
    .selectFrom('job')
    .select(['id', 'kind'])
    .where('machine', '=', machine.id)
    .where('startedAt', 'is not', null)
    .where('endedAt', 'is', null)
    .executeTakeFirst()
  if (job)
    throw new AppError('conflict', `Job ${job.id} (${job.kind}) works on machine ${machine.name}`, {
      fix: 'Wait for it, or cancel it.',
    })
}

async function update(db: Kysely<Db>, machine: MachineRow, change: Updateable<Db['machine']>): Promise<void> {
  try {
    await db.updateTable('machine').set(change).where('id', '=', machine.id).execute()
  } catch (error) {
    throw explainViolation(error)
  }
}
