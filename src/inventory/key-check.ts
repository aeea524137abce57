import type { Kysely } from 'kysely'
import type { Db } from '../db/schema.ts'
import { AppError } from '../lib/errors.ts'
import type { Sealer } from '../lib/secrets.ts'

const SETTING = 'secrets.fingerprint'

/**
 * Holds the key file against the database: the first one is remembered, another is refused, before a secret is sealed
 * that the rest cannot be read with. @throws AppError `secret_unreadable`.
 */
export async function checkKey(db: Kysely<Db>, sealer: Sealer, keyFile: string): Promise<void> {
  const value = JSON.stringify(sealer.fingerprint)
  await db
    .insertInto('setting')
    .values({ key: SETTING, value })
    .onConflict(conflict => conflict.doNothing())
    .execute()
  const stored = await db.selectFrom('setting').select('value').where('key', '=', SETTING).executeTakeFirstOrThrow()
  if (stored.value === sealer.fingerprint) return
  throw new AppError(
    'secret_unreadable',
    `The secrets in the database were sealed with another key than that in ${keyFile}`,
  )
}
