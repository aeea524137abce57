import { open, stat } from 'node:fs/promises'
import { layoutOf } from '../../src/db/local/layout.ts'
import type { Task } from '../support/samples.ts'
import type { Site } from './site.ts'

/** What the database did for one request. */
export interface Counts {
  /** Statements as PostgreSQL logged them, with BEGIN and COMMIT. */
  queries: number
  /** Rows that sequential scans went through, and index entries that were read; those of foreign keys too. */
  rowsRead: number
  rowsWritten: number
}

const API = 'rackwright api'

/** Runs `task` once on the real controller while PostgreSQL writes down every statement of its pool. */
export async function countOnce(site: Site, task: Task): Promise<Counts> {
  task.before?.()
  await task.run() // so that a token's `last_used_at`, written once a minute, is not counted
  await endSessions(site)
  const before = await rowCounts(site)
  const { logFile } = layoutOf(site.dataDir)
  const { size } = await stat(logFile)
  await logStatements(site, true)
  task.before?.()
  await task.run()
  await logStatements(site, false)
  await endSessions(site)
  const after = await rowCounts(site)
  const queries = (await textFrom(logFile, size)).match(STATEMENT)?.length ?? 0
  return { queries, rowsRead: after.read - before.read, rowsWritten: after.written - before.written }
}

/** log_line_prefix '%a|': the session's name. A statement of several lines begins one of them. */
const STATEMENT = new RegExp(`^${API}\\|LOG: {2}(statement|execute [^:]+): `, 'gm')

async function logStatements({ sql }: Site, on: boolean): Promise<void> {
  await sql.query(`alter system set log_line_prefix = '%a|'`)
  await sql.query(`alter system set log_statement = '${on ? 'all' : 'none'}'`)
  await sql.query('select pg_reload_conf()')
  // A session takes the new setting up between two statements; new ones have it from their start.
  await endSessions({ sql })
}

/** Sessions keep counts to themselves for up to ten seconds, and hand them over when they end. The pool makes new ones. */
async function endSessions({ sql }: Pick<Site, 'sql'>): Promise<void> {
  await sql.query('select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name = $1', [API])
}

async function rowCounts({ sql }: Site): Promise<{ read: number; written: number }> {
  // What our own session did a moment ago counts before, not after.
  await sql.query('select pg_stat_force_next_flush()')
  await sql.query('select pg_stat_clear_snapshot()')
  const { rows } = await sql.query<{ read: string; written: string }>(
    `select (select sum(seq_tup_read) from pg_stat_user_tables) + (select sum(idx_tup_read) from pg_stat_user_indexes) as read,
       (select sum(n_tup_ins + n_tup_upd + n_tup_del) from pg_stat_user_tables) as written`,
  )
  return { read: Number(rows[0]?.read), written: Number(rows[0]?.written) }
}

async function textFrom(path: string, start: number): Promise<string> {
  const handle = await open(path)
  try {
    const { size } = await handle.stat()
    const { buffer } = await handle.read(Buffer.alloc(size - start), 0, size - start, start)
    return buffer.toString()
  } finally {
    await handle.close()
  }
}
