import type { Log } from '../log.ts'
import type { Binaries } from './binaries.ts'
import type { Account } from './commands.ts'
import type { Layout } from './layout.ts'

/** What the parts of this room share about one local server. */
export interface Site {
  layout: Layout
  binaries: Binaries
  /** Who the server runs as; undefined means: as we are. */
  account: Account | undefined
  /** Settings of PostgreSQL over ours. For tests only (`fsync: 'off'`). */
  settings: Readonly<Record<string, string>>
  log: Log
  /** Called with a sentence when something takes long enough for a person to wonder. */
  onProgress: (text: string) => void
  /** Ends every wait. */
  signal: AbortSignal
}
