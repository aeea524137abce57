import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { Client } from '../api/contract/client.ts'
import { messageOf } from '../lib/errors.ts'
import { Interrupted, UsageError } from './failure.ts'
import { Output, type Streams } from './terminal/output.ts'
import { Progress } from './terminal/progress.ts'

export const DEFAULT_URL = 'http://127.0.0.1:7480'

/** Options that every command takes. */
export interface Globals {
  json?: boolean
  url?: string
  tokenFile?: string
  config?: string
}

/** The process as a command sees it. */
export interface Surroundings extends Streams {
  stdin: NodeJS.ReadStream
  env: NodeJS.ProcessEnv
  once: (signal: 'SIGINT' | 'SIGTERM', listener: () => void) => unknown
}

/** What commands share: where answers go, and the controller. Read the options only once they are parsed. */
export class Session {
  readonly around: Surroundings
  readonly globals: () => Globals
  /** Every command with all its options, for what describes them. */
  readonly wholeProgram: () => Promise<Command>
  #out: Output | undefined
  constructor(around: Surroundings, globals: () => Globals, wholeProgram: () => Promise<Command>) {
    this.around = around
    this.globals = globals
    this.wholeProgram = wholeProgram
  }

  get json(): boolean {
    return this.globals().json ?? false
  }

  get out(): Output {
    this.#out ??= new Output(this.around, this.json)
    return this.#out
  }

  get configFile(): string | undefined {
    return this.globals().config
  }

  get hasToken(): boolean {
    return this.#token() !== undefined
  }

  client(timeoutMs?: number): Client {
    const url = this.globals().url ?? (this.around.env.RACKWRIGHT_URL || DEFAULT_URL)
    requireUrl(url)
    return new Client({ url, token: this.#token(), ...(timeoutMs !== undefined && { timeoutMs }) })
  }

  /** Says on a terminal what is being done once it takes long, and wipes that away. */
  async during<T>(text: string, work: (progress: Progress) => Promise<T>): Promise<T> {
    const progress = new Progress(this.around.stderr, !this.json, text)
    try {
      return await work(progress)
    } finally {
      progress.end()
    }
  }

  /** For what goes on until somebody ends it: aborts on ^C, and when nobody reads any more. */
  untilInterrupted(): { signal: AbortSignal; interrupted: AbortSignal } {
    const interrupt = new AbortController()
    for (const name of ['SIGINT', 'SIGTERM'] as const) this.around.once(name, () => interrupt.abort(new Interrupted()))
    return { signal: AbortSignal.any([interrupt.signal, this.out.gone]), interrupted: interrupt.signal }
  }

  #token(): string | undefined {
    const { tokenFile } = this.globals()
    if (tokenFile === undefined) return this.around.env.RACKWRIGHT_TOKEN || undefined
    return readToken(tokenFile)
  }
}

function requireUrl(url: string): void {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (parsed?.username || parsed?.password)
    throw new UsageError('The URL holds a user or password. Give a token instead (RACKWRIGHT_TOKEN).')
  if (parsed?.protocol === 'http:' || parsed?.protocol === 'https:') return
  throw new UsageError(
    `'${url}' is not the URL of a controller. Give one such as ${DEFAULT_URL} (--url or RACKWRIGHT_URL).`,
  )
}

function readToken(file: string): string {
  let text: string
  try {
    text = readFileSync(file, 'utf8').trim()
  } catch (error) {
    throw new UsageError(`The token file cannot be read: ${messageOf(error)}`)
  }
  if (/^[\u0021-\u007e]+$/.test(text)) return text
  throw new UsageError(`The token file ${file} does not hold one token on one line.`)
}
