import { createHash, randomBytes } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import type { Db } from '../db/schema.ts'
import { record } from '../inventory/timeline.ts'
import { explainViolation } from '../inventory/violations.ts'
import { AppError } from '../lib/errors.ts'
import type { Role } from './contract/endpoint.ts'

/** 256 random bits: nothing to guess, so a plain hash keeps them. The prefix lets scanners find a leaked one. */
const TOKEN_BYTES = 32
const PREFIX = 'rwt_'

export interface NewToken {
  name: string
  role: Role
  team?: string
  /** ISO 8601. */
  expiresAt?: string
}

export interface TokenView extends NewToken {
  createdBy: string
  createdAt: string
  lastUsedAt?: string
}

/** Whoever calls: a token's name, role and team. `name` is how the timeline calls them. */
export interface Actor {
  name: string
  role: Role
  team?: string
  expiresAt?: string
}

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest()

/** Makes a token. The secret is in the answer and nowhere else. @throws AppError `already_exists`, `invalid_input`. */
export async function createToken(
  db: Kysely<Db>,
  token: NewToken,
  createdBy: string,
): Promise<TokenView & { token: string }> {
  if (token.role === 'developer' && !token.team)
    throw new AppError('invalid_input', 'A developer token needs a team', {
      faults: [{ path: '/team', message: 'is missing' }],
    })
  if (token.expiresAt && new Date(token.expiresAt) <= new Date())
    throw new AppError('invalid_input', `The token would have expired at ${token.expiresAt} already`)
  const secret = PREFIX + randomBytes(TOKEN_BYTES).toString('base64url')
  const { name, role, team = null } = token
  const expiresAt = token.expiresAt ? new Date(token.expiresAt).toISOString() : null
  try {
    const row = await db
      .insertInto('token')
      .values({ name, role, team, expiresAt, createdBy, hash: hashOf(secret) })
      .returningAll()
      .executeTakeFirstOrThrow()
    await record(db, [
      { source: 'api', kind: 'token.created', actor: createdBy, data: { name, role, team, expiresAt } },
    ])
    return { ...viewOf(row), token: secret }
  } catch (error) {
    throw explainViolation(error)
  }
}

/** The very first token, for the first admin; undefined when there is or was any. Safe with many starters at once. */
export async function createFirstToken(db: Kysely<Db>): Promise<string | undefined> {
  return db.transaction().execute(async tx => {
    await sql`lock table token in share row exclusive mode`.execute(tx)
    const any = await tx.selectFrom('token').select('id').limit(1).executeTakeFirst()
    if (any) return undefined
    const { token } = await createToken(tx, { name: 'admin', role: 'admin' }, 'first start')
    return token
  })
}

export async function listTokens(db: Kysely<Db>): Promise<TokenView[]> {
  const rows = await db.selectFrom('token').selectAll().where('revokedAt', 'is', null).orderBy('name').execute()
  return rows.map(viewOf)
}

/** @throws AppError `not_found`; `conflict` for the last admin token without expiry: nobody could make another. */
export async function revokeToken(db: Kysely<Db>, name: string, actor: string): Promise<void> {
  await sql`lock table token in share row exclusive mode`.execute(db)
  const valid = await db
    .selectFrom('token')
    .select(['name', 'role', 'expiresAt'])
    .where('revokedAt', 'is', null)
    .execute()
  const token = valid.find(one => one.name === name)
  if (!token) throw new AppError('not_found', `There is no token '${name}'`)
  const lasting = valid.filter(one => one.role === 'admin' && one.expiresAt === null)
  if (lasting.length === 1 && lasting[0]?.name === name)
    throw new AppError('conflict', `'${name}' is the last admin token that does not expire`, {
      fix: 'Make another one first.',
    })
  await db
    .updateTable('token')
    .set({ revokedAt: new Date() })
    .where('name', '=', name)
    .where('revokedAt', 'is', null)
    .execute()
  await record(db, [{ source: 'api', kind: 'token.revoked', actor, data: { name } }])
}

/** How exact `lastUsedAt` is: a write a request would cost more than it tells. */
const LAST_USED_STEP = sql`interval '1 minute'`

/** Who holds this token. @throws AppError `unauthenticated` for one that is unknown, expired or revoked. */
export async function authenticate(db: Kysely<Db>, token: string): Promise<Actor> {
  const row = await db
    .selectFrom('token')
    .select(['id', 'name', 'role', 'team', 'expiresAt', 'revokedAt'])
    .select(sql<boolean>`expires_at is not null and expires_at <= now()`.as('expired'))
    .select(sql<boolean>`last_used_at is null or last_used_at < now() - ${LAST_USED_STEP}`.as('unseen'))
    .where('hash', '=', hashOf(token))
    .executeTakeFirst()
  if (!row) throw new AppError('unauthenticated', 'The token is not known')
  if (row.revokedAt)
    throw new AppError('unauthenticated', `The token '${row.name}' was revoked at ${row.revokedAt.toISOString()}`)
  if (row.expired)
    throw new AppError('unauthenticated', `The token '${row.name}' expired at ${row.expiresAt?.toISOString()}`)
  if (row.unseen) await db.updateTable('token').set({ lastUsedAt: sql`now()` }).where('id', '=', row.id).execute()
  return {
    name: row.name,
    role: row.role,
    ...(row.team !== null && { team: row.team }),
    ...(row.expiresAt && { expiresAt: row.expiresAt.toISOString() }),
  }
}

/** Whether a token of that name is neither revoked nor expired: for a stream that goes on after it was let in. */
export async function isValid(db: Kysely<Db>, name: string): Promise<boolean> {
  const row = await db
    .selectFrom('token')
    .select('id')
    .where('name', '=', name)
    .where('revokedAt', 'is', null)
    .where(sql<boolean>`(expires_at is null or expires_at > now())`)
    .executeTakeFirst()
  return row !== undefined
}

interface TokenRow {
  name: string
  role: Role
  team: string | null
  createdBy: string
  createdAt: Date
  expiresAt: Date | null
  lastUsedAt: Date | null
}

function viewOf({ name, role, team, createdBy, createdAt, expiresAt, lastUsedAt }: TokenRow): TokenView {
  return {
    name,
    role,
    ...(team !== null && { team }),
    ...(expiresAt && { expiresAt: expiresAt.toISOString() }),
    createdBy,
    createdAt: createdAt.toISOString(),
    ...(lastUsedAt && { lastUsedAt: lastUsedAt.toISOString() }),
  }
}
