import type { Command } from 'commander'
import type { BodyOf } from '../../api/contract/endpoint.ts'
import { machineLifecycle } from '../../api/contract/machines.ts'
import { doEach } from '../each.ts'
import { examples } from '../examples.ts'
import { expandNames } from '../resources/names.ts'
import type { Session } from '../session.ts'
import { requireConsent } from '../terminal/ask.ts'

type Step = BodyOf<typeof machineLifecycle>['event']

/** The steps of the lifecycle that need no job. */
const STEPS: Record<Step, { does: string; final?: true; example: string }> = {
  enroll: {
    does: 'take discovered machines into the inventory',
    example: 'rackwright machine enroll lon1-b03-01 lon1-b03-02',
  },
  adopt: {
    does: 'take over machines that are in use already: nothing is installed or wiped',
    example: "rackwright machine adopt 'lon1-b03-*'",
  },
  release: { does: 'give reserved machines back to stock', example: 'rackwright machine release lon1-a12-05' },
  retire: {
    does: 'take machines out of service for good',
    final: true,
    example: "rackwright machine retire 'lon1-a01-*' --yes",
  },
}

export function addLifecycle(parent: Command, session: Session): void {
  for (const [event, { does, final, example }] of Object.entries(STEPS) as [Step, (typeof STEPS)[Step]][]) {
    const command = parent.command(`${event} <name...>`).description(`${does}; * in a name is any text`)
    if (final) command.option('-y, --yes', 'do not ask')
    command.addHelpText('after', examples(example)).action(async (given: string[], { yes }: { yes?: boolean }) => {
      const client = session.client()
      const names = await expandNames(client, 'machine', given)
      if (final && !(await consent(session, names, yes))) return session.out.note('Nothing was changed.')
      await doEach(
        session,
        names.map(name => ({ name })),
        async ({ name }) => {
          const { lifecycle } = await client.call(machineLifecycle, { params: { name }, body: { event } })
          return { name, done: `is ${lifecycle}` }
        },
      )
    })
  }
}

async function consent(session: Session, names: readonly string[], yes: boolean | undefined): Promise<boolean> {
  if (!yes) session.out.note(names.map(name => `  ${name}`).join('\n'))
  const question = `Retire ${names.length === 1 ? 'this machine' : `these ${names.length} machines`} for good?`
  return requireConsent(session.around, { yes, question })
}
