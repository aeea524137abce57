import { escapeIdentifier } from 'pg'
import { AppError } from '../../lib/errors.ts'
import type { AppliedMigration } from '../migrations.ts'

/**
 * A backup is gzip over text that psql can load too, into a database with the same migrations and emptied tables:
 *
 *     -- Rackwright backup …          for people
 *     -- {"format":1,…}               Header
 *     begin; set local …              PREAMBLE
 *     COPY "public"."rack" ("name", …) FROM stdin;
 *     rows in PostgreSQL's text format, a line each
 *     \.
 *     SELECT pg_catalog.setval('"public"."event_id_seq"', 12, true);
 *     commit;
 *     -- {"rows":{"rack":3,…},"sha256":…}     Footer: of everything above it
 */
export const FORMAT = 1
export const END_OF_ROWS = '\\.\n'
export const COMMIT = 'commit;'
const TITLE = '-- Rackwright backup. Restore it with `rackwright restore FILE`.'
const FOOTER_START = '-- {"rows":'

/** What decides how values are written and read, whatever the server's configuration says. */
export const TEXT_SETTINGS = [
  `set local datestyle = 'ISO'`,
  `set local intervalstyle = 'postgres'`,
  'set local extra_float_digits = 3',
  'set local row_security = off',
]
/** The rows were whole when they were read: neither triggers nor foreign keys have to look at them again. */
export const NO_TRIGGERS = 'set local session_replication_role = replica'
const PREAMBLE = ['begin', ...TEXT_SETTINGS, NO_TRIGGERS].map(statement => `${statement};`).join(' ')

export interface Header {
  format: number
  productVersion: string
  createdAt: string
  /** Version of the server it was read from; any supported one can take it. */
  postgres: string
  migrations: readonly AppliedMigration[]
}

export interface Footer {
  rows: Readonly<Record<string, number>>
  sha256: string
}

/** A table of schema `public` and the columns that are copied: not generated ones, and not those of type xid8. */
export interface Table {
  name: string
  columns: readonly string[]
}

/** Text, as a sequence may hold more than a number can. */
export interface Sequence {
  name: string
  value: string
  isCalled: boolean
}

export function writeHeader(header: Header): string {
  return `${TITLE}\n-- ${JSON.stringify(header)}\n${PREAMBLE}\n`
}

/** @param lines the first three */
export function readHeader(lines: readonly string[]): Header {
  const [title, json = '', preamble] = lines
  const header: Header | undefined = title === TITLE && preamble === PREAMBLE ? parseComment(json) : undefined
  if (header?.format === FORMAT && Array.isArray(header.migrations)) return header
  if (header && header.format > FORMAT)
    throw new AppError(
      'database_version',
      `The backup has format ${header.format}, and this program reads up to ${FORMAT}`,
      {
        fix: `Restore it with version ${header.productVersion} or newer.`,
      },
    )
  throw damaged('it does not begin as a Rackwright backup does')
}

export function writeFooter(footer: Footer): string {
  return `-- ${JSON.stringify(footer)}\n`
}

export function isFooter(line: string): boolean {
  return line.startsWith(FOOTER_START)
}

export function readFooter(line: string): Footer {
  const footer: Footer | undefined = parseComment(line)
  if (!footer || typeof footer.sha256 !== 'string') throw damaged('its last line cannot be read')
  return footer
}

const COPY_LINE = /^COPY "public"\.("(?:[^"]|"")+") \(((?:"(?:[^"]|"")+"(?:, )?)+)\) FROM stdin;$/

/** A line of the backup, and the statement that takes its rows. */
export function writeCopy(table: Table): string {
  return `COPY ${qualified(table.name)} (${columnList(table)}) FROM stdin;\n`
}

/** The table and columns of a COPY line; undefined for any other line. Its text is never executed. */
export function readCopy(line: string): Table | undefined {
  const [, name, columns] = COPY_LINE.exec(line) ?? []
  if (!name || !columns) return undefined
  return { name: unquote(name), columns: (columns.match(/"(?:[^"]|"")+"/g) ?? []).map(unquote) }
}

const SETVAL_LINE = /^SELECT pg_catalog\.setval\('"public"\.((?:[^']|'')+)', (-?\d+), (true|false)\);$/

export function writeSequence({ name, value, isCalled }: Sequence): string {
  return `SELECT pg_catalog.setval('${qualified(name).replaceAll("'", "''")}', ${value}, ${isCalled});\n`
}

/** The sequence of a setval line; undefined for any other line. Its text is never executed. */
export function readSequence(line: string): Sequence | undefined {
  const [, name, value, isCalled] = SETVAL_LINE.exec(line) ?? []
  return name && value ? { name: unquote(name.replaceAll("''", "'")), value, isCalled: isCalled === 'true' } : undefined
}

export function columnList({ columns }: Table): string {
  return columns.map(column => escapeIdentifier(column)).join(', ')
}

/** Of schema `public`, quoted. */
export function qualified(name: string): string {
  return `"public".${escapeIdentifier(name)}`
}

export function damaged(why: string, cause?: unknown): AppError {
  return new AppError('backup_damaged', `The backup is damaged or incomplete: ${why}`, { cause })
}

function unquote(identifier: string): string {
  return identifier.slice(1, -1).replaceAll('""', '"')
}

/** Its readers check what it is. */
function parseComment(line: string) {
  try {
    return JSON.parse(line.slice('-- '.length))
  } catch {
    return undefined
  }
}
