import { setTimeout as sleep } from 'node:timers/promises'
import { Client, type ClientConfig } from 'pg'
import { AppError } from '../lib/errors.ts'
import { VALUE_TYPES } from './value-types.ts'
import { toAppError } from './violations.ts'

const CONNECT_TIMEOUT_MS = 5_000
/** The server gives up first and says why; the client's own limit is for a server or network that is silent. */
const STATEMENT_TIMEOUT_MS = 30_000
const ANSWER_AFTER_MS = 5_000
const LOCK_TIMEOUT_MS = 10_000
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 30_000
const KEEP_ALIVE_AFTER_MS = 10_000
const GOODBYE_TIMEOUT_MS = 2_000

export interface ConnectOptions {
  /** `postgres://…`; may hold a password. */
  url: string
  /** Shown in `pg_stat_activity`. */
  name?: string
  /** How long the server may work on one statement. */
  statementTimeoutMs?: number
}

/** Settings of a connection with every wait bounded: for our pool, and for others that bring their own (pg-boss). */
export function connectionConfig({ url, name = 'rackwright', statementTimeoutMs }: ConnectOptions): ClientConfig {
  const statementMs = statementTimeoutMs ?? STATEMENT_TIMEOUT_MS
  return {
    connectionString: parseable(url),
    application_name: name,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: statementMs,
    query_timeout: statementMs + ANSWER_AFTER_MS,
    lock_timeout: LOCK_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
    types: VALUE_TYPES,
  }
}

/** The error of a bad URL must not repeat it, as it may hold a password. */
function parseable(url: string): string {
  if (/^(postgres|postgresql):\/\//.test(url)) return url
  throw new AppError('invalid_config', '`database` has to look like postgres://USER@HOST/NAME')
}

/** One connection, for what needs `pg` itself (LISTEN, COPY, session locks). @throws AppError `database_unavailable` */
export async function openClient(config: ClientConfig): Promise<Client> {
  const client = new Client(config)
  client.on('error', () => undefined) // followed by 'end', and the query in hand fails with the same error
  try {
    await client.connect()
    return client
  } catch (error) {
    await closeClient(client)
    throw toAppError(error)
  }
}

/** Does not wait long for a server that no longer answers. */
export async function closeClient(client: Client): Promise<void> {
  const waiting = new AbortController()
  await Promise.race([
    client.end(),
    sleep(GOODBYE_TIMEOUT_MS, undefined, { signal: waiting.signal }).catch(() => undefined),
  ])
  waiting.abort()
}

/** Opens a connection for `work` and closes it. Its errors are translated as those of `openDatabase` are. */
export async function withClient<T>(config: ClientConfig, work: (client: Client) => Promise<T>): Promise<T> {
  const client = await openClient(config)
  try {
    return await work(client)
  } catch (error) {
    throw toAppError(error)
  } finally {
    await closeClient(client)
  }
}

/** All of `work` or nothing of it. */
export async function inTransaction<T>(client: Client, work: () => Promise<T>): Promise<T> {
  await client.query('begin')
  try {
    const result = await work()
    await client.query('commit')
    return result
  } catch (error) {
    // On a dead connection the rollback fails too and has happened anyway: the first error is the one to tell.
    await client.query('rollback').catch(() => undefined)
    throw error
  }
}
