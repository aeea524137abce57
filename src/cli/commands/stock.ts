import { stock } from '../../api/contract/system.ts'
import type { ReplyOf } from '../../api/contract/endpoint.ts'
import type { Define } from '../define.ts'
import { examples } from '../examples.ts'
import type { Column } from '../terminal/table.ts'
import { addListOptions, chooseColumns, type ListOptions, printList } from '../lists.ts'

type Row = ReplyOf<typeof stock>['items'][number]

const count = (name: Exclude<keyof Row, 'datacenter' | 'profile'>): Column<Row> => ({
  name,
  value: row => row[name],
  align: 'right',
})

const COLUMNS: readonly Column<Row>[] = [
  { name: 'datacenter', title: 'dc', value: row => row.datacenter },
  { name: 'profile', value: row => row.profile },
  ...(['total', 'free', 'expected', 'commissioning', 'reserved', 'inUse', 'recycling', 'held', 'retired'] as const).map(
    count,
  ),
]

interface Options extends ListOptions {
  datacenter?: string
  profile?: string
}

export const defineStock: Define = (command, session) => {
  command.option('--datacenter <name>', 'of one datacenter').option('--profile <name>', 'of one profile')
  addListOptions(command)
    .addHelpText(
      'after',
      examples(
        'rackwright stock',
        'rackwright stock --datacenter lon1 --columns profile,free,total',
        'rackwright --json stock',
      ),
    )
    .action(async ({ datacenter, profile, ...options }: Options) => {
      const columns = chooseColumns(COLUMNS, options)
      const query = { ...(datacenter && { datacenter }), ...(profile && { profile }) }
      const { items } = await session.client().call(stock, { query })
      await printList(session.out, columns, [items], options)
    })
}
