import type { Kysely } from 'kysely'
import type { Db } from '../db/schema.ts'
import { AppError } from '../lib/errors.ts'
import type { Sealer } from '../lib/secrets.ts'
import { BMC_PASSWORD } from './save/read.ts'
import { record } from './timeline.ts'

/** Seals the password that the controller logs in to a machine's BMC with. @throws AppError `not_found`. */
export async function setBmcPassword(
  db: Kysely<Db>,
  machine: string,
  password: string,
  sealer: Sealer,
  actor: string,
): Promise<void> {
  const changed = await db
    .updateTable('bmc')
    .from('machine')
    .set({ sealedPassword: sealer.seal(password, BMC_PASSWORD) })
    .whereRef('machine.id', '=', 'bmc.machine')
    .where('machine.name', '=', machine)
    .returning('machine.id')
    .executeTakeFirst()
  if (!changed) throw new AppError('not_found', `There is no machine '${machine}' with a BMC`)
  await record(db, [{ source: 'inventory', kind: 'machine.bmc-password', machine: changed.id, actor, data: {} }])
}
