import { readdir, readFile, readlink } from 'node:fs/promises'
import { codeOf } from '../../../src/db/error-code.ts'
import { layoutOf } from '../../../src/db/local/layout.ts'
import { ask, runningPid } from '../../db/support/local.ts'
import type { Site } from './site.ts'

export interface Process {
  pid: number
  parent: number
  command: string
}

/** Every process that works in the data directory or was told of it: the server, its children, an initdb. */
export async function processesOf(dataDir: string): Promise<Process[]> {
  const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name)).map(Number)
  const { files } = layoutOf(dataDir)
  const found = await Promise.all(
    pids.map(async (pid): Promise<Process[]> => {
      const [cwd, command, status] = await Promise.all([
        readlink(`/proc/${pid}/cwd`).catch(() => ''),
        readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''),
        readFile(`/proc/${pid}/status`, 'utf8').catch(() => ''),
      ])
      // One that has ended and is only not yet buried has no command.
      if (command === '' || pid === process.pid || (cwd !== files && !command.includes(dataDir))) return []
      const parent = Number(/^PPid:\s+(\d+)$/m.exec(status)?.[1])
      return [{ pid, parent, command: command.replaceAll('\0', ' ').trim() }]
    }),
  )
  return found.flat()
}

/** What is wrong with the processes of a site that serves: one server, all others its children, the owner our controller. */
export async function strangersOf(site: Site): Promise<string[]> {
  const postmaster = await runningPid(site.dataDir)
  const strangers = (await processesOf(site.dataDir)).filter(one => one.pid !== postmaster && one.parent !== postmaster)
  const owner = await ask<string | undefined>(
    site.maintenanceUrl,
    `select a.application_name from pg_locks l join pg_stat_activity a using (pid)
       where l.locktype = 'advisory' and l.granted and a.datname = current_database()`,
  )
  return [
    ...(postmaster === undefined ? ['no server runs'] : []),
    ...strangers.map(({ pid, parent, command }) => `process ${pid} of parent ${parent}: ${command}`),
    ...(owner?.startsWith(`rackwright pid ${site.controller.pid} `)
      ? []
      : [`the server's owner is ${owner ?? 'nobody'}`]),
    ...(site.controller.lives ? [] : ['the controller has ended']),
  ]
}

/** False if it has ended by itself. */
export function killNow(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL')
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error
    return false
  }
}
