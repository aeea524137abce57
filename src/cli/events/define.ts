import type { Client } from '../../api/contract/client.ts'
import { events, type TimelineEvent } from '../../api/contract/events.ts'
import type { Define } from '../define.ts'
import { examples } from '../examples.ts'
import { readNumber } from '../numbers.ts'
import type { EventQuery } from './follow.ts'
import { newest } from './newest.ts'
import { printEvents, printFollowed } from './print.ts'

const PAGE = 1_000
/** As many as one looks at. */
const NEWEST = 100

interface Options {
  follow?: boolean
  after?: number
  limit?: number
  machine?: string
  kind?: string
  source?: string
}

export const defineEvents: Define = (command, session) => {
  command
    .option('-f, --follow', 'what happens from now on (or after --after), until ^C; a lost connection is made again')
    .option(
      '--after <id>',
      'only what came after this event',
      readNumber('--after', { min: 0, max: Number.MAX_SAFE_INTEGER }),
    )
    .option('--limit <number>', 'how many in all; without --after the newest 100', readNumber('--limit', { min: 1 }))
    .option('--machine <name>', 'of one machine')
    .option('--kind <kind>', 'of one kind, such as machine.lifecycle')
    .option('--source <source>', 'of one source, such as inventory')
    .addHelpText(
      'after',
      examples(
        'rackwright events --follow',
        'rackwright events --kind machine.condition | tail',
        'rackwright events --after 1200 --limit 100',
        "rackwright --json events --follow --source inventory | jq -c '[.machine, .kind]'",
      ),
    )
    .action(async ({ follow, limit, ...query }: Options) => {
      const client = session.client()
      if (follow) return printFollowed(session, client, query)
      if (query.after === undefined) {
        const found = await newest(limit ?? NEWEST, page => client.call(events, { query: { ...query, ...page } }))
        return printEvents(session.out, found.toReversed())
      }
      for await (const items of past(client, query, limit ?? Number.POSITIVE_INFINITY)) {
        printEvents(session.out, items)
        if (session.out.gone.aborted) return
      }
    })
}

/** Events in their order, a page at a time. */
async function* past(client: Client, filter: EventQuery, limit: number): AsyncGenerator<TimelineEvent[]> {
  let after = filter.after ?? 0
  for (let left = limit; left > 0; ) {
    const count = Math.min(left, PAGE)
    const { items, next } = await client.call(events, { query: { ...filter, after, limit: count } })
    yield items
    left -= items.length
    after = next ?? after
    if (items.length < count) return
  }
}
