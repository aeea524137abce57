import { sql } from 'kysely'
import { afterEach, expect, test, vi } from 'vitest'
import { SILENT } from '../../src/db/log.ts'
import { type Listener, listen } from '../../src/db/notify.ts'
import { useEmptyDatabase } from '../support/database.ts'
import { databaseUrl } from '../support/server.ts'

const { db, url } = useEmptyDatabase()
const CHANNEL = 'odd "channel'
const open: Listener[] = []

afterEach(async () => {
  for (const listener of open.splice(0)) await listener.close()
})

async function listenTo(onHint: (payload: string | undefined) => void): Promise<Listener> {
  const listener = await listen({ url, channel: CHANNEL, onHint, log: SILENT })
  open.push(listener)
  return listener
}

const notify = (payload: string) => sql`select pg_notify(${CHANNEL}, ${payload})`.execute(db)
const listeners = async () => {
  const { rows } = await sql<{ pid: number }>`select pid from pg_stat_activity
    where datname = current_database() and application_name = ${`rackwright listen ${CHANNEL}`}`.execute(db)
  return rows.map(row => row.pid)
}

test('tells every hint with its payload, and none before the first', async () => {
  const hints: (string | undefined)[] = []
  await listenTo(payload => hints.push(payload))
  await notify('a')
  await notify('b')
  await vi.waitFor(() => expect(hints).toEqual(['a', 'b']))
})

test('a lost connection is made again, with one hint for whatever was missed', async () => {
  const hints: (string | undefined)[] = []
  await listenTo(payload => hints.push(payload))
  const [before] = await listeners()
  await sql`select pg_terminate_backend(${before}::int)`.execute(db)
  await notify('missed')
  await vi.waitFor(() => expect(hints).toEqual([undefined]), { timeout: 5_000 })
  await notify('heard')
  await vi.waitFor(() => expect(hints).toEqual([undefined, 'heard']))
})

test('a listener that throws hears the next hint', async () => {
  const hints: (string | undefined)[] = []
  await listenTo(payload => {
    hints.push(payload)
    throw new Error('a defect')
  })
  await notify('a')
  await notify('b')
  await vi.waitFor(() => expect(hints).toEqual(['a', 'b']))
})

test('closing ends the connection, and at once even while it is being made again', async () => {
  const listener = await listenTo(() => undefined)
  expect(await listeners()).toHaveLength(1)
  await listener.close()
  await vi.waitFor(async () => expect(await listeners()).toEqual([]))
  const again = await listenTo(() => undefined)
  await sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'rackwright listen%'`.execute(
    db,
  )
  const startedAt = Date.now()
  await again.close()
  expect(Date.now() - startedAt).toBeLessThan(1_000)
  await new Promise(done => setTimeout(done, 300))
  expect(await listeners()).toEqual([])
})

test('closing does not wait for the next attempt on a database that is away', async () => {
  const name = `away_${process.pid}`
  await sql.raw(`create database ${name}`).execute(db)
  const lines: string[] = []
  const warn = (_fields: object, message: string) => lines.push(message)
  const log = { ...SILENT, warn }
  const listener = await listen({ url: databaseUrl(url, name), channel: CHANNEL, onHint: () => undefined, log })
  await sql.raw(`drop database ${name} with (force)`).execute(db)
  // Pauses double from 100 ms: after the fourth attempt the next one is 1.6 s away.
  await vi.waitFor(() => expect(lines.filter(line => line === 'listening again failed')).toHaveLength(4), {
    timeout: 10_000,
  })
  const startedAt = Date.now()
  await listener.close()
  expect(Date.now() - startedAt).toBeLessThan(800)
})

test('a database that is not there is told at once', async () => {
  const nowhere = { url: 'postgres:///x?host=/nonexistent&user=x', channel: 'x', onHint: () => undefined, log: SILENT }
  await expect(listen(nowhere)).rejects.toMatchObject({ code: 'database_unavailable' })
})
