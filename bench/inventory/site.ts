import { Client as Sql } from 'pg'
import { Client } from '../../src/api/contract/client.ts'
import { apply } from '../../src/api/contract/inventory.ts'
import { layoutOf, urlOf } from '../../src/db/local/layout.ts'
import type { Workshop } from '../../test/db/support/local.ts'
import { type Fleet, makeFleet } from '../../test/support/fleet.ts'
import { ControllerProcess, memoryOf } from '../../test/support/process.ts'
import { timed } from '../support/samples.ts'

const APPLY_TIMEOUT_MS = 290_000

/** A controller with a fleet in its inventory, and a connection to its database for those who write SQL themselves. */
export interface Site {
  controller: ControllerProcess
  client: Client
  sql: Sql
  dataDir: string
  fleet: Fleet
}

export interface Load {
  applyMs: number
  memoryBytes: number
  peakBytes: number
}

/** A real process on a new local database, as in production: fsync is on. */
export async function openSite(workshop: Workshop, machines: number): Promise<Site> {
  const dataDir = await workshop.dataDir()
  const controller = new ControllerProcess({ dataDir })
  workshop.onEnd(() => controller.kill())
  const url = await controller.serving
  const client = new Client({ url, token: await controller.firstToken(), timeoutMs: APPLY_TIMEOUT_MS })
  const sql = new Sql({ connectionString: urlOf(layoutOf(dataDir)), application_name: 'bench' })
  // Cut off when the servers are stopped.
  sql.on('error', () => undefined)
  await sql.connect()
  return { controller, client, sql, dataDir, fleet: makeFleet({ machines }) }
}

/** The first apply of everything, in one request. */
export async function load({ controller, client, fleet }: Site): Promise<Load> {
  const applyMs = await timed({ run: () => client.call(apply, { body: fleet }) })
  const { nowBytes, peakBytes } = await memoryOf(controller.pid)
  return { applyMs, memoryBytes: nowBytes, peakBytes }
}

/** Three of four machines work for a service, so that states are worth asking for; then what autovacuum does within a minute. */
export async function settle({ sql }: Site): Promise<void> {
  await sql.query(`update machine set lifecycle = 'in_use' where service is not null`)
  await sql.query('vacuum (analyze)')
}

export async function databaseBytes({ sql }: Site): Promise<number> {
  const { rows } = await sql.query<{ size: string }>('select pg_database_size(current_database()) as size')
  return Number(rows[0]?.size)
}

export async function closeSite({ controller, sql }: Site): Promise<void> {
  await sql.end()
  await controller.stop()
}
