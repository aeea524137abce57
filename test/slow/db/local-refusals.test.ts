import { spawn } from 'node:child_process'
import {
  appendFile,
  chmod,
  chown,
  cp,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { findBinaries } from '../../../src/db/local/find-binaries.ts'
import { layoutOf, socketPath } from '../../../src/db/local/layout.ts'
import { isAlive } from '../../../src/db/local/postmaster.ts'
import { stopServer } from '../../../src/db/local/stop.ts'
import { usableBinaries } from '../../../src/db/local/usable-binaries.ts'
import type { Log } from '../../../src/db/log.ts'
import {
  ask,
  eventually,
  isRoot,
  leavesOutRoot,
  ordinaryUser,
  postmasterPid,
  serverProcesses,
  Workshop,
} from '../../db/support/local.ts'

vi.setConfig({ testTimeout: 120_000 })
const workshop = new Workshop()
afterEach(() => workshop.end())

test.each([
  ['system', 'npm'],
  ['npm', 'system'],
])('files of %s are not opened by another major version (%s)', async (maker, other) => {
  const dataDir = await workshop.dataDir()
  const { url, version, stop } = await workshop.open(dataDir, { postgres: maker })
  await ask(url, `create table kept as select 'a row' as text`)
  await stop()
  const major = Number.parseInt(version, 10)
  await expect(workshop.open(dataDir, { postgres: other })).rejects.toMatchObject({
    code: 'database_version',
    message: expect.stringMatching(
      new RegExp(
        `of PostgreSQL ${major}, which only that version can read; found: .*Install PostgreSQL ${major} again.*backup.*restore`,
      ),
    ),
  })
  // Without a restriction, the right one of both is taken.
  const again = await workshop.open(dataDir)
  expect(again.version).toBe(version)
  expect(await ask(again.url, 'select text from kept')).toBe('a row')
})

test('an initdb that was killed half-way is begun anew, and nothing of it stays', async () => {
  const dataDir = await workshop.dataDir()
  const owner = workshop.owner(dataDir)
  const unfinished = await eventually(async () => {
    const names = await readdir(dataDir).catch(() => [])
    const name = names.find(one => one.startsWith('pgdata.new-'))
    return name && (await stat(join(dataDir, name, 'PG_VERSION')).catch(() => undefined)) ? name : undefined
  })
  await owner.kill()
  expect(await readdir(dataDir)).toContain(unfinished)
  const server = await workshop.open(dataDir)
  expect(await ask(server.url, 'select 1')).toBe(1)
  expect((await readdir(dataDir)).toSorted()).toEqual(['pgdata', 'postgres.log', 'run'])
})

test('what is in pgdata and not of PostgreSQL is left alone', async () => {
  const dataDir = await workshop.dataDir()
  await mkdir(join(dataDir, 'pgdata'), { recursive: true })
  await writeFile(join(dataDir, 'pgdata/thesis.txt'), 'precious')
  if (isRoot) await chown(join(dataDir, 'pgdata'), 65_534, 65_534)
  await expect(workshop.open(dataDir)).rejects.toThrow(
    /pgdata is not empty, and not of PostgreSQL: it has no PG_VERSION/,
  )
  expect(await readFile(join(dataDir, 'pgdata/thesis.txt'), 'utf8')).toBe('precious')
})

// PostgreSQL believes a process of its own user, whatever program it is.
const STRANGERS: Record<string, (identity: { uid: number; gid: number }) => Promise<number>> = {
  'another program': async identity => {
    const stranger = spawn('sleep', ['60'], { ...identity, cwd: '/', stdio: 'ignore' })
    workshop.onEnd(() => stranger.kill('SIGKILL'))
    return stranger.pid!
  },
  'the server of another data directory': async () => {
    const dataDir = await workshop.dataDir()
    await workshop.open(dataDir)
    return postmasterPid(dataDir)
  },
}

test.each(Object.entries(STRANGERS))('the number of a server that crashed is now that of %s', async (_who, start) => {
  const dataDir = await workshop.dataDir()
  const server = await workshop.open(dataDir)
  const { files } = layoutOf(dataDir)
  const { uid, gid } = await stat(files)
  const paths = [join(files, 'postmaster.pid'), `${socketPath(layoutOf(dataDir))}.lock`]
  const texts = await Promise.all(paths.map(path => readFile(path, 'utf8')))
  await server.stop()
  const stranger = await start({ uid, gid })
  for (const [index, path] of paths.entries()) {
    await writeFile(path, texts[index]!.replace(/^\d+/, String(stranger)), { mode: 0o600 })
    await chown(path, uid, gid)
  }
  const again = await workshop.open(dataDir)
  expect(await ask(again.url, 'select 1')).toBe(1)
  expect(await postmasterPid(dataDir)).not.toBe(stranger)
  expect(isAlive(stranger)).toBe(true)
})

test.skipIf(leavesOutRoot)(
  'a data directory that the unprivileged user cannot reach is told, with the door',
  async () => {
    const closed = await mkdtemp(join(tmpdir(), 'rackwright-closed-'))
    workshop.onEnd(() => rm(closed, { recursive: true }))
    await expect(workshop.open(join(closed, 'data'))).rejects.toMatchObject({
      code: 'invalid_config',
      message: expect.stringMatching(
        new RegExp(`runs as user \\w+, who may not enter ${closed}\\. .*/var/lib/rackwright.*chmod o\\+x ${closed}`),
      ),
    })
  },
)

test.skipIf(leavesOutRoot)(
  'npm binaries in a closed clone, and without their links, are copied to where they run',
  async () => {
    const [npm] = await findBinaries({ source: 'npm' })
    const account = await ordinaryUser()
    const dataDir = await workshop.dataDir()
    await mkdir(dataDir, { mode: 0o755 })
    const clone = join(dataDir, '..', 'clone')
    await cp(dirname(npm!.bin), join(clone, 'native'), { recursive: true, filter: async path => !(await isLink(path)) })
    await chmod(clone, 0o700)
    const original = { ...npm!, bin: join(clone, 'native/bin') }
    const usable = await usableBinaries(original, layoutOf(dataDir), account)
    expect(usable).toEqual({ ...original, bin: join(dataDir, `postgresql-${npm!.version}`, 'bin') })
    expect(await usableBinaries(original, layoutOf(dataDir), account)).toEqual(usable)
    expect((await readdir(dataDir)).filter(name => name.includes('.new-'))).toEqual([])
    await expect(usableBinaries({ ...original, source: 'given' }, layoutOf(dataDir), account)).rejects.toThrow(
      /PostgreSQL does not start as user nobody.*RACKWRIGHT_POSTGRES/,
    )
  },
)

async function isLink(path: string): Promise<boolean> {
  return (await lstat(path)).isSymbolicLink()
}

test.skipIf(leavesOutRoot)('where there is no unprivileged user, root makes one', async () => {
  const dataDir = await workshop.dataDir()
  const etc = join(dataDir, '..', 'etc')
  const program = new URL('../../db/support/owner.ts', import.meta.url).pathname
  // The machine's own users stay as they are: the change is seen in a mount namespace only.
  const script = `cp -a /etc ${etc} && sed -i '/^\\(postgres\\|rackwright\\):/d' ${etc}/passwd && mount --bind ${etc} /etc && exec "$0" "$@"`
  const child = spawn('/usr/bin/unshare', ['--mount', 'sh', '-c', script, process.execPath, program, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  workshop.onEnd(() => child.kill('SIGKILL'))
  let told = ''
  child.stdout.on('data', (text: Buffer) => (told += text.toString()))
  await eventually(() => (/"event":"(open|failed)"/.test(told) ? true : undefined))
  expect(told).toContain('"event":"open"')
  const made = (await readFile(join(etc, 'passwd'), 'utf8')).split('\n').find(line => line.startsWith('rackwright:'))
  expect(made).toMatch(/:\/nonexistent:\/usr\/sbin\/nologin$/)
  expect((await stat(`/proc/${await postmasterPid(dataDir)}`)).uid).toBe(Number(made?.split(':')[2]))
  child.kill('SIGTERM')
  await eventually(() => (told.includes('"event":"stopped"') ? true : undefined))
})

test('when the server does not start, its own words are told', async () => {
  const dataDir = await workshop.dataDir()
  await (await workshop.open(dataDir)).stop()
  await appendFile(join(layoutOf(dataDir).files, 'postgresql.conf'), '\nshared_buffers = plenty\n')
  await expect(workshop.open(dataDir)).rejects.toMatchObject({
    code: 'database_unavailable',
    message: expect.stringMatching(
      /ended while starting: .*invalid value for parameter "shared_buffers": "plenty".*postgres\.log/,
    ),
  })
})

test('a server that does not stop in time is stopped at once, and recovers', async () => {
  const dataDir = await workshop.dataDir()
  const server = await workshop.open(dataDir)
  await ask(server.url, `create table kept as select 'a row' as text`)
  const [checkpointer] = await checkpointerOf(dataDir)
  process.kill(checkpointer!, 'SIGSTOP') // as on a disk that does not answer
  const lines: string[] = []
  const keep = (_fields: object, message: string) => lines.push(message)
  const log: Log = { info: keep, warn: keep, error: keep }
  await stopServer({ layout: layoutOf(dataDir), log }, [
    { name: 'fast', signal: 'SIGINT', timeoutMs: 500 },
    { name: 'immediate', signal: 'SIGQUIT', timeoutMs: 15_000 },
  ])
  expect(lines).toEqual([
    expect.stringMatching(/did not stop within 0.5 s/),
    expect.stringMatching(/was stopped \(immediate\)/),
  ])
  // The supervision of `server` starts it again.
  expect(await eventually(() => ask(server.url, 'select text from kept').catch(() => undefined))).toBe('a row')
})

async function checkpointerOf(dataDir: string): Promise<number[]> {
  const pids = await serverProcesses(dataDir)
  const titles = await Promise.all(pids.map(pid => readFile(`/proc/${pid}/cmdline`, 'utf8')))
  return pids.filter((_pid, index) => titles[index]?.includes('checkpointer'))
}
