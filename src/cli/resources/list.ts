import { type Command, Option } from 'commander'
import type { TSchema } from 'typebox'
import { LABEL_PATTERN, Line } from '../../inventory/documents/fields.ts'
import { KINDS, type Kind } from '../../inventory/documents/kinds.ts'
import { FILTERS, SORTS } from '../../inventory/documents/status.ts'
import { examples } from '../examples.ts'
import { addListOptions, chooseColumns, type ListOptions, printList } from '../lists.ts'
import { readNumber } from '../numbers.ts'
import type { Session } from '../session.ts'
import { pages } from './calls.ts'
import { columnsOf, fieldColumn } from './columns.ts'

interface Options extends ListOptions {
  sort?: string
  limit?: number
  output?: 'wide' | 'name'
}

const EXAMPLES: Partial<Record<Kind, readonly string[]>> = {
  machine: [
    'rackwright machine list --datacenter lon1 --lifecycle available --condition ok',
    'rackwright machine list --rack lon1-a12 --sort place',
    'rackwright machine list --q 10.20.0.15',
    'rackwright machine list --condition broken --columns name,reason,serial,bmc.address',
    "rackwright --json machine list --label rail=2 | jq '.[].name'",
  ],
}

/** `rackwright KIND list`: every filter of the contract is an option. */
export function addList(parent: Command, kind: Kind, session: Session): void {
  const { plural } = KINDS[kind]
  const sorts = SORTS[kind].flatMap(key => [key, `-${key}`])
  const command = parent.command('list').description(`list ${plural}`)
  for (const [name, schema] of Object.entries<TSchema>(FILTERS[kind])) command.addOption(filterOption(name, schema))
  command
    .addOption(new Option('--sort <key>', 'the order; a leading - turns it round').choices(sorts).default('name'))
    .option('--limit <number>', 'how many in all', readNumber('--limit', { min: 1 }))
    .addOption(new Option('-o, --output <form>', 'more columns, or names only, one a line').choices(['wide', 'name']))
  const plain = [`rackwright ${kind} list`, `rackwright ${kind} list -o wide`, `rackwright --json ${kind} list`]
  addListOptions(command)
    .addHelpText('after', examples(...(EXAMPLES[kind] ?? plain)))
    .action((options: Options) => list(kind, options, session))
}

async function list(kind: Kind, options: Options, session: Session): Promise<void> {
  const { out } = session
  const columns = chooseColumns(columnsOf(kind), options, {
    wide: options.output === 'wide',
    other: name => fieldColumn(kind, name),
  })
  const { sort, limit } = options
  const batches = pages(session.client(), kind, { filter: filterOf(kind, options), sort, limit })
  if (options.output !== 'name' || out.json) return printList(out, columns, batches, options)
  for await (const views of batches) {
    out.lines(views.map(view => view.name))
    if (out.gone.aborted) return
  }
}

function filterOf(kind: Kind, options: object): Record<string, string> {
  return Object.fromEntries(Object.entries(options).filter(([name]) => name in FILTERS[kind]))
}

const kebab = (name: string): string => name.replaceAll(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)

function filterOption(name: string, schema: TSchema): Option {
  const flag = kebab(name)
  if (name === 'q')
    return new Option('--q <text>', 'a part of the name, serial or host name; or a whole MAC, address or UUID')
  const { pattern, anyOf, description } = schema as {
    pattern?: string
    anyOf?: { const: string }[]
    description?: string
  }
  // A name explains itself; what names look like does not help.
  const plain = pattern === LABEL_PATTERN || schema === Line || anyOf !== undefined
  const option = new Option(
    `--${flag} <${flag.split('-').at(-1)}>`,
    plain ? `of this ${flag.replaceAll('-', ' ')}` : description,
  )
  return anyOf ? option.choices(anyOf.map(word => word.const)) : option
}
