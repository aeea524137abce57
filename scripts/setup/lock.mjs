/** One set-up of a clone at a time, e.g. when `npm start` and `npm test` are begun together in a fresh one. */
import { spawnSync } from 'node:child_process'
import { accessSync, constants, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fail, say } from './step.mjs'

const WAIT_LIMIT_MS = 60 * 60_000
const HELD = 'RACKWRIGHT_SETUP_LOCK_HELD'

/**
 * Returns once this process holds the lock in `folder`; it is given back when the process ends, however it ends.
 *
 * The lock is the kernel's (flock), so a killed set-up leaves nothing behind. Node cannot take one itself, but inherits
 * one: this process waits for a copy of itself that runs under flock(1), and passes on its exit code. Node closes what
 * it inherited in the processes it starts, so a service that apt starts does not keep the lock.
 * Without flock(1), which is not on every macOS, set-ups are not kept apart.
 * @param {string} folder
 */
export function becomeOnlySetup(folder) {
  if (process.env[HELD]) return
  try {
    mkdirSync(folder, { recursive: true })
    accessSync(folder, constants.W_OK)
  } catch (error) {
    fail(`cannot write to ${folder}: ${String(error)}. Run this as the user who owns the clone.`)
  }
  const file = join(folder, 'lock')
  const probe = spawnSync('flock', ['-n', file, 'true'])
  if (probe.error) return
  if (probe.status === 1) say('another set-up is at work in this clone: waiting for it')
  const run = spawnSync('flock', [file, process.execPath, ...process.argv.slice(1)], {
    stdio: 'inherit',
    env: { ...process.env, [HELD]: '1' },
    timeout: WAIT_LIMIT_MS,
  })
  process.exit(run.status ?? 1)
}
