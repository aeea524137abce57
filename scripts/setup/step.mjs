/** How set-up talks: one line a step, with the time it took; the output of a command only if it failed. */
import { spawnSync } from 'node:child_process'

const STEP_TIMEOUT_MS = 30 * 60_000
const OUTPUT_LIMIT_BYTES = 64 * 1024 * 1024

/** @param {string} text */
export function say(text) {
  process.stderr.write(`setup: ${text}\n`)
}

/** Ends set-up, and with it the command that it was for. @param {string} text @returns {never} */
export function fail(text) {
  say(text)
  process.exit(1)
}

/**
 * Runs a command as one step.
 * @param {string} title
 * @param {string[]} command program and arguments
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, live?: boolean }} [options] live: its output is shown as it comes
 * @returns {{ ok: boolean, output: string }} output: of a step that was not live, shown already if it failed
 */
export function step(title, command, { cwd, env = process.env, live = false } = {}) {
  const startedMs = performance.now()
  process.stderr.write(`setup: ${title} ... ${live ? '\n' : ''}`)
  const [program = '', ...args] = command
  const run = spawnSync(program, args, {
    cwd,
    env,
    // A step must never wait for an answer; its output goes to stderr, so that `--json` on stdout stays clean.
    stdio: live ? ['ignore', 2, 2] : ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    timeout: STEP_TIMEOUT_MS,
    maxBuffer: OUTPUT_LIMIT_BYTES,
  })
  const took = `${((performance.now() - startedMs) / 1000).toFixed(1)} s`
  const ok = run.status === 0
  const output = `${run.stdout ?? ''}${run.stderr ?? ''}`
  const end = ok ? took : `failed (${run.error?.message ?? `exit code ${run.status ?? run.signal}`}) after ${took}`
  process.stderr.write(live ? `setup: ${title}: ${end}\n` : `${end}\n`)
  if (!ok) process.stderr.write(output)
  return { ok, output }
}
