import type { Command } from 'commander'
import { machineBmcPassword } from '../../api/contract/machines.ts'
import { examples } from '../examples.ts'
import type { Session } from '../session.ts'
import { readSecret } from '../terminal/secret.ts'

export function addBmcPassword(parent: Command, session: Session): void {
  parent
    .command('bmc-password <name>')
    .description(
      'store the password of a BMC: asked for, or read from standard input; never an argument, which others can see',
    )
    .addHelpText(
      'after',
      examples(
        'rackwright machine bmc-password lon1-a12-03',
        'pass show bmc/lon1-a12-03 | rackwright machine bmc-password lon1-a12-03',
      ),
    )
    .action(async (name: string) => {
      const password = await readSecret(session.around, `BMC password of ${name}: `)
      await session.client().call(machineBmcPassword, { params: { name }, body: { password } })
      const { out } = session
      if (out.json) out.value({ name, bmcPasswordSet: true })
      else out.line(`${name}: the password is sealed and will not be shown again`)
    })
}
