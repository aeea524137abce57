import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Kysely } from 'kysely'
import type { Db } from '../db/schema.ts'
import { createFirstToken } from './tokens.ts'

export interface FirstTokenOptions {
  url: string
  dataDir: string
  /** Whether what is said ends up in a log, where a token must not be. */
  saidToLog: boolean
  say: (line: string) => void
}

/** At the first start: makes the first admin's token and shows it this once; into a file of mode 0600 instead of a log. */
export async function showFirstToken(
  db: Kysely<Db>,
  { url, dataDir, saidToLog, say }: FirstTokenOptions,
): Promise<void> {
  const token = await createFirstToken(db)
  if (!token) return
  const line = `export RACKWRIGHT_URL=${url} RACKWRIGHT_TOKEN=${token}`
  if (!saidToLog) return say(`The first admin token, shown this once:\n\n  ${line}\n`)
  const file = path.join(dataDir, 'first-admin-token')
  await writeFile(file, `${line}\n`, { mode: 0o600 })
  say(`The first admin token is in ${file}: read it, keep it in a safe place, and remove the file.`)
}
