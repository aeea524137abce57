import { readFile } from 'node:fs/promises'
import { profileMatch } from '../../api/contract/machines.ts'
import { AppError, messageOf } from '../../lib/errors.ts'
import { parse } from '../../lib/schema.ts'
import type { Define } from '../define.ts'
import { examples } from '../examples.ts'
import { printMatches } from '../machines/hardware.ts'
import { defineKind } from '../resources/define.ts'

export const defineProfile: Define = (command, session) => {
  defineKind('profile')(command, session)
  command
    .command('match')
    .description('try which profiles some hardware fits, and why not the others')
    .requiredOption('-f, --file <file>', 'the hardware as JSON, as an inspection reports it')
    .addHelpText('after', examples('rackwright profile match -f examples/hardware.json'))
    .action(async ({ file }: { file: string }) => {
      const { profiles } = await session.client().call(profileMatch, { body: await readHardware(file) })
      if (session.out.json) session.out.value({ profiles })
      else printMatches(session.out, profiles)
    })
}

/** The file of `machine hardware --json` is taken, too: it has the hardware one level below. */
async function readHardware(file: string) {
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'))
    const { hardware = value } = (value ?? {}) as { hardware?: unknown }
    return parse(profileMatch.body, hardware, file)
  } catch (error) {
    if (error instanceof AppError) throw error
    throw new AppError('invalid_input', `${file} cannot be read: ${messageOf(error)}`, {
      cause: error,
      fix: 'Give a file of JSON.',
    })
  }
}
