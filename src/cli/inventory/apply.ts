import type { Define } from '../define.ts'
import { examples } from '../examples.ts'
import type { Session } from '../session.ts'
import { sizeText } from '../terminal/document.ts'
import { applyRead } from './bring.ts'
import { readInventory } from './read.ts'
import { readSources } from './sources.ts'

interface Options {
  file: string[]
  dryRun?: boolean
}

export const defineApply: Define = (command, session) => {
  command
    .requiredOption('-f, --file <file...>', 'YAML files, directories of them, or - for standard input')
    .option('-n, --dry-run', 'show what would change, and write nothing')
    .addHelpText(
      'after',
      examples(
        'rackwright apply -f examples/two-datacenters --dry-run',
        'rackwright apply -f examples/two-datacenters',
        'rackwright apply -f racks.yaml machines.yaml',
        'rackwright export | rackwright apply -f -',
      ),
    )
    .action((options: Options) => apply(session, options))
}

/** YAML of this size takes a second to read. */
const LARGE_BYTES = 1_000_000

/** All files are one inventory: they may refer to each other, and all of it is applied or nothing. */
async function apply(session: Session, { file, dryRun = false }: Options): Promise<void> {
  const read = await session.during('reading', async progress => {
    const sources = await readSources(file, session.around.stdin)
    const bytes = sources.reduce((sum, { text }) => sum + text.length, 0)
    if (bytes > LARGE_BYTES) progress.sayNow(`reading ${sizeText(bytes)} of YAML …`)
    return readInventory(sources)
  })
  await applyRead(session, read, { dryRun })
}
