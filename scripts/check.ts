/** `npm run check`: every tool that looks at the code without running it. `npm run fix`: what they can put right themselves. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'

interface Check {
  readonly name: string
  readonly command: readonly string[]
  /** What puts right what `command` finds, as far as that is safe. */
  readonly fix?: readonly string[]
}

const root = dirname(import.meta.dirname)
const folders = ['src', 'web', 'lab', 'bench', 'test', 'scripts'].filter(folder => existsSync(join(root, folder)))

/** Formatting comes after linting, because a fix of the linter may leave a line too long. */
const CHECKS: readonly Check[] = [
  { name: 'types', command: ['tsc'] },
  { name: 'lint', command: ['oxlint'], fix: ['oxlint', '--fix'] },
  {
    name: 'format',
    command: ['biome', 'format', '--max-diagnostics=100', '.'],
    fix: ['biome', 'format', '--write', '.'],
  },
  { name: 'import direction', command: ['depcruise', '--config', '.dependency-cruiser.mjs', ...folders] },
  { name: 'dead code', command: ['knip', '--no-config-hints'] },
]

/** Runs one tool of node_modules with its output shown. True if it found nothing. */
function passes(name: string, [program = '', ...args]: readonly string[]): boolean {
  console.log(`\n── ${name}: ${program} ${'─'.repeat(Math.max(0, 70 - name.length - program.length))}`)
  const startedMs = performance.now()
  const path = `${join(root, 'node_modules', '.bin')}${delimiter}${process.env.PATH}`
  const run = spawnSync(program, args, { cwd: root, stdio: 'inherit', env: { ...process.env, PATH: path } })
  const ok = run.status === 0
  const took = `${((performance.now() - startedMs) / 1000).toFixed(1)} s`
  console.log(ok ? `ok, ${took}` : `FAILED${run.error ? ` (${run.error.message})` : ''}, ${took}`)
  return ok
}

const fixing = process.argv.includes('--fix')
const work = CHECKS.flatMap(({ name, command, fix }) =>
  fixing ? (fix ? [{ name, command: fix }] : []) : [{ name, command }],
)
const failed = work.filter(({ name, command }) => !passes(name, command)).map(({ name }) => name)
if (failed.length > 0) {
  console.log(`\n${failed.length} of ${work.length} failed: ${failed.join(', ')}`)
  process.exitCode = 1
} else console.log(`\nall ${work.length} ok`)
