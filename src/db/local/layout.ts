import { resolve } from 'node:path'
import { AppError } from '../../lib/errors.ts'

/** Where the parts of one local server are. */
export interface Layout {
  dataDir: string
  /** The files of PostgreSQL. Owned by the server's user, mode 0700. */
  files: string
  /** Holds the socket, our only door: whoever may enter is trusted. Owned by the server's user, mode 0700. */
  socketDir: string
  logFile: string
}

/** Names the socket only (`.s.PGSQL.5432`): the server listens on no network. */
const PORT = 5432
/** `sun_path` of unix(7) has 108 bytes, the last one is its end. */
const SOCKET_PATH_BYTES = 107

export const SUPERUSER = 'rackwright'
export const DATABASE = 'rackwright'
/** Exists from initdb on, and is never dropped: what belongs to the server and not to our data is done here. */
export const MAINTENANCE_DATABASE = 'postgres'

/** @throws AppError `invalid_config` when no socket can have so long a path. */
export function layoutOf(dataDir: string): Layout {
  const root = resolve(dataDir)
  const layout = { dataDir: root, files: `${root}/pgdata`, socketDir: `${root}/run`, logFile: `${root}/postgres.log` }
  const bytes = Buffer.byteLength(socketPath(layout))
  if (bytes > SOCKET_PATH_BYTES)
    throw new AppError(
      'invalid_config',
      `\`dataDir\` ${root} makes a socket path of ${bytes} bytes; ${SOCKET_PATH_BYTES} is the most`,
      {
        fix: 'Choose a shorter one, for example /var/lib/rackwright.',
      },
    )
  return layout
}

export function socketPath(layout: Layout): string {
  return `${layout.socketDir}/.s.PGSQL.${PORT}`
}

/** Understood by `pg` and by libpq (psql, pg_dump). TLS is off whatever PGSSLMODE says: there is no network. */
export function urlOf(layout: Layout, database: string = DATABASE): string {
  // Not URLSearchParams: libpq does not read its `+` as a space.
  const host = encodeURIComponent(layout.socketDir)
  return `postgres:///${database}?user=${SUPERUSER}&host=${host}&port=${PORT}&sslmode=disable`
}
