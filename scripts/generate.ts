/** Writes the files that are derived from others: row types from the migrations, the lifecycle's picture. */
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { openDatabase } from '../src/db/connect.ts'
import { openLocalServer } from '../src/db/local/server.ts'
import { SILENT } from '../src/db/log.ts'
import { migrate } from '../src/db/migrate.ts'
import { generatedFiles } from './generated.ts'

const dataDir = await mkdtemp(path.join(tmpdir(), 'rackwright-generate-'))
// As root the server runs unprivileged, and has to get in.
await chmod(dataDir, 0o711)
const server = await openLocalServer({ dataDir, log: SILENT })
try {
  await migrate({ url: server.url })
  const db = openDatabase({ url: server.url, log: SILENT })
  for (const [file, text] of await generatedFiles(db)) {
    await writeFile(new URL(`../${file}`, import.meta.url), text)
    console.log(`wrote ${file}`)
  }
  await db.destroy()
} finally {
  await server.stop()
  await rm(dataDir, { recursive: true, force: true })
}
