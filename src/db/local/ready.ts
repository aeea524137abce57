import { Client, DatabaseError } from 'pg'
import { AppError } from '../../lib/errors.ts'
import { toAppError } from '../violations.ts'
import { type Layout, MAINTENANCE_DATABASE, urlOf } from './layout.ts'

const PING_TIMEOUT_MS = 5_000
/** The server answers and has no connection left for us: it is up. */
const TOO_MANY_CONNECTIONS = '53300'

/**
 * Whether the server of this data directory accepts connections: `waiting` while it starts, recovers, stops or is not there.
 * @throws the server's answer when it lets nobody in at all (no user of ours in files that somebody else made).
 */
export async function pingServer(layout: Layout): Promise<'ready' | 'waiting'> {
  const client = new Client({
    connectionString: urlOf(layout, MAINTENANCE_DATABASE),
    application_name: 'rackwright ping',
    connectionTimeoutMillis: PING_TIMEOUT_MS,
  })
  client.on('error', () => undefined)
  try {
    await client.connect()
    return 'ready'
  } catch (error) {
    if (error instanceof DatabaseError && error.code === TOO_MANY_CONNECTIONS) return 'ready'
    const known = toAppError(error)
    if (known instanceof AppError && !isRefusal(error)) return 'waiting'
    throw known
  } finally {
    await client.end()
  }
}

/** Login and database errors (classes 28 and 3D) and a closed socket directory do not pass by waiting. */
function isRefusal(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^(28|3D|EACCES)/.test(String(error.code))
}
