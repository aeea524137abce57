import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

export interface Outcome {
  readonly code: number | null
  /** Standard output and standard error, as they came. */
  readonly text: string
}

/** FreeIPMI lies where only administrators look. */
const PATH = `${process.env.PATH}${delimiter}/usr/sbin`
const TIMEOUT_MS = 30_000

/** Runs a program of somebody else. One that is not there fails the test: nothing is skipped. */
async function run(program: string, args: readonly string[], options: { input?: string } = {}): Promise<Outcome> {
  const home = await mkdtemp(join(tmpdir(), 'rackwright-ipmi-'))
  try {
    return await new Promise((resolve, reject) => {
      // FreeIPMI keeps what it read of a BMC in the home folder, by address: another BMC may be there next time.
      const env = { ...process.env, PATH, HOME: home, XDG_CACHE_HOME: home, TZ: 'UTC' }
      const child = spawn(program, args, { env, timeout: TIMEOUT_MS, stdio: ['pipe', 'pipe', 'pipe'] })
      let text = ''
      for (const output of [child.stdout, child.stderr])
        output.on('data', (chunk: Buffer) => (text += chunk.toString()))
      child.once('error', reject)
      child.once('close', code => resolve({ code, text }))
      child.stdin.on('error', () => undefined)
      child.stdin.end(options.input ?? '')
    })
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

export interface Account {
  readonly port: number
  readonly suite: number
  readonly user?: string
  readonly password?: string
}

export const ipmitool = ({ port, suite, user = 'admin', password = 'secret' }: Account, ...args: string[]) =>
  run('ipmitool', [...lanplus(port), '-C', String(suite), '-U', user, '-P', password, ...args])

const lanplus = (port: number) => ['-I', 'lanplus', '-H', '127.0.0.1', '-p', String(port)]

/** Those that keep what they read of a BMC, by address: another BMC may be there next time. */
const KEEP_RECORDS = new Set(['ipmi-sensors', 'ipmi-sel', 'ipmi-fru'])

export async function freeipmi(program: string, account: Account, ...args: string[]): Promise<Outcome> {
  const { port, suite, user = 'admin', password = 'secret' } = account
  const common = [
    '-D',
    'LAN_2_0',
    '-h',
    `127.0.0.1:${port}`,
    '-I',
    String(suite),
    '-l',
    'admin',
    '-u',
    user,
    '-p',
    password,
  ]
  if (!KEEP_RECORDS.has(program)) return run(program, [...common, ...args])
  const folder = await mkdtemp(join(tmpdir(), 'rackwright-freeipmi-'))
  try {
    return await run(program, [...common, `--sdr-cache-directory=${folder}`, '--quiet-cache', ...args])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
