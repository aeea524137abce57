import type { Command } from 'commander'
import type { ReplyOf } from '../../api/contract/endpoint.ts'
import { machineHardware } from '../../api/contract/machines.ts'
import { examples } from '../examples.ts'
import type { Session } from '../session.ts'
import { documentLines } from '../terminal/document.ts'
import type { Output } from '../terminal/output.ts'

type Match = ReplyOf<typeof machineHardware>['profiles'][number]

export function addHardware(parent: Command, session: Session): void {
  parent
    .command('hardware <name>')
    .description('show what the last inspection found, and which profiles that fits')
    .addHelpText(
      'after',
      examples(
        'rackwright machine hardware lon1-a12-03',
        'rackwright --json machine hardware lon1-a12-03 > hardware.json',
      ),
    )
    .action(async (name: string) => {
      const { out } = session
      const { hardware, profiles } = await session.client().call(machineHardware, { params: { name } })
      if (out.json) return out.value({ hardware, profiles })
      if (typeof hardware !== 'object' || hardware === null)
        return out.line(`${name} was not inspected yet: its first boot into the agent does that.`)
      out.lines(documentLines({ ...hardware }))
      printMatches(out, profiles)
    })
}

/** Which profiles fit, then why the others do not. */
export function printMatches(out: Output, profiles: readonly Match[]): void {
  const table = out.table<Match>([
    { name: 'profile', value: match => match.profile },
    { name: 'fits', value: match => match.matches },
    { name: 'why not', value: match => match.reasons.join('; ') },
  ])
  const sorted = profiles.toSorted((a, b) => Number(b.matches) - Number(a.matches))
  if (sorted.length === 0) out.note('There are no profiles to compare with.')
  else out.lines(table.lines(sorted))
}
