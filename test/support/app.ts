import { randomBytes } from 'node:crypto'
import type { FastifyInstance, LightMyRequestResponse } from 'fastify'
import type { Kysely, KyselyPlugin } from 'kysely'
import { pino } from 'pino'
import { afterAll, beforeAll } from 'vitest'
import { buildApp } from '../../src/api/app.ts'
import type { Role } from '../../src/api/contract/endpoint.ts'
import { EventFeed } from '../../src/api/event-feed.ts'
import { createMetrics } from '../../src/api/metrics.ts'
import { createToken } from '../../src/api/tokens.ts'
import type { Db } from '../../src/db/schema.ts'
import type { Logger } from '../../src/lib/log.ts'
import { type Sealer, sealerFrom } from '../../src/lib/secrets.ts'
import { useDatabase } from './database.ts'

export interface TestApp {
  db: Kysely<Db>
  databaseUrl: string
  app: FastifyInstance
  sealer: Sealer
  /** Of an admin. */
  token: string
  inject: (request: { method: string; url: string; body?: unknown; token?: string }) => Promise<LightMyRequestResponse>
}

/** The API without a socket, in this process: for tests that look inside (its routes, its log; its queries by a plugin). */
export function useApp(log: Logger = pino({ level: 'silent' }), plugins: readonly KyselyPlugin[] = []): TestApp {
  const { db, url: databaseUrl } = useDatabase()
  const sealer = sealerFrom(randomBytes(32))
  const fields = { db, databaseUrl, sealer, token: '' } as TestApp
  beforeAll(async () => {
    const feed = new EventFeed(db, log)
    const observed = plugins.reduce((kysely, plugin) => kysely.withPlugin(plugin), db)
    fields.app = await buildApp({ db: observed, sealer, feed, log, version: '0.0.0', metrics: createMetrics(db) })
    fields.token = await tokenOf(db, 'admin')
  })
  afterAll(() => fields.app.close())
  fields.inject = ({ method, url, body, token = fields.token }) =>
    fields.app.inject({
      method: method as 'GET',
      url,
      headers: { authorization: `Bearer ${token}` },
      ...(body !== undefined && { payload: body as object }),
    })
  return fields
}

let made = 0

export async function tokenOf(db: Kysely<Db>, role: Role, expiresAt?: Date): Promise<string> {
  const name = `${role}-${++made}`
  const { token } = await createToken(db, { name, role, team: 'team-a' }, 'test')
  if (expiresAt) await db.updateTable('token').set({ expiresAt }).where('name', '=', name).execute()
  return token
}
