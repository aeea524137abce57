import type { Define } from '../define.ts'
import { examples } from '../examples.ts'
import type { Session } from '../session.ts'
import { requireConsent } from '../terminal/ask.ts'
import { sizeText } from '../terminal/document.ts'
import type { Progress } from '../terminal/progress.ts'
import { withDatabaseUrl } from './database.ts'

const KEY_FILE_NOTE =
  'The key file (secrets.keyFile) is not in it: without it no BMC password can be read. Keep a copy somewhere else.'

export const defineBackup: Define = (command, session) => {
  command
    .argument('<file>', 'what to write; replaced once the new backup is whole')
    .addHelpText(
      'after',
      examples(
        'rackwright backup /var/backups/rackwright.gz',
        'rackwright --config /etc/rackwright/rackwright.yaml backup today.gz',
      ),
    )
    .action((file: string) => backup(session, file))
}

async function backup(session: Session, file: string): Promise<void> {
  const { backup: write } = await import('../../db/backup/backup.ts')
  const { productVersion } = await import('../../api/version.ts')
  const { rows, bytes } = await session.during('backing up', progress =>
    withDatabaseUrl(session, url =>
      write({ url, file, productVersion: productVersion(), onProgress: copied => say(progress, copied) }),
    ),
  )
  const { out } = session
  if (out.json) return out.value({ file, bytes, rows })
  out.line(`${file}: ${count(rows)} rows, ${sizeText(bytes)}`)
  out.note(KEY_FILE_NOTE)
}

interface RestoreOptions {
  replace?: boolean
  yes?: boolean
}

export const defineRestore: Define = (command, session) => {
  command
    .argument('<file>', 'a backup')
    .option('--replace', 'throw away what the database holds; without it, only an empty one is taken')
    .option('-y, --yes', 'do not ask')
    .addHelpText(
      'after',
      examples('rackwright restore /var/backups/rackwright.gz', 'rackwright restore today.gz --replace --yes'),
    )
    .action((file: string, options: RestoreOptions) => restore(session, file, options))
}

async function restore(session: Session, file: string, { replace = false, yes }: RestoreOptions): Promise<void> {
  const question = 'Throw away everything that the database holds now?'
  if (replace && !(await requireConsent(session.around, { yes, question })))
    return session.out.note('Nothing was changed.')
  const { restore: read } = await import('../../db/backup/restore.ts')
  const { header, rows, migrated } = await session.during('restoring', progress =>
    withDatabaseUrl(session, url => read({ url, file, replace, onProgress: copied => say(progress, copied) }), {
      create: true,
    }),
  )
  const { out } = session
  const { createdAt, productVersion } = header
  if (out.json) return out.value({ file, createdAt, productVersion, rows, migrated: migrated.map(({ id }) => id) })
  out.line(
    `${count(rows)} rows of ${createdAt} are back${migrated.length > 0 ? `, and ${migrated.length} newer migrations applied` : ''}`,
  )
  out.note(
    'Give the controller the key file (secrets.keyFile) that belongs to it: the BMC passwords are sealed with that.',
  )
}

interface Copied {
  table: string
  tablesDone: number
  tables: number
  bytes: number
}

function say(progress: Progress, { table, tablesDone, tables, bytes }: Copied): void {
  progress.say(`${table} (${tablesDone} of ${tables} tables, ${sizeText(Math.max(1, bytes))})`)
}

const count = (rows: Readonly<Record<string, number>>): number =>
  Object.values(rows).reduce((sum, number) => sum + number, 0)
