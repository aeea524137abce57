import type { Kysely } from 'kysely'
import type { Db } from '../../db/schema.ts'
import { setBmcPassword } from '../../inventory/bmc-password.ts'
import { setCondition, stepLifecycle } from '../../inventory/machine-actions.ts'
import { type Hardware, matchProfiles } from '../../inventory/match.ts'
import { fromRow } from '../../inventory/store/tables.ts'
import { readBefore } from '../../inventory/timeline.ts'
import { AppError } from '../../lib/errors.ts'
import {
  machineBmcPassword,
  machineCondition,
  machineEvents,
  machineHardware,
  machineLifecycle,
  profileMatch,
} from '../contract/machines.ts'
import { pageBack } from '../event-stream.ts'
import { handle, type Parts, type Route } from '../handle.ts'
import { show } from './inventory.ts'

export const machineRoutes = ({ sealer }: Parts): Route[] => [
  handle(machineEvents, async ({ params, query, db }) => {
    await show(db, 'machine', params.name)
    const { before = Number.MAX_SAFE_INTEGER, limit, kind, source } = query
    return { body: pageBack(await readBefore(db, before, { machine: params.name, kind, source }, limit), limit) }
  }),
  handle(machineLifecycle, async ({ params, body, actor, db }) => {
    await stepLifecycle(db, params.name, body.event, actor.name)
    return show(db, 'machine', params.name)
  }),
  handle(machineCondition, async ({ params, body, actor, db }) => {
    await setCondition(db, params.name, body, actor.name)
    return show(db, 'machine', params.name)
  }),
  handle(machineBmcPassword, async ({ params, body, actor, db }) => {
    await setBmcPassword(db, params.name, body.password, sealer, actor.name)
    return { body: undefined }
  }),
  handle(machineHardware, async ({ params, db }) => {
    const row = await db.selectFrom('machine').select('hardware').where('name', '=', params.name).executeTakeFirst()
    if (!row) throw new AppError('not_found', `There is no machine '${params.name}'`)
    const profiles = row.hardware === null ? [] : await matches(db, row.hardware as Hardware)
    return { body: { hardware: row.hardware, profiles } }
  }),
  handle(profileMatch, async ({ body, db }) => ({ body: { profiles: await matches(db, body as Hardware) } })),
]

async function matches(db: Kysely<Db>, hardware: Hardware) {
  const rows = await db.selectFrom('profile').selectAll().orderBy('name').execute()
  return matchProfiles(
    hardware,
    rows.map(row => fromRow('profile', row as never).document),
  )
}
