import { readdir } from 'node:fs/promises'
import { sql } from 'kysely'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { closeClient, connectionConfig, openClient } from '../../../src/db/client.ts'
import { openDatabase } from '../../../src/db/connect.ts'
import { MAINTENANCE_DATABASE } from '../../../src/db/local/layout.ts'
import { attachLocalServer } from '../../../src/db/local/server.ts'
import { SILENT } from '../../../src/db/log.ts'
import { listen } from '../../../src/db/notify.ts'
import { AppError } from '../../../src/lib/errors.ts'
import { ask, eventually, postmasterPid, runningPid, serverProcesses, Workshop } from '../../db/support/local.ts'
import { databaseUrl, onServer } from '../../support/server.ts'

vi.setConfig({ testTimeout: 120_000 })
const workshop = new Workshop()
afterEach(() => workshop.end())

const OWNER_SESSION = `select pid from pg_stat_activity where application_name like 'rackwright pid %'`

describe.each(['system', 'npm'])('binaries: %s', postgres => {
  test('a controller that was killed: the next one takes over the running server', async () => {
    const dataDir = await workshop.dataDir()
    const first = workshop.owner(dataDir, { env: { RACKWRIGHT_POSTGRES: postgres } })
    await ask((await first.opened()).url, `create table kept as select 'a row' as text`)
    const pid = await postmasterPid(dataDir)
    await first.kill()

    const second = await workshop.open(dataDir, { postgres })
    expect(await postmasterPid(dataDir)).toBe(pid)
    expect(await ask(second.url, 'select text from kept')).toBe('a row')
    await second.stop()
    expect(await serverProcesses(dataDir)).toEqual([])
  })

  test('a server that was killed is started again, and pool and listener find it', async () => {
    const dataDir = await workshop.dataDir()
    const lost: AppError[] = []
    const server = await workshop.open(dataDir, { postgres, onLost: error => lost.push(error) })
    const db = openDatabase({ url: server.url, log: SILENT })
    workshop.onEnd(() => db.destroy())
    let hints = 0
    const listener = await listen({ url: server.url, channel: 'x', onHint: () => (hints += 1), log: SILENT })
    workshop.onEnd(() => listener.close())
    await sql`create table kept as select 'a row' as text`.execute(db)

    const pid = await postmasterPid(dataDir)
    process.kill(pid, 'SIGKILL')
    const codes = new Set<unknown>()
    const text = await eventually(async () => {
      try {
        const { rows } = await sql<{ text: string }>`select text from kept`.execute(db)
        // The last process of the killed server may still have answered.
        const now = await runningPid(dataDir)
        return now === undefined || now === pid ? undefined : rows[0]?.text
      } catch (error) {
        codes.add(error instanceof AppError ? error.code : error)
        return undefined
      }
    })
    expect(text).toBe('a row')
    expect([...codes]).toEqual(['database_unavailable'])
    await eventually(() => hints || undefined)
    expect(await postmasterPid(dataDir)).not.toBe(pid)
    expect(lost).toEqual([])
  })
})

test('a second controller is refused with the name of the first, and the server goes on', async () => {
  const dataDir = await workshop.dataDir()
  const first = workshop.owner(dataDir)
  const { url } = await first.opened()
  const pid = await postmasterPid(dataDir)
  await expect(workshop.open(dataDir)).rejects.toMatchObject({
    code: 'database_in_use',
    message: expect.stringMatching(
      new RegExp(`${dataDir} belongs to another controller: rackwright pid ${first.child.pid} since `),
    ),
  })
  expect(await postmasterPid(dataDir)).toBe(pid)
  expect(await ask(url, 'select 1')).toBe(1)
})

test('of four controllers that make a data directory at once, one gets it', async () => {
  const dataDir = await workshop.dataDir()
  const owners = [1, 2, 3, 4].map(() => workshop.owner(dataDir))
  const results = await Promise.allSettled(owners.map(owner => owner.opened()))
  expect(results.map(result => result.status).toSorted()).toEqual(['fulfilled', 'rejected', 'rejected', 'rejected'])
  for (const result of results)
    if (result.status === 'rejected') expect(String(result.reason)).toContain('belongs to another controller')
  const url = owners.flatMap(owner => owner.events).find(one => one.event === 'open')?.value as { url: string }
  expect(await ask(url.url, 'select 1')).toBe(1)
  expect((await readdir(dataDir)).toSorted()).toEqual(['pgdata', 'postgres.log', 'run'])
})

