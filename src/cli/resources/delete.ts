import type { Command } from 'commander'
import { KINDS, type Kind } from '../../inventory/documents/kinds.ts'
import { doEach } from '../each.ts'
import { examples } from '../examples.ts'
import type { Session } from '../session.ts'
import { requireConsent } from '../terminal/ask.ts'
import { type AnyView, getView, removeView } from './calls.ts'
import { expandNames } from './names.ts'
import { EXAMPLE_NAMES } from './show.ts'

export function addDelete(parent: Command, kind: Kind, session: Session): void {
  const { plural } = KINDS[kind]
  parent
    .command('delete <name...>')
    .description(`remove ${plural} that nothing refers to; * in a name is any text`)
    .option('-y, --yes', 'do not ask')
    .addHelpText(
      'after',
      examples(`rackwright ${kind} delete ${EXAMPLE_NAMES[kind]}`, `rackwright ${kind} delete 'test-*' --yes`),
    )
    .action(async (given: string[], { yes }: { yes?: boolean }) => {
      const client = session.client()
      const names = await expandNames(client, kind, given)
      // Refused if it has changed since: what goes is what was looked at.
      const views: AnyView[] = []
      for (const name of names) views.push(await getView(client, kind, name))
      if (!yes) session.out.note(names.map(name => `  ${name}`).join('\n'))
      const question = `Remove ${names.length === 1 ? `this ${kind}` : `these ${names.length} ${plural}`}?`
      if (!(await requireConsent(session.around, { yes, question }))) return session.out.note('Nothing was removed.')
      await doEach(session, views, async view => {
        await removeView(client, kind, view)
        return { name: view.name, done: 'removed' }
      })
    })
}
