import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import type { Role } from '../../src/api/contract/endpoint.ts'
import { Client } from '../../src/api/contract/client.ts'
import { createToken } from '../../src/api/tokens.ts'
import type { Kysely } from 'kysely'
import type { Db } from '../../src/db/schema.ts'
import { type Controller, startController } from '../../src/main.ts'
import { useDatabase } from './database.ts'

export interface TestController {
  db: Kysely<Db>
  url: string
  databaseUrl: string
  /** Of an admin. */
  token: string
  client: Client
  /** Another caller. Each has its own token. */
  as: (role: Role, team?: string) => Promise<Client>
}

/**
 * Call it once at the top of a test file: a whole controller as `rackwright serve` starts it, on a database of its own.
 * Its fields are there from the first `beforeAll` on.
 */
export function useController(): TestController {
  const { db, url: databaseUrl } = useDatabase()
  const fields = { db, databaseUrl, url: '', token: '', client: new Client({ url: '' }) }
  let controller: Controller | undefined
  let dataDir: string | undefined
  let made = 0
  beforeAll(async () => {
    dataDir = await mkdtemp(path.join(tmpdir(), 'rackwright-controller-'))
    const environment = {
      RACKWRIGHT_DATABASE: databaseUrl,
      RACKWRIGHT_DATA_DIR: dataDir,
      RACKWRIGHT_API_LISTEN: '127.0.0.1:0',
      RACKWRIGHT_LOG: 'silent',
    }
    const said: string[] = []
    controller = await startController({ environment, say: line => said.push(line) }, () => undefined)
    fields.url = controller.url
    fields.token = /RACKWRIGHT_TOKEN=(\S+)/.exec(said.join('\n'))?.[1] ?? ''
    fields.client = new Client({ url: fields.url, token: fields.token })
  })
  afterAll(async () => {
    await controller?.stop()
    if (dataDir) await rm(dataDir, { recursive: true, force: true })
  })
  const as = async (role: Role, team = 'team-a') => {
    const { token } = await createToken(db, { name: `${role}-${++made}`, role, team }, 'test')
    return new Client({ url: fields.url, token })
  }
  return Object.assign(fields, { as })
}
