import { whoami } from '../../api/contract/tokens.ts'
import type { Define } from '../define.ts'
import { examples } from '../examples.ts'
import { documentLines } from '../terminal/document.ts'

export const defineWhoami: Define = (command, session) => {
  command.addHelpText('after', examples('rackwright whoami', 'rackwright --json whoami')).action(async () => {
    const client = session.client()
    const actor = await client.call(whoami, {})
    if (session.out.json) session.out.value(actor)
    else session.out.lines(documentLines({ ...actor, controller: client.options.url }))
  })
}
