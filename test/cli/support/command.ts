import { type ChildProcess, spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { TestController } from '../../support/controller.ts'

const COMMAND = fileURLToPath(new URL('../../../bin/rackwright', import.meta.url))
/** Not the home of whoever runs the tests. */
const XDG_CACHE_HOME = fileURLToPath(new URL('../../../node_modules/.cache', import.meta.url))
/** Nothing here takes that long: a command that hangs is a defect. */
const LIMIT_MS = 15_000

export interface Ran {
  code: number | null
  stdout: string
  stderr: string
}

export interface RunOptions {
  /** Standard input; without, it is empty. */
  input?: string
  env?: NodeJS.ProcessEnv
  cwd?: string
}

/** Starts the command as people do, in a process of its own; no variable of this one reaches it but PATH. */
export function start(
  args: readonly string[],
  { env = {}, cwd = tmpdir() }: Omit<RunOptions, 'input'> = {},
): ChildProcess {
  const { PATH, HOME } = process.env
  return spawn(COMMAND, args, {
    cwd,
    env: { PATH, HOME, XDG_CACHE_HOME, RACKWRIGHT_NODE: process.execPath, ...env },
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
  })
}

export async function run(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const child = start(args, options)
  const { promise, resolve, reject } = Promise.withResolvers<Ran>()
  const out = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name]?.setEncoding('utf8').on('data', (text: string) => (out[name] += text))
  child.stdin?.on('error', () => undefined).end(options.input ?? '')
  child.on('error', reject)
  child.on('close', code => resolve({ code, ...out }))
  return promise
}

/** The command with the URL and token of a test's controller. */
export function commandOf(controller: TestController) {
  const env = () => ({ RACKWRIGHT_URL: controller.url, RACKWRIGHT_TOKEN: controller.token })
  const runIt = (args: readonly string[], options: RunOptions = {}) =>
    run(args, { ...options, env: { ...env(), ...options.env } })
  /** Puts documents in, as what a test begins with. */
  const give = async (input: string) => {
    const { code, stderr } = await runIt(['apply', '-f', '-'], { input })
    if (code !== 0) throw new Error(stderr)
  }
  return { start: (args: readonly string[]) => start(args, { env: env() }), run: runIt, give }
}
