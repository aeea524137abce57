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

/** Whose migrations are compared with ours, and what to do when they are newer. */
const ORIGINS = {
  database: 'Start the newer version again, or restore a backup from before the upgrade.',
  backup: 'Restore it with the version that wrote it, or a newer one.',
} as const

/**
 * The files yet to be applied to `origin`.
 * @throws AppError `database_version` when what was applied is not the beginning of `files`.
 */
export function planMigrations(
  files: readonly Migration[],
  applied: readonly AppliedMigration[],
  origin: keyof typeof ORIGINS = 'database',
): Migration[] {
  const unknown = applied.filter(row => row.id > files.length).map(row => row.name)
  if (unknown.length > 0)
    throw new AppError(
      'database_version',
      `The ${origin} is newer than this program, which does not know ${unknown.join(', ')}`,
      {
        fix: ORIGINS[origin],
      },
    )
  const differences = applied.flatMap((row, index) => difference(row, index + 1, files[index]) ?? [])
  if (differences.length > 0)
    throw new AppError('database_version', `The ${origin} was made by other migrations: ${differences.join('; ')}`, {
      fix: 'An applied migration is never changed: bring its file back and add a new one.',
    })
  return files.slice(applied.length)
}

function difference(row: AppliedMigration, expected: number, file: Migration | undefined): string | undefined {
  if (row.id !== expected) return `${expected} was never applied, but ${row.name} was`
  if (!file || row.sha256 === file.sha256) return undefined
  return `${row.name} was applied with sha256 ${row.sha256.slice(0, 12)}…, ${file.name} has ${file.sha256.slice(0, 12)}…`
}
