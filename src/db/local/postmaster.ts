import { link, readFile, readlink, realpath, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf } from '../error-code.ts'
import { type Layout, socketPath } from './layout.ts'

/** What `postmaster.pid` says about the server of a data directory (PostgreSQL: src/include/utils/pidfile.h). */
export interface PostmasterFile {
  pid: number
  startedAt: Date
  /** Empty while the server has not opened its socket yet. */
  socketDir: string
}

/** Lines: pid, data directory, start in seconds since 1970, port, socket directory, … Half written is undefined. */
export function parsePostmasterFile(text: string): PostmasterFile | undefined {
  const [pid, , start, , socketDir = ''] = text.split('\n')
  const startedAt = new Date(Number(start) * 1000)
  // A standalone backend (`postgres --single`) writes its pid as a negative number.
  if (!pid || !Number(pid) || Number.isNaN(startedAt.getTime())) return undefined
  return { pid: Math.abs(Number(pid)), startedAt, socketDir }
}

/** Whether a process of this number exists, whosever it is. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
}

/** The running server of this data directory, if there is one: its file names it, and that process really is it. */
export async function livePostmaster(layout: Layout): Promise<PostmasterFile | undefined> {
  const text = await readFile(pidFile(layout), 'utf8').catch(() => '')
  const file = parsePostmasterFile(text)
  return file && (await isPostgresOn(layout, file.pid)) ? file : undefined
}

/** A number alone proves nothing: after a crash it may be another program's. A postmaster works in its data directory. */
async function isPostgresOn(layout: Layout, pid: number): Promise<boolean> {
  const [program, workingDirectory, files] = await Promise.all([
    readlink(`/proc/${pid}/exe`).catch(() => ''),
    readlink(`/proc/${pid}/cwd`).catch(() => ''),
    realpath(layout.files).catch(() => undefined),
  ])
  // An upgrade of the package under a running server leaves "/usr/…/postgres (deleted)".
  return /\/postgres( \(deleted\))?$/.test(program) && workingDirectory === files
}

/**
 * Takes away lock files whose number now belongs to another program: PostgreSQL would believe that its old self still runs.
 * Call it only while `livePostmaster` finds none.
 */
export async function removeStaleLocks(layout: Layout): Promise<void> {
  for (const path of [pidFile(layout), `${socketPath(layout)}.lock`]) await removeStaleLock(layout, path)
}

/** Moves it first and looks then: what another controller's server wrote in the meantime is put back. */
async function removeStaleLock(layout: Layout, path: string): Promise<void> {
  const pid = await lockPid(path)
  if (pid === undefined || !isAlive(pid) || (await isPostgresOn(layout, pid))) return
  const aside = `${path}.stale-${process.pid}`
  await rename(path, aside).catch(() => undefined)
  const moved = await lockPid(aside)
  if (moved !== undefined && (await isPostgresOn(layout, moved))) await link(aside, path)
  await rm(aside, { force: true })
}

async function lockPid(path: string): Promise<number | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '')
  return Math.abs(Number.parseInt(text, 10)) || undefined
}

function pidFile(layout: Layout): string {
  return join(layout.files, 'postmaster.pid')
}
