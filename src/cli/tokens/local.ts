import type { BodyOf } from '../../api/contract/endpoint.ts'
import type { tokenCreate } from '../../api/contract/tokens.ts'
import { withDatabaseUrl } from '../local/database.ts'
import type { Session } from '../session.ts'

/** Makes a token without a controller: who can open its database may do everything anyway. */
export async function createLocally(session: Session, token: BodyOf<typeof tokenCreate>) {
  const { createToken } = await import('../../api/tokens.ts')
  const { openDatabase } = await import('../../db/connect.ts')
  const { SILENT } = await import('../../db/log.ts')
  return withDatabaseUrl(session, async url => {
    const db = openDatabase({ url, log: SILENT, name: 'rackwright command', poolSize: 1 })
    try {
      return await createToken(db, token, 'local command')
    } finally {
      await db.destroy()
    }
  })
}
