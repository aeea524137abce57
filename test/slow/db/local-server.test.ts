import { chmod, mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { findBinaries } from '../../../src/db/local/find-binaries.ts'
import { layoutOf } from '../../../src/db/local/layout.ts'
import {
  ask,
  eventually,
  isRoot,
  leavesOutRoot,
  logOf,
  ordinaryUser,
  postmasterPid,
  serverProcesses,
  Workshop,
} from '../../db/support/local.ts'

vi.setConfig({ testTimeout: 120_000 })
const workshop = new Workshop()
afterEach(() => workshop.end())

const SETTINGS = `select jsonb_object_agg(name, setting) from pg_settings where name in
  ('listen_addresses', 'data_checksums', 'lc_collate', 'server_encoding', 'TimeZone', 'unix_socket_permissions', 'full_page_writes')`

describe.each(['system', 'npm'])('binaries: %s', source => {
  async function keptRow(user: 'root' | 'ordinary'): Promise<unknown> {
    // Whoever runs the tests is already an ordinary user, if it is not root.
    const account = user === 'ordinary' && isRoot ? await ordinaryUser() : undefined
    const dataDir = await workshop.dataDir(account)
    const env = { RACKWRIGHT_POSTGRES: source }
    const first = workshop.owner(dataDir, { account, env })
    const { url, version } = await first.opened()
    expect(Number.parseInt(version, 10)).toBeGreaterThanOrEqual(source === 'npm' ? 18 : 15)
    expect(await ask(url, SETTINGS)).toEqual({
      listen_addresses: '',
      data_checksums: 'on',
      server_encoding: 'UTF8',
      TimeZone: 'UTC',
      unix_socket_permissions: '0700',
      full_page_writes: 'on',
      ...(version.startsWith('15') && { lc_collate: 'C' }), // PostgreSQL 16 took it out of the settings
    })
    expect(await ask(url, 'select datcollate from pg_database where datname = current_database()')).toBe('C')
    await ask(url, `create table kept as select 'a row' as text`)

    const pid = await postmasterPid(dataDir)
    const { files, socketDir } = layoutOf(dataDir)
    const serverUid = (await stat(`/proc/${pid}`)).uid
    expect(serverUid).not.toBe(0)
    for (const directory of [files, socketDir]) {
      const { uid, mode } = await stat(directory)
      expect({ uid, mode: mode & 0o777 }).toEqual({ uid: serverUid, mode: 0o700 })
    }

    await first.stop()
    expect(await serverProcesses(dataDir)).toEqual([])
    const second = workshop.owner(dataDir, { account, env })
    const kept = await ask((await second.opened()).url, 'select text from kept')
    await second.stop()
    return kept
  }

  test.skipIf(leavesOutRoot)('root: starts it unprivileged, stops it, finds everything again', async () => {
    expect(await keptRow('root')).toBe('a row')
  })

  test('an ordinary user: starts, stops, finds everything again', async () => {
    expect(await keptRow('ordinary')).toBe('a row')
  })
})

test('fsync is on unless a test says otherwise', async () => {
  const server = await workshop.open(await workshop.dataDir(), { settings: {} })
  expect(await ask(server.url, 'show fsync')).toBe('on')
})

test('neither our environment nor a ^C in our terminal reaches the server', async () => {
  const dataDir = await workshop.dataDir()
  const owner = workshop.owner(dataDir, { env: { RACKWRIGHT_TOKEN: 'hunter2', PGDATA: '/nonexistent', PGPORT: '1' } })
  await owner.opened()
  const pid = await postmasterPid(dataDir)
  expect(await readFile(`/proc/${pid}/environ`, 'utf8')).not.toContain('hunter2')
  // proc(5): the terminal signals its foreground process group; a session of its own has neither.
  const sessionOf = async (of: number) =>
    (await readFile(`/proc/${of}/stat`, 'utf8')).replace(/.*\) /, '').split(' ')[3]
  expect(await sessionOf(pid)).toBe(String(pid))
})

test('no row and no parameter gets into the server log', async () => {
  const dataDir = await workshop.dataDir()
  const { url } = await workshop.open(dataDir)
  await ask(url, 'create table token (id integer primary key, secret text check (length(secret) < 10))')
  await expect(ask(url, 'insert into token values ($1, $2)', [1, 'hunter2-and-more'])).rejects.toThrow(
    /check constraint/,
  )
  await ask(url, 'insert into token values ($1, $2)', [1, 'hunter2'])
  await expect(ask(url, 'insert into token values ($1, $2)', [1, 'hunter2'])).rejects.toThrow(/duplicate key/)
  const log = await eventually(async () => {
    const text = await logOf(dataDir)
    return text.includes('duplicate key') ? text : undefined
  })
  expect(log).not.toContain('hunter2')
})

test('a log that has grown is put aside at the start, and one older is kept', async () => {
  const dataDir = await workshop.dataDir()
  await (await workshop.open(dataDir)).stop()
  const { logFile } = layoutOf(dataDir)
  await writeFile(logFile, Buffer.alloc(11 * 1024 * 1024, 'x\n'))
  await (await workshop.open(dataDir)).stop()
  expect((await stat(logFile)).size).toBeLessThan(100_000)
  expect((await stat(`${logFile}.1`)).size).toBe(11 * 1024 * 1024)
})

test('a slow start is told while it lasts, and a given directory is used', async () => {
  const dataDir = await workshop.dataDir()
  const slow = join(dataDir, '..', 'bin')
  const [real] = await findBinaries({ source: 'any' })
  await mkdir(slow)
  await symlink(join(real!.bin, 'initdb'), join(slow, 'initdb'))
  await writeFile(
    join(slow, 'postgres'),
    `#!/bin/sh\n[ "$1" = --version ] || sleep 3\nexec ${real!.bin}/postgres "$@"\n`,
  )
  await chmod(join(slow, 'postgres'), 0o755)
  const told: string[] = []
  await workshop.open(dataDir, { postgres: slow, onProgress: text => told.push(text) })
  expect(told).toEqual([
    expect.stringMatching(/^making the database files with PostgreSQL/),
    expect.stringMatching(/^waiting for PostgreSQL since 2 s/),
  ])
})
