import type { Session } from '../session.ts'

/**
 * The database of the configuration, for what works without a controller: the one that is named there, else the local
 * server of the data directory, started for as long as it takes if it does not run. `create`: makes its files where
 * there are none.
 */
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
