import { Argument } from 'commander'
import { KINDS } from '../../inventory/documents/kinds.ts'
import type { Define } from '../define.ts'
import { examples } from '../examples.ts'
import { SHELLS, type Shell } from './scripts.ts'
import { spotsOf } from './words.ts'

/** The kinds of names that the controller can complete, and where it lists them. */
function plurals(): Record<string, string> {
  return { ...Object.fromEntries(Object.entries(KINDS).map(([kind, { plural }]) => [kind, plural])), token: 'tokens' }
}

export const defineCompletion: Define = (command, session) => {
  command
    .addArgument(new Argument('<shell>', 'for which shell').choices(Object.keys(SHELLS)))
    .addHelpText(
      'after',
      examples(
        'source <(rackwright completion bash)',
        'rackwright completion zsh > ~/.zsh/completions/_rackwright',
        'rackwright completion fish > ~/.config/fish/completions/rackwright.fish',
      ),
    )
    .action(async (shell: Shell) => {
      const spots = spotsOf(await session.wholeProgram(), plurals())
      session.out.line(SHELLS[shell](spots))
    })
}