test('a lock that was lost is taken again, without a new server', async () => {
  const dataDir = await workshop.dataDir()
  const lost: AppError[] = []
  const server = await workshop.open(dataDir, { onLost: error => lost.push(error) })
  const pid = await postmasterPid(dataDir)
  const session = await ask<number>(server.url, OWNER_SESSION)
  await ask(server.url, 'select pg_terminate_backend($1)', [session])
  const next = await eventually(async () => {
    const found = await ask<number | undefined>(server.url, OWNER_SESSION)
    return found === session ? undefined : found
  })
  expect(next).toBeGreaterThan(0)
  expect(await postmasterPid(dataDir)).toBe(pid)
  expect(lost).toEqual([])
  await server.stop()
  expect(await serverProcesses(dataDir)).toEqual([])
})

test('who lost the lock to another owner is told so, and does not stop the server', async () => {
  const dataDir = await workshop.dataDir()
  const lost: AppError[] = []
  const server = await workshop.open(dataDir, { onLost: error => lost.push(error) })
  const pid = await postmasterPid(dataDir)
  const maintenance = new URL(databaseUrl(server.url, MAINTENANCE_DATABASE))
  maintenance.searchParams.set('application_name', 'rackwright pid 1 since long ago')
  await onServer(maintenance.href, async other => {
    // Waits in line, so that it gets the lock in the moment in which the owner loses it.
    const { rows } = await other.query(
      `select classid::int as a, objid::int as b from pg_locks where locktype = 'advisory'`,
    )
    const waiting = other.query('select pg_advisory_lock($1, $2)', [rows[0].a, rows[0].b])
    await ask(
      server.url,
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'rackwright pid ${process.pid} %'`,
    )
    await waiting
    const error = await eventually(() => lost[0])
    expect(error).toMatchObject({
      code: 'database_in_use',
      message: expect.stringContaining('rackwright pid 1 since long ago'),
    })
    await server.stop()
    expect(await postmasterPid(dataDir)).toBe(pid)
    expect((await other.query('select 1 as one')).rows).toEqual([{ one: 1 }])
  })
})

test('after a killed server, its processes may take a while to leave', async () => {
  const dataDir = await workshop.dataDir()
  const owner = workshop.owner(dataDir)
  const { url } = await owner.opened()
  const client = await openClient(connectionConfig({ url }))
  workshop.onEnd(() => closeClient(client))
  const stuck = (await client.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]!.pid
  await owner.kill()
  process.kill(stuck, 'SIGSTOP') // holds the shared memory, as a process in the middle of I/O does
  process.kill(await postmasterPid(dataDir), 'SIGKILL')
  setTimeout(() => process.kill(stuck, 'SIGKILL'), 2_000)
  const startedAt = Date.now()
  const server = await workshop.open(dataDir)
  expect(Date.now() - startedAt).toBeGreaterThan(1_500)
  expect(await ask(server.url, 'select 1')).toBe(1)
})

test('stopping while the server is being started again leaves none behind', async () => {
  const dataDir = await workshop.dataDir()
  for (const pauseMs of [0, 150, 220, 260, 300, 400]) {
    const server = await workshop.open(dataDir)
    process.kill(await postmasterPid(dataDir), 'SIGKILL')
    await new Promise(done => setTimeout(done, pauseMs))
    await server.stop()
    await new Promise(done => setTimeout(done, 500))
    expect(await serverProcesses(dataDir), `after ${pauseMs} ms`).toEqual([])
  }
})

describe('beside a controller', () => {
  test('its server is used and left running', async () => {
    const dataDir = await workshop.dataDir()
    const owner = workshop.owner(dataDir)
    await owner.opened()
    const attached = await attachLocalServer({ dataDir, log: SILENT })
    expect(await ask(attached.url, 'select 1')).toBe(1)
    await attached.stop()
    expect(await ask(attached.url, 'select 1')).toBe(1)
  })

  test('without one, a server is started, owned, and stopped again', async () => {
    const dataDir = await workshop.dataDir()
    await (await workshop.open(dataDir)).stop()
    const attached = await attachLocalServer({ dataDir, log: SILENT })
    await expect(workshop.open(dataDir)).rejects.toMatchObject({ code: 'database_in_use' })
    await attached.stop()
    expect(await serverProcesses(dataDir)).toEqual([])
  })

  test('where there is no database, none is made', async () => {
    const dataDir = await workshop.dataDir()
    await expect(attachLocalServer({ dataDir, log: SILENT })).rejects.toMatchObject({ code: 'not_found' })
    await expect(readdir(dataDir)).rejects.toMatchObject({ code: 'ENOENT' })
  })
})
