import { AppError } from '../../lib/errors.ts'
import { connectionConfig, withClient } from '../client.ts'
import { codeOf } from '../error-code.ts'
import { type Layout, MAINTENANCE_DATABASE, urlOf } from './layout.ts'

/** The server answers and has no connection left for us: it is up. */
const TOO_MANY_CONNECTIONS = '53300'
/** Login and database errors (classes 28 and 3D) and a closed socket directory do not pass by waiting. */
const REFUSAL = /^(28|3D|EACCES)/

/**
 * Whether the server of this data directory accepts connections: `waiting` while it starts, recovers, stops or is not there.
 * @throws the server's answer when it lets nobody in at all (no user of ours in files that somebody else made).
 */
export async function pingServer(layout: Layout): Promise<'ready' | 'waiting'> {
  try {
    await withClient(
      connectionConfig({ url: urlOf(layout, MAINTENANCE_DATABASE), name: 'rackwright ping' }),
      async () => undefined,
    )
    return 'ready'
  } catch (error) {
    const cause = error instanceof AppError ? error.cause : error
    if (codeOf(cause) === TOO_MANY_CONNECTIONS) return 'ready'
    if (error instanceof AppError && !REFUSAL.test(codeOf(cause))) return 'waiting'
    throw error
  }
}
