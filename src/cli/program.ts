import { Command } from 'commander'
import { COMMANDS, COMPLETE, GROUPS } from './commands.ts'
import { EXIT, type Failure, failureLines, failureOf } from './failure.ts'
import { DEFAULT_URL, type Globals, Session, type Surroundings } from './session.ts'

/** Runs one command line and returns its exit code: 0 done, 1 failed, 2 not understood, 130 interrupted. */
export async function run(args: readonly string[], around: Surroundings): Promise<number> {
  const program = new Command('rackwright')
  const session: Session = new Session(
    around,
    () => program.opts<Globals>(),
    () => fill(new Command('rackwright'), session, () => true),
  )
  try {
    // Commands that the line does not mention are but names in the help: loading them all takes half a second.
    await fill(program, session, name => args.includes(name))
    await program.parseAsync(args, { from: 'user' })
    return EXIT.done
  } catch (error) {
    return report(session, program, args, error)
  }
}

async function fill(program: Command, session: Session, isNeeded: (name: string) => boolean): Promise<Command> {
  frame(program, session)
  for (const { name, group, summary, load } of COMMANDS) {
    const command = program.command(name).description(summary).helpGroup(GROUPS[group])
    if (isNeeded(name)) (await load())(command, session)
  }
  if (isNeeded(COMPLETE.name)) (await COMPLETE.load())(program.command(COMPLETE.name, { hidden: true }), session)
  return program
}

function frame(program: Command, session: Session): void {
  program
    .description('Bare metal, from a server screwed into a rack to a name that answers, and back into stock.')
    .option('--json', 'answer in JSON, and tell errors as a JSON object on standard error')
    .option('--url <url>', `the controller (default: RACKWRIGHT_URL, else ${DEFAULT_URL})`)
    .option('--token-file <file>', 'a file with the token (default: the token in RACKWRIGHT_TOKEN)')
    .option('--config <file>', 'the configuration, for commands that work without a controller')
    .helpOption('-h, --help', 'show what a command does, with examples')
    .helpCommand('help [command]', 'show what a command does, with examples')
    .configureHelp({ showGlobalOptions: false })
    .configureOutput({
      writeOut: text => session.out.line(text.trimEnd()),
      writeErr: text => session.out.note(text.trimEnd()),
      outputError: () => undefined, // `report` tells it
    })
    .exitOverride()
    .addHelpText('after', '\nEach command tells more, with examples: rackwright COMMAND --help')
}

function report(session: Session, program: Command, args: readonly string[], error: unknown): number {
  const failure = failureOf(error)
  const json = args.includes('--json')
  if (session.around.env.RACKWRIGHT_DEBUG === '1' && error instanceof Error)
    session.out.error(error.stack ?? error.message)
  if (json && failure.problem) session.out.error(JSON.stringify(failure.problem))
  else
    for (const line of [...failureLines(failure), ...advice(failure, session, program, args)]) session.out.error(line)
  return failure.exitCode
}

/** What only the command line knows about a problem. */
function advice({ problem, told }: Failure, session: Session, program: Command, args: readonly string[]): string[] {
  if (told) return []
  if (problem?.code === 'usage') return [`See: ${pathOf(program, args)} --help`]
  if (problem?.code === 'unauthenticated' && !session.hasToken)
    return [
      'RACKWRIGHT_TOKEN is not set. On the host of the controller `rackwright token create NAME --role admin --local` makes a token.',
    ]
  if (problem?.code === 'internal' && problem.status === undefined)
    return ['RACKWRIGHT_DEBUG=1 shows where this comes from.']
  return []
}

/** The command that the words lead to, as far as there is one. */
function pathOf(program: Command, args: readonly string[]): string {
  let [path, command] = ['rackwright', program]
  for (const word of args) {
    const next = command.commands.find(candidate => candidate.name() === word)
    if (!next) continue
    path += ` ${word}`
    command = next
  }
  return path
}
