import { randomUUID } from 'node:crypto'
import type { Kysely } from 'kysely'
import { afterAll, beforeAll, inject } from 'vitest'
import { openDatabase } from '../../src/db/connect.ts'
import { type Log, SILENT } from '../../src/db/log.ts'
import type { Db } from '../../src/db/schema.ts'
import { databaseUrl, onServer, TEMPLATE } from './server.ts'

export interface TestDatabase<Tables = Db> {
  db: Kysely<Tables>
  url: string
}

/**
 * Call it once at the top of a test file: a migrated database of its own, there from the first `beforeAll` on, dropped
 * after the last test. Tests of one file share it.
 */
export function useDatabase<Tables = Db>(options: { log?: Log; template?: string } = {}): TestDatabase<Tables> {
  const serverUrl = inject('databaseServerUrl')
  const name = `test_${randomUUID().replaceAll('-', '')}`
  const url = databaseUrl(serverUrl, name)
  const db = openDatabase<Tables>({ url, name: 'test', log: options.log ?? SILENT })
  const template = options.template ?? TEMPLATE
  beforeAll(() =>
    onServer(serverUrl, client => client.query(`create database ${name} template ${template} strategy file_copy`)),
  )
  afterAll(async () => {
    await db.destroy()
    await onServer(serverUrl, client => client.query(`drop database if exists ${name} with (force)`))
  })
  return { db, url }
}

/** An empty database: for tests of what makes one. */
export function useEmptyDatabase(): TestDatabase<Record<string, Record<string, unknown>>> {
  return useDatabase({ template: 'template1' })
}
