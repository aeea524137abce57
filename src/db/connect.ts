import {
  CamelCasePlugin,
  Kysely,
  type LogEvent,
  PostgresDialect,
  type PostgresPool,
  type PostgresPoolClient,
} from 'kysely'
import { Pool, type PoolClient } from 'pg'
import { AppError } from '../lib/errors.ts'
import { type ConnectOptions, connectionConfig } from './client.ts'
import type { Log } from './log.ts'
import type { Db } from './schema.ts'
import { toAppError } from './violations.ts'

const IDLE_CONNECTION_MS = 60_000
const DEFAULT_POOL_SIZE = 10
const SLOW_QUERY_MS = 1_000

export interface DatabaseOptions extends ConnectOptions {
  poolSize?: number
  log: Log
}

/**
 * Opens the database: a pool of connections made when first needed. Columns are camelCase here and snake_case there.
 * Queries throw AppError `database_unavailable` or `try_again` where only the database is to blame. End with `destroy()`.
 */
export function openDatabase<Tables = Db>(options: DatabaseOptions): Kysely<Tables> {
  const pool = new Pool({
    ...connectionConfig(options),
    max: options.poolSize ?? DEFAULT_POOL_SIZE,
    idleTimeoutMillis: IDLE_CONNECTION_MS,
  })
  // A connection that dies while idle says so to the pool, one that dies between two statements to itself.
  // Without listeners either would end the process; the next query fails with the reason anyway.
  pool.on('error', error => options.log.warn({ reason: error.message }, 'an idle database connection was lost'))
  pool.on('connect', client => client.on('error', () => undefined))
  return new Kysely<Tables>({
    dialect: new PostgresDialect({ pool: guardPool(pool) }),
    plugins: [new CamelCasePlugin({ maintainNestedObjectKeys: true })],
    log: event => observe(event, options.log),
  })
}

function guardPool(pool: Pool): PostgresPool {
  return {
    options: pool.options,
    connect: () => pool.connect().then(guardClient, rethrow),
    end: () => pool.end(),
  }
}

function guardClient(client: PoolClient): PostgresPoolClient {
  let broken = false
  const query = (text: string, values: unknown[]) =>
    client.query(text, values).catch(error => {
      const known = toAppError(error)
      // An answer may still come after a timeout of ours: this connection cannot be trusted with the next query.
      broken ||= known instanceof AppError && known.code === 'database_unavailable'
      throw known
    })
  const release = (destroy?: boolean) => client.release(destroy || broken)
  return Object.create(client, { query: { value: query }, release: { value: release } })
}

function rethrow(error: unknown): never {
  throw toAppError(error)
}

/** Only the text with its placeholders is logged: the parameters may hold a secret. */
function observe({ query, queryDurationMillis }: LogEvent, log: Log): void {
  if (queryDurationMillis > SLOW_QUERY_MS)
    log.warn({ sql: query.sql, durationMs: Math.round(queryDurationMillis) }, 'a query was slow')
}
