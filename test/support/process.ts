import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Account } from '../../src/db/local/commands.ts'

const COMMAND = fileURLToPath(new URL('../../bin/rackwright', import.meta.url))
const SAYS_TIMEOUT_MS = 120_000
/** The last of what it printed, for the message of a start that failed. */
const WORDS_KEPT = 4_000

export interface ProcessOptions {
  dataDir: string
  /** HOST:PORT; by default a free port of the loopback. */
  listen?: string
  /** Who it runs as; by default as we are. Only root can choose. */
  account?: Account | undefined
  /** Where PostgreSQL comes from: 'system', 'npm'. */
  postgres?: string | undefined
}

export interface Exit {
  code: number | null
  signal: NodeJS.Signals | null
}

/** A controller as `bin/rackwright serve` starts it: a process of its own, with a local database of its own. */
export class ControllerProcess {
  readonly child: ChildProcess
  /** When it has ended, however. */
  readonly exited: Promise<Exit>
  /** Its URL, as soon as it serves. */
  readonly serving: Promise<string>
  /** Standard output and standard error, the last of them. */
  words = ''

  constructor(options: ProcessOptions) {
    const identity = options.account ? { uid: options.account.uid, gid: options.account.gid } : {}
    this.child = spawn(COMMAND, ['serve'], {
      ...identity,
      cwd: '/',
      env: environmentOf(options),
      // In a session of its own: a ^C in our terminal is ours to hand on.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const output of [this.child.stdout, this.child.stderr])
      output?.on('data', (chunk: Buffer) => (this.words = (this.words + chunk.toString()).slice(-WORDS_KEPT)))
    this.exited = once(this.child, 'exit').then(([code, signal]) => ({ code, signal }))
    this.serving = this.says(/^Rackwright \S+ serves (\S+)\n/m)
    this.serving.catch(() => undefined)
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error('the controller could not be started')
    return this.child.pid
  }

  get lives(): boolean {
    return this.child.pid !== undefined && this.child.exitCode === null && this.child.signalCode === null
  }

  /** Of the first admin: it is told at the very first start only. */
  firstToken(): Promise<string> {
    return this.says(/RACKWRIGHT_TOKEN=(\S+)\n/)
  }

  /** The first group of what it prints. Rejects when it ends before, or takes too long. */
  async says(what: RegExp): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    const look = () => {
      const found = what.exec(this.words)?.[1]
      if (found !== undefined) resolve(found)
    }
    const late = setTimeout(() => reject(new Error(`it did not say ${what.source}: ${this.words}`)), SAYS_TIMEOUT_MS)
    this.child.stdout?.on('data', look)
    this.exited.then(
      ({ code, signal }) => reject(new Error(`it ended with ${signal ?? code}: ${this.words}`)),
      (error: Error) => reject(error),
    )
    look()
    try {
      return await promise
    } finally {
      clearTimeout(late)
      this.child.stdout?.off('data', look)
    }
  }

  /** Asks it to stop in order, and waits for that. */
  async stop(): Promise<Exit> {
    this.child.kill('SIGTERM')
    return this.exited
  }

  async kill(): Promise<void> {
    if (!this.lives) return
    this.child.kill('SIGKILL')
    await this.exited
  }
}

/** Nothing of our own environment but where programs are: neither its settings nor its journal. */
function environmentOf({ dataDir, listen = '127.0.0.1:0', postgres }: ProcessOptions): NodeJS.ProcessEnv {
  const { PATH, RACKWRIGHT_NODE } = process.env
  return {
    PATH,
    ...(RACKWRIGHT_NODE && { RACKWRIGHT_NODE }),
    ...(postgres && { RACKWRIGHT_POSTGRES: postgres }),
    RACKWRIGHT_DATA_DIR: dataDir,
    RACKWRIGHT_API_LISTEN: listen,
    RACKWRIGHT_LOG: 'warn',
  }
}

/** What a process holds of memory now, and at most held since its start (proc_pid_status(5)). */
export async function memoryOf(pid: number): Promise<{ nowBytes: number; peakBytes: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  const kilobytes = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0)
  return { nowBytes: kilobytes('VmRSS') * 1024, peakBytes: kilobytes('VmHWM') * 1024 }
}
