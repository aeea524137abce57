import type { Kysely } from 'kysely'
import type { Db } from '../../db/schema.ts'
import type { Session } from '../session.ts'

export interface LocalDatabase {
  url: string
  db: Kysely<Db>
}

/**
 * The database of the configuration, for what works without a controller: the one that is named there, else the local
 * server of the data directory, started for as long as it takes if it does not run.
 */
export async function withLocalDatabase<T>(
  session: Session,
  work: (database: LocalDatabase) => Promise<T>,
): Promise<T> {
  return withDatabaseUrl(session, async url => {
    const { openDatabase } = await import('../../db/connect.ts')
    const { SILENT } = await import('../../db/log.ts')
    const db = openDatabase({ url, log: SILENT, name: 'rackwright command', poolSize: 1 })
    try {
      return await work({ url, db })
    } finally {
      await db.destroy()
    }
  })
}

/** The same, for those who connect by themselves. `create`: makes the files of a local server where there are none. */
export async function withDatabaseUrl<T>(
  session: Session,
  work: (url: string) => Promise<T>,
  { create = false } = {},
): Promise<T> {
  const { loadConfig } = await import('../../lib/config.ts')
  const { around, configFile } = session
  const config = loadConfig({ file: configFile, environment: around.env, terminal: around.stderr.isTTY })
  if (config.database !== undefined) return work(config.database)
  const { attachLocalServer, openLocalServer } = await import('../../db/local/server.ts')
  const { SILENT } = await import('../../db/log.ts')
  const open = create ? openLocalServer : attachLocalServer
  const server = await open({ dataDir: config.dataDir, log: SILENT, onProgress: text => session.out.note(text) })
  try {
    return await work(server.url)
  } finally {
    await server.stop()
  }
}
