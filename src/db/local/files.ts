import { randomUUID } from 'node:crypto'
import { chmod, chown, mkdir, open, readdir, readFile, rename, rm, rmdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { AppError, messageOf } from '../../lib/errors.ts'
import { unless } from '../error-code.ts'
import { type Account, runCommand } from './commands.ts'
import { type Layout, SUPERUSER } from './layout.ts'
import { isAlive } from './postmaster.ts'
import type { Site } from './site.ts'

const INITDB_TIMEOUT_MS = 5 * 60_000
/** The server's user passes through to its own directories; what others keep here has its own mode. */
const OPEN_TO_PASS = 0o711
const PRIVATE = 0o700
/** Then the pid of the controller that runs initdb, and a random part. */
const UNFINISHED = '.new-'

/** The major version of the files that exist; undefined when there are none. @throws AppError when they are something else. */
export async function filesMajor(layout: Layout): Promise<number | undefined> {
  const version = await readFile(join(layout.files, 'PG_VERSION'), 'utf8').catch(unless('ENOENT'))
  if (version !== undefined) return Number.parseInt(version, 10)
  const entries = await readdir(layout.files).catch(unless('ENOENT'))
  if (!entries || entries.length === 0) return undefined
  throw new AppError('invalid_config', `${layout.files} is not empty, and not of PostgreSQL: it has no PG_VERSION`, {
    fix: 'Move it away, or give another `dataDir`.',
  })
}

/** Makes the data directory if there is none. */
export async function makeDataDir(layout: Layout, account: Account | undefined): Promise<void> {
  const mode = account ? OPEN_TO_PASS : PRIVATE
  const made = await mkdir(layout.dataDir, { recursive: true, mode })
  if (made) await chmod(layout.dataDir, mode) // whatever the umask is
}

/** Makes the database files with initdb if there are none, whole or not at all. */
export async function makeFiles(site: Site): Promise<void> {
  const { layout, account } = site
  await makePrivate(layout.socketDir, account)
  await removeLeftovers(layout)
  if ((await filesMajor(layout)) !== undefined) return
  const fresh = `${layout.files}${UNFINISHED}${process.pid}-${randomUUID()}`
  await makePrivate(fresh, account)
  try {
    await initdb(site, fresh)
    await rmdir(layout.files).catch(unless('ENOENT'))
    await rename(fresh, layout.files)
    await syncDirectory(layout.dataDir)
  } catch (error) {
    await rm(fresh, { recursive: true, force: true })
    // Another controller may have been faster: rename never replaces a directory that holds something.
    if ((await filesMajor(layout)) === undefined) throw error
  }
}

/** Locale C: sorted results depend neither on the machine nor on its C library, whose updates would break indexes. */
async function initdb({ binaries, account, onProgress }: Site, directory: string): Promise<void> {
  onProgress(`making the database files with PostgreSQL ${binaries.version}`)
  const args = ['--pgdata', directory, '--username', SUPERUSER, '--encoding', 'UTF8', '--no-locale', '--data-checksums']
  const logins = ['--auth-local', 'trust', '--auth-host', 'reject'] // the socket's directory is the guard
  try {
    await runCommand(join(binaries.bin, 'initdb'), [...args, ...logins], { account, timeoutMs: INITDB_TIMEOUT_MS })
  } catch (error) {
    throw new AppError('database_unavailable', `The database files were not made: ${messageOf(error)}`, {
      cause: error,
      fix: 'Correct what it says and start again: nothing was left behind.',
    })
  }
}

/** Of an initdb that was killed. One that runs belongs to a living controller; a pid that was given anew only delays it. */
async function removeLeftovers(layout: Layout): Promise<void> {
  const prefix = `${basename(layout.files)}${UNFINISHED}`
  for (const name of await readdir(layout.dataDir)) {
    if (!name.startsWith(prefix)) continue
    const path = join(layout.dataDir, name)
    const { mtimeMs } = await stat(path)
    const old = Date.now() - mtimeMs > INITDB_TIMEOUT_MS
    if (old || !isAlive(Number.parseInt(name.slice(prefix.length), 10)))
      await rm(path, { recursive: true, force: true, maxRetries: 3 })
  }
}

async function makePrivate(directory: string, account: Account | undefined): Promise<void> {
  await mkdir(directory, { mode: PRIVATE }).catch(unless('EEXIST'))
  if (account) await chown(directory, account.uid, account.gid)
  await chmod(directory, PRIVATE)
}

/** Makes a rename survive a power failure. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
