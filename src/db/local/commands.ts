import { execFile } from 'node:child_process'

/** The operating-system user a command runs as; undefined means: as we are. */
export interface Account {
  name: string
  uid: number
  gid: number
}

const OUTPUT_BYTES = 1_000_000

/** Our own environment holds secrets (RACKWRIGHT_*) and PG* variables that would redirect PostgreSQL. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' }
}

/** As `spawn` and `execFile` take it. libuv also drops root's supplementary groups when it changes the user. */
export function identityOf(account: Account | undefined): { uid?: number; gid?: number } {
  return account ? { uid: account.uid, gid: account.gid } : {}
}

export interface CommandOptions {
  account?: Account | undefined
  timeoutMs: number
}

/** Runs a command to its end and returns what it printed. @throws Error with what it said. */
export function runCommand(
  file: string,
  args: readonly string[],
  { account, timeoutMs }: CommandOptions,
): Promise<string> {
  const options = {
    ...identityOf(account),
    env: cleanEnvironment(),
    cwd: '/',
    timeout: timeoutMs,
    maxBuffer: OUTPUT_BYTES,
  }
  return new Promise((done, failed) => {
    execFile(file, args, { ...options, killSignal: 'SIGKILL' }, (error, stdout, stderr) => {
      if (!error) return done(stdout)
      const why = error.killed
        ? `did not end within ${timeoutMs / 1000} s`
        : stderr.trim() || stdout.trim() || error.message
      failed(new Error(`${file}: ${why}`, { cause: error }))
    })
  })
}
