import { open, rename, rm } from 'node:fs/promises'
import { Option } from 'commander'
import type { Client } from '../../api/contract/client.ts'
import { type Kind, KIND_NAMES, KINDS } from '../../inventory/documents/kinds.ts'
import { AppError, messageOf } from '../../lib/errors.ts'
import type { Define } from '../define.ts'
import { examples } from '../examples.ts'
import { pages } from '../resources/calls.ts'
import type { Session } from '../session.ts'
import { withoutDefaults } from './defaults.ts'

interface Options {
  kind?: Kind[]
  output?: string
}

export const defineExport: Define = (command, session) => {
  command
    .addOption(new Option('--kind <kind...>', 'only these kinds').choices(KIND_NAMES))
    .option('-o, --output <file>', 'into a file, which is replaced once all of it is written')
    .addHelpText(
      'after',
      examples(
        'rackwright export > inventory.yaml',
        'rackwright export --kind rack network -o places.yaml',
        'rackwright export | rackwright apply -f - --dry-run',
      ),
    )
    .action(({ kind = [...KIND_NAMES], output }: Options) => exportInventory(session, kind, output))
}

async function exportInventory(session: Session, kinds: readonly Kind[], file: string | undefined): Promise<void> {
  const { out } = session
  const client = session.client()
  const chosen = KIND_NAMES.filter(kind => kinds.includes(kind))
  const chunks = out.json ? asJson(client, chosen) : asYaml(client, chosen)
  if (file !== undefined) return session.during(`writing ${file}`, () => writeFile(file, chunks))
  for await (const chunk of chunks) {
    out.write(chunk)
    if (out.gone.aborted) return
  }
}

const header = (url: string): string =>
  [
    `# The inventory of ${url}, exported ${new Date().toISOString()}.`,
    '# Apply it with: rackwright apply -f FILE. Applied where it came from, it changes nothing.',
    '# Fields at their default are left out. BMC passwords are not in it: the controller does not give them back.',
  ].join('\n')

async function* asYaml(client: Client, kinds: readonly Kind[]): AsyncGenerator<string> {
  const { stringify } = await import('yaml')
  yield `${header(client.options.url)}\n`
  for (const kind of kinds) {
    let begun = false
    for await (const documents of exported(client, kind)) {
      if (documents.length === 0) continue
      // 1.1: other programs read `no` and `12:30` as YAML did before 2009, so such words get their quotes.
      const list = stringify(documents, { version: '1.1', lineWidth: 120 }).trimEnd().split('\n')
      yield `${begun ? '' : `\n${KINDS[kind].plural}:\n`}${list.map(line => `  ${line}\n`).join('')}`
      begun = true
    }
  }
}

async function* asJson(client: Client, kinds: readonly Kind[]): AsyncGenerator<string> {
  const inventory: Record<string, unknown[]> = {}
  for (const kind of kinds) {
    const list: unknown[] = []
    for await (const documents of exported(client, kind)) list.push(...documents)
    if (list.length > 0) inventory[KINDS[kind].plural] = list
  }
  yield `${JSON.stringify(inventory, null, 2)}\n`
}

async function* exported(client: Client, kind: Kind): AsyncGenerator<unknown[]> {
  for await (const views of pages(client, kind)) yield views.map(view => withoutDefaults(KINDS[kind].schema, view))
}

/** Whole or not there. */
async function writeFile(file: string, chunks: AsyncIterable<string>): Promise<void> {
  const fresh = `${file}.new-${process.pid}`
  try {
    const handle = await open(fresh, 'wx', 0o644)
    try {
      for await (const chunk of chunks) await handle.write(chunk)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(fresh, file)
  } catch (error) {
    await rm(fresh, { force: true })
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error
    throw new AppError('invalid_input', `${file} cannot be written: ${messageOf(error)}`, {
      cause: error,
      fix: 'Choose another file.',
    })
  }
}
