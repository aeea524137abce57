import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { AppError } from '../lib/errors.ts'

const OURS = new URL('./migrations/', import.meta.url)
const FILE_NAME = /^(\d{3})-[a-z0-9-]+\.sql$/

/** A row of table `migration`. `name` is the file's name, `sha256` that of its bytes. */
export interface AppliedMigration {
  id: number
  name: string
  sha256: string
}

export interface Migration extends AppliedMigration {
  text: string
}

/** Reads `NNN-name.sql`, in order. @throws AppError `internal` for other names, a gap or a number used twice. */
export async function readMigrations(directory: URL = OURS): Promise<Migration[]> {
  const names = (await readdir(directory)).filter(name => name.endsWith('.sql')).toSorted()
  return Promise.all(names.map((name, index) => readMigration(directory, name, index + 1)))
}

async function readMigration(directory: URL, name: string, expected: number): Promise<Migration> {
  const id = Number(FILE_NAME.exec(name)?.[1])
  if (id !== expected) {
    const number = String(expected).padStart(3, '0')
    throw new AppError(
      'internal',
      `Migration file ${name}: expected ${number}-NAME.sql, as numbers have no gap and no double`,
    )
  }
  const bytes = await readFile(new URL(name, directory))
  return { id, name, sha256: createHash('sha256').update(bytes).digest('hex'), text: bytes.toString('utf8') }
}

/** The files yet to be applied. @throws AppError `database_version` when `applied` is not the beginning of `files`. */
export function planMigrations(files: readonly Migration[], applied: readonly AppliedMigration[]): Migration[] {
  refuseNewer(files, applied)
  for (const [index, row] of applied.entries()) refuseDifference(row, index + 1, files[index])
  return files.slice(applied.length)
}

function refuseNewer(files: readonly Migration[], applied: readonly AppliedMigration[]): void {
  const unknown = applied.filter(row => row.id > files.length)
  if (unknown.length === 0) return
  const names = unknown.map(row => row.name).join(', ')
  throw new AppError('database_version', `The database is newer than this program, which does not know ${names}`, {
    fix: 'Start the newer version again, or restore a backup from before the upgrade.',
  })
}

function refuseDifference(row: AppliedMigration, expected: number, file: Migration | undefined): void {
  if (row.id !== expected) throw changed(`migration ${expected} was never applied, but ${row.name} was`)
  if (file && row.sha256 !== file.sha256)
    throw changed(
      `${row.name} was applied with sha256 ${row.sha256.slice(0, 12)}…, ${file.name} has ${file.sha256.slice(0, 12)}…`,
    )
}

function changed(what: string): AppError {
  return new AppError('database_version', `The database was made by other migrations: ${what}`, {
    fix: 'An applied migration is never changed: restore its file and add a new one.',
  })
}
