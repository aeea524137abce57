import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from 'pg'
import { AppError } from '../../lib/errors.ts'
import { closeClient, connectionConfig, openClient } from '../client.ts'
import { toAppError } from '../violations.ts'
import { MAINTENANCE_DATABASE, urlOf } from './layout.ts'
import type { Site } from './site.ts'

/** The two halves of the advisory lock's number: any that nobody else uses in the maintenance database. */
const LOCK = [7_213, 1] as const
/** The session of an owner that was just killed ends within this time. */
const PATIENCE_MS = 3_000
const RETRY_MS = 100

/**
 * The right to use and to stop the server of a data directory. It is a session advisory lock: the server frees it when this
 * process dies, so no lock file can be left over, and no two processes can hold it.
 */
export interface OwnerLock {
  /** Asks the server, as a lost connection may not have been noticed yet. */
  isHeld: () => Promise<boolean>
  release: () => Promise<void>
}

/**
 * @param onLost is called once when the connection that holds the lock ends otherwise than by `release`.
 * @throws AppError `database_in_use` naming the owner; `database_unavailable` when the server is gone.
 */
export async function takeOwnerLock(site: Site, onLost: () => void): Promise<OwnerLock> {
  const url = urlOf(site.layout, MAINTENANCE_DATABASE)
  const client = await openClient(connectionConfig({ url, name: ownerName() }))
  try {
    await takeWithin(client, site)
  } catch (error) {
    await closeClient(client)
    throw toAppError(error)
  }
  let released = false
  client.on('end', () => released || onLost())
  return {
    isHeld: () =>
      client.query('select').then(
        () => true,
        () => false,
      ),
    release: () => {
      released = true
      return closeClient(client)
    },
  }
}

async function takeWithin(client: Client, site: Site): Promise<void> {
  const startedAt = Date.now()
  while (!(await tryLock(client))) {
    if (Date.now() - startedAt > PATIENCE_MS) throw await inUse(client, site)
    await sleep(RETRY_MS, undefined, { signal: site.signal })
  }
}

async function tryLock(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ taken: boolean }>('select pg_try_advisory_lock($1, $2) as taken', [...LOCK])
  return rows[0]?.taken === true
}

async function inUse(client: Client, { layout }: Site): Promise<AppError> {
  const { rows } = await client.query<{ name: string }>(
    `select a.application_name as name from pg_locks l join pg_stat_activity a using (pid) where l.locktype = 'advisory'
       and l.granted and l.database = a.datid and a.datname = current_database() and l.classid = $1 and l.objid = $2`,
    [...LOCK],
  )
  return new AppError(
    'database_in_use',
    `${layout.dataDir} belongs to another controller: ${rows[0]?.name ?? 'one just ending'}`,
  )
}

/** Told to whoever comes second. PostgreSQL keeps 63 bytes, so the name of the host comes last. */
function ownerName(): string {
  const startedAt = new Date(Date.now() - process.uptime() * 1000).toISOString().replace(/\.\d+Z$/, 'Z')
  return `rackwright pid ${process.pid} since ${startedAt} on ${hostname()}`
}
