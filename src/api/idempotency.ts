import { type Kysely, sql } from 'kysely'
import type { Db } from '../db/schema.ts'
import { AppError } from '../lib/errors.ts'

/** Long enough for a client that was down over a night; keys are forgotten after it. */
const KEPT = sql`interval '24 hours'`
/** Each new key takes out some old ones, so that the table stays as large as a day. */
const FORGOTTEN_A_TIME = 10

export interface StoredReply {
  status: number
  body: unknown
  etag?: string | undefined
}

export interface Call {
  actor: string
  key: string
  /** A digest of method, path and body. The same key with another is an error, not the old answer. */
  requestHash: string
}

/**
 * Runs `work` once a key: a repeated call gets the answer of the first. Key and answer are written in the transaction of
 * the work itself, so that there is never one without the other; a repeat that comes meanwhile waits for its end.
 */
export async function once(tx: Kysely<Db>, call: Call, work: () => Promise<StoredReply>): Promise<StoredReply> {
  const { actor, key, requestHash } = call
  const claimed = await tx
    .insertInto('idempotency')
    .values({ actor, key, requestHash })
    .onConflict(conflict => conflict.doNothing())
    .returning('key')
    .executeTakeFirst()
  if (!claimed) return repeat(tx, call)
  await forgetOld(tx)
  const reply = await work()
  await tx
    .updateTable('idempotency')
    .set({
      status: reply.status,
      body: reply.body === undefined ? null : JSON.stringify(reply.body),
      etag: reply.etag ?? null,
    })
    .where('actor', '=', actor)
    .where('key', '=', key)
    .execute()
  return reply
}

async function repeat(tx: Kysely<Db>, { actor, key, requestHash }: Call): Promise<StoredReply> {
  const row = await tx
    .selectFrom('idempotency')
    .selectAll()
    .where('actor', '=', actor)
    .where('key', '=', key)
    .executeTakeFirst()
  // The first call was undone between our insert and now: its turn is free again.
  if (!row?.status) throw new AppError('try_again', `The first call with Idempotency-Key '${key}' did not finish`)
  if (row.requestHash !== requestHash)
    throw new AppError('idempotency_mismatch', `Idempotency-Key '${key}' was used for another request`)
  return { status: row.status, body: row.body ?? undefined, ...(row.etag !== null && { etag: row.etag }) }
}

async function forgetOld(tx: Kysely<Db>): Promise<void> {
  const old = tx
    .selectFrom('idempotency')
    .select(['actor', 'key'])
    .where(sql<boolean>`at < now() - ${KEPT}`)
    .limit(FORGOTTEN_A_TIME)
    .forUpdate()
    .skipLocked()
  await tx
    .deleteFrom('idempotency')
    .where(({ refTuple, eb }) => eb(refTuple('actor', 'key'), 'in', old.$asTuple('actor', 'key')))
    .execute()
}
