import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { type LocalServer, openLocalServer } from '../src/db/local/server.ts'
import { isAlive } from '../src/db/local/postmaster.ts'
import { SILENT } from '../src/db/log.ts'
import { migrate } from '../src/db/migrate.ts'
import { databaseUrl, onServer, openToServer, TEMPLATE } from './support/server.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Of the run's PostgreSQL server; `useDatabase` makes a database of its own on it. */
    databaseServerUrl: string
  }
}

/** Then the pid of the run, and what mkdtemp adds. */
const PREFIX = 'rackwright-test-'
/** What is lost by a power failure in the middle of a test run is not missed. */
const TEST_SETTINGS = { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off', max_connections: '300' }

let server: LocalServer | undefined
let dataDir: string | undefined

/** One real server for the run, and in it one migrated template that every test file clones. */
export async function setup(project: TestProject): Promise<void> {
  await sweep()
  dataDir = await mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`))
  await openToServer(dataDir)
  server = await openLocalServer({ dataDir, log: SILENT, settings: TEST_SETTINGS })
  const { url } = server
  await onServer(url, client => client.query(`create database ${TEMPLATE}`))
  await migrate({ url: databaseUrl(url, TEMPLATE) })
  project.provide('databaseServerUrl', url)
}

export async function teardown(): Promise<void> {
  await server?.stop()
  if (dataDir) await rm(dataDir, { recursive: true, force: true })
}

/** Stops what a run left behind that was killed. */
async function sweep(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(PREFIX) || isAlive(Number.parseInt(name.slice(PREFIX.length), 10))) continue
    const left = join(tmpdir(), name)
    try {
      await (await openLocalServer({ dataDir: left, log: SILENT })).stop()
      await rm(left, { recursive: true, force: true })
    } catch {
      // Another user's, or another run sweeps it just now: it is not in our way.
    }
  }
}
