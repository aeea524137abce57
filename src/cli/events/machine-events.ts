import type { Command } from 'commander'
import { machineEvents } from '../../api/contract/machines.ts'
import { examples } from '../examples.ts'
import { readNumber } from '../numbers.ts'
import type { Session } from '../session.ts'
import { newest } from './newest.ts'
import { printEvents, printFollowed } from './print.ts'

interface Options {
  follow?: boolean
  limit: number
  kind?: string
  source?: string
}

export function addMachineEvents(parent: Command, session: Session): void {
  parent
    .command('events <name>')
    .description('show what happened to a machine, the newest last; with --json a line of JSON an event')
    .option('-f, --follow', 'go on with what happens, until ^C')
    .option('--limit <number>', 'how many of the past', readNumber('--limit', { min: 1 }), 50)
    .option('--kind <kind>', 'of one kind, such as machine.changed')
    .option('--source <source>', 'of one source, such as inventory')
    .addHelpText(
      'after',
      examples(
        'rackwright machine events lon1-a12-03',
        'rackwright machine events lon1-a12-03 --follow',
        'rackwright machine events lon1-a12-03 --kind machine.changed --limit 5',
      ),
    )
    .action((name: string, options: Options) => showEvents(session, name, options))
}

async function showEvents(session: Session, name: string, { follow, limit, ...filter }: Options): Promise<void> {
  const client = session.client()
  const past = await newest(limit, query =>
    client.call(machineEvents, { params: { name }, query: { ...filter, ...query } }),
  )
  printEvents(session.out, past.toReversed())
  if (follow) await printFollowed(session, client, { machine: name, after: past[0]?.id ?? 0, ...filter })
  else if (past.length === 0) session.out.note('There are none.')
}
