/** A controller as far as the database goes, in a process of its own: `node owner.ts DATADIR`. Tells each event as a line of JSON. */
import { openDatabase } from '../../../src/db/connect.ts'
import { openLocalServer } from '../../../src/db/local/server.ts'
import { SILENT } from '../../../src/db/log.ts'
import { messageOf } from '../../../src/lib/errors.ts'

const [dataDir = ''] = process.argv.slice(2)

function tell(event: string, value: unknown): void {
  process.stdout.write(`${JSON.stringify({ event, value })}\n`)
}

try {
  const onProgress = (text: string) => tell('progress', text)
  const server = await openLocalServer({ dataDir, log: SILENT, onProgress, settings: { fsync: 'off' } })
  const db = openDatabase({ url: server.url, log: SILENT })
  process.once('SIGTERM', () => {
    void db
      .destroy()
      .then(() => server.stop())
      .then(() => tell('stopped', true))
  })
  tell('open', { url: server.url, version: server.version })
} catch (error) {
  tell('failed', messageOf(error))
}
