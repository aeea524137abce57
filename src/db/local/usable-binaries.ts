import { chmod, cp, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import { AppError, messageOf } from '../../lib/errors.ts'
import { unless } from '../error-code.ts'
import type { Binaries } from './binaries.ts'
import { type Account, runCommand } from './commands.ts'
import type { Layout } from './layout.ts'

const PROBE_TIMEOUT_MS = 20_000
const PROGRAMS = ['initdb', 'postgres']

/**
 * The binaries in a place where `account` can run them. Those of npm are copied into the data directory when the clone is
 * closed to that user (/root), or when npm ran without install scripts, which would have made their library links.
 */
export async function usableBinaries(
  binaries: Binaries,
  layout: Layout,
  account: Account | undefined,
): Promise<Binaries> {
  const problem = await whyNot(binaries.bin, account)
  if (!problem) return binaries
  if (binaries.source !== 'npm') throw unusable(problem, account)
  const copy = { ...binaries, bin: join(await copyOf(binaries, layout), 'bin') }
  const stillProblem = await whyNot(copy.bin, account)
  if (stillProblem) throw unusable(stillProblem, account)
  return copy
}

async function whyNot(bin: string, account: Account | undefined): Promise<string | undefined> {
  const runs = PROGRAMS.map(name =>
    runCommand(join(bin, name), ['--version'], { account, timeoutMs: PROBE_TIMEOUT_MS }),
  )
  const failure = (await Promise.allSettled(runs)).find(run => run.status === 'rejected')
  return failure && messageOf(failure.reason)
}

function unusable(problem: string, account: Account | undefined): AppError {
  return new AppError(
    'invalid_config',
    `PostgreSQL does not start as user ${account?.name ?? 'of this process'}: ${problem}`,
    {
      fix: 'Let that user read and execute it, or choose another with RACKWRIGHT_POSTGRES.',
    },
  )
}

/** Copies beside and renames, so that a copy is whole or not there. */
async function copyOf(binaries: Binaries, layout: Layout): Promise<string> {
  const copy = join(layout.dataDir, `postgresql-${binaries.version}`)
  if (await stat(copy).catch(() => undefined)) return copy
  const fresh = `${copy}.new-${process.pid}`
  await rm(fresh, { recursive: true, force: true })
  await cp(dirname(binaries.bin), fresh, { recursive: true, verbatimSymlinks: true })
  await linkLibraries(fresh)
  await openToAll(fresh)
  await rename(fresh, copy).catch(async error => {
    await rm(fresh, { recursive: true, force: true })
    if (!(await stat(copy).catch(() => undefined))) throw error // else: another controller was faster
  })
  return copy
}

/** What the package's install script does: npm packages cannot hold links, so it lists them (pg-symlinks.json). */
async function linkLibraries(root: string): Promise<void> {
  const links: { source: string; target: string }[] = JSON.parse(await readFile(join(root, 'pg-symlinks.json'), 'utf8'))
  for (const { source, target } of links) {
    const link = join(root, relative('native', target))
    await symlink(basename(source), link).catch(unless('EEXIST'))
  }
}

/** Whatever umask npm ran with: this is public software. */
async function openToAll(root: string): Promise<void> {
  await chmod(root, 0o755)
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isDirectory()) await chmod(path, 0o755)
    if (entry.isFile()) await chmod(path, basename(entry.parentPath) === 'bin' ? 0o755 : 0o644)
  }
}
