import type { Command } from 'commander'
import type { BodyOf } from '../../api/contract/endpoint.ts'
import { machineCondition } from '../../api/contract/machines.ts'
import { doEach } from '../each.ts'
import { examples } from '../examples.ts'
import { expandNames } from '../resources/names.ts'
import type { Session } from '../session.ts'
import { momentOf } from '../time.ts'

type Word = BodyOf<typeof machineCondition>

export function addConditions(parent: Command, session: Session): void {
  parent
    .command('maintain <name...>')
    .description('put machines into maintenance: no job and no request takes them')
    .requiredOption('--reason <text>', 'why, for those who find it at night')
    .option('--until <time>', 'when it should be over: 90m, 4h, 2d, or a time such as 2026-12-24T18:00:00Z')
    .addHelpText(
      'after',
      examples(
        "rackwright machine maintain lon1-a12-03 --reason 'DIMM B2 replaced, memory test' --until 4h",
        "rackwright machine maintain 'lon1-a12-*' --reason 'rack moves to hall 2'",
      ),
    )
    .action((given: string[], { reason, until }: { reason: string; until?: string }) =>
      put(session, given, {
        state: 'maintenance',
        reason,
        ...(until && { until: momentOf(until, '--until', new Date()) }),
      }),
    )
  parent
    .command('broken <name...>')
    .description('mark machines broken, until someone says that they are ok')
    .requiredOption('--reason <text>', 'what is broken')
    .addHelpText('after', examples("rackwright machine broken lon1-a12-03 --reason 'no POST, vendor case 4711'"))
    .action((given: string[], { reason }: { reason: string }) => put(session, given, { state: 'broken', reason }))
  parent
    .command('ok <name...>')
    .description('say that machines are well again')
    .addHelpText('after', examples('rackwright machine ok lon1-a12-03'))
    .action((given: string[]) => put(session, given, { state: 'ok' }))
}

async function put(session: Session, given: readonly string[], word: Word): Promise<void> {
  const client = session.client()
  const names = await expandNames(client, 'machine', given)
  await doEach(
    session,
    names.map(name => ({ name })),
    async ({ name }) => {
      const { condition } = await client.call(machineCondition, { params: { name }, body: word })
      return {
        name,
        done: `is ${condition.state === 'maintenance' ? 'in maintenance' : condition.state}${condition.until ? ` until ${condition.until}` : ''}`,
      }
    },
  )
}
