import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chown, mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parsePasswd } from '../../../src/db/local/account.ts'
import type { Account } from '../../../src/db/local/commands.ts'
import { codeOf } from '../../../src/db/error-code.ts'
import { layoutOf } from '../../../src/db/local/layout.ts'
import { livePostmaster } from '../../../src/db/local/postmaster.ts'
import { type LocalServer, type LocalServerOptions, openLocalServer } from '../../../src/db/local/server.ts'
import { SILENT } from '../../../src/db/log.ts'
import { onServer, openToServer } from '../../support/server.ts'

const PROGRAM = fileURLToPath(new URL('./owner.ts', import.meta.url))
const EVENT_TIMEOUT_MS = 60_000

/** What a test has made, and takes away however it ends. */
export class Workshop {
  readonly #endings: (() => unknown)[] = []

  /** A data directory in which the server of either kind of user can live. */
  async dataDir(account?: Account): Promise<string> {
    const directory = await mkdtemp(join(tmpdir(), 'rackwright-local-'))
    this.#endings.push(
      () => rm(directory, { recursive: true, force: true, maxRetries: 5 }),
      () => killServer(directory),
    )
    await openToServer(directory)
    if (account) await chown(directory, account.uid, account.gid)
    return join(directory, 'data')
  }

  async open(dataDir: string, options: Partial<LocalServerOptions> = {}): Promise<LocalServer> {
    const server = await openLocalServer({ dataDir, log: SILENT, settings: { fsync: 'off' }, ...options })
    this.#endings.push(() => server.stop())
    return server
  }

  /** Starts a controller in a process of its own. */
  owner(dataDir: string, options: OwnerOptions = {}): Owner {
    const owner = new Owner(dataDir, options)
    this.#endings.push(() => owner.kill())
    return owner
  }

  onEnd(ending: () => unknown): void {
    this.#endings.push(ending)
  }

  async end(): Promise<void> {
    for (const ending of this.#endings.splice(0).toReversed()) await ending()
  }
}

export interface OwnerOptions {
  account?: Account | undefined
  env?: NodeJS.ProcessEnv
}

/** A running `owner.ts`. */
export class Owner {
  readonly child: ChildProcess
  readonly events: { event: string; value: unknown }[] = []

  constructor(dataDir: string, { account, env }: OwnerOptions) {
    const identity = account ? { uid: account.uid, gid: account.gid } : {}
    const stdio = ['ignore' as const, 'pipe' as const, 'inherit' as const]
    this.child = spawn(process.execPath, [PROGRAM, dataDir], {
      ...identity,
      stdio,
      cwd: '/',
      env: { ...process.env, ...env },
    })
    createInterface({ input: this.child.stdout! }).on('line', line => this.events.push(JSON.parse(line)))
  }

  /** The value of the first event of this name. */
  async event(name: string): Promise<unknown> {
    const found = await eventually(() => this.events.find(one => one.event === name || one.event === 'failed'))
    if (found.event !== name) throw new Error(`expected '${name}', the controller failed: ${String(found.value)}`)
    return found.value
  }

  async opened(): Promise<{ url: string; version: string }> {
    const value = await this.event('open')
    return value as { url: string; version: string }
  }

  async stop(): Promise<void> {
    this.child.kill('SIGTERM')
    await this.event('stopped')
  }

  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return
    this.child.kill('SIGKILL')
    await once(this.child, 'exit')
  }
}

/** Waits for what `look` finds. */
export async function eventually<T>(
  look: () => T | undefined | Promise<T | undefined>,
  timeoutMs = EVENT_TIMEOUT_MS,
): Promise<T> {
  for (
    const startedAt = Date.now();
    Date.now() - startedAt < timeoutMs;
    await new Promise(done => setTimeout(done, 25))
  ) {
    const found = await look()
    if (found !== undefined) return found
  }
  throw new Error(`nothing came within ${timeoutMs} ms`)
}

export async function runningPid(dataDir: string): Promise<number | undefined> {
  return (await livePostmaster(layoutOf(dataDir)))?.pid
}

export async function postmasterPid(dataDir: string): Promise<number> {
  const pid = await runningPid(dataDir)
  if (!pid) throw new Error(`no server runs in ${dataDir}`)
  return pid
}

export async function ask<T = unknown>(url: string, question: string, values: unknown[] = []): Promise<T> {
  const { rows } = await onServer(url, client => client.query({ text: question, values, rowMode: 'array' }))
  return rows[0]?.[0]
}

/** Pid of every process of a server, by its working directory. One that has ended and is only not yet buried is none. */
export async function serverProcesses(dataDir: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name)).map(Number)
  const files = layoutOf(dataDir).files
  const inside = await Promise.all(
    pids.map(pid =>
      readlink(`/proc/${pid}/cwd`).then(
        cwd => cwd === files,
        () => false,
      ),
    ),
  )
  return pids.filter((_pid, index) => inside[index])
}

export async function logOf(dataDir: string): Promise<string> {
  return readFile(layoutOf(dataDir).logFile, 'utf8')
}

/** What only root can show. On a developer's machine it is left out, under CI it fails. */
export const isRoot = process.getuid?.() === 0
export const leavesOutRoot = !isRoot && !process.env.CI

/** Somebody who is neither root nor the owner of the repository: as root, tests also run what an ordinary user does. */
export async function ordinaryUser(): Promise<Account> {
  const nobody = parsePasswd(await readFile('/etc/passwd', 'utf8')).find(user => user.name === 'nobody')
  if (!nobody) throw new Error('there is no user `nobody`')
  return nobody
}

async function killServer(directory: string): Promise<void> {
  for (const pid of await serverProcesses(join(directory, 'data'))) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch (error) {
      if (codeOf(error) !== 'ESRCH') throw error // else: it has just ended by itself
    }
  }
}
