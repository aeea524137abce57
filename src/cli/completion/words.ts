import type { Argument, Command, Option } from 'commander'

/** What can stand where a value is expected. */
export type Value = { choices: readonly string[] } | { names: string } | { files: true } | { any: true }

/** What can follow a command: taken from the commands themselves, so that it cannot differ from them. */
export interface Spot {
  /** The words that lead here: `machine list`; '' for the command itself. */
  path: string
  /** Commands below, with what they do. */
  commands: readonly { name: string; does: string }[]
  options: readonly { flags: readonly string[]; does: string; value: Value | undefined }[]
  value: Value | undefined
}

const FILES: Value = { files: true }
const ANY: Value = { any: true }

/** Every spot of a program. `plurals`: of the kinds whose names the controller can complete, by kind. Pure. */
export function spotsOf(program: Command, plurals: Readonly<Record<string, string>>): Spot[] {
  const globals = program.options
  return walk(program, [], { globals, plurals })
}

interface Context {
  globals: readonly Option[]
  plurals: Readonly<Record<string, string>>
}

function walk(command: Command, words: readonly string[], context: Context): Spot[] {
  const commands = command.commands.filter(one => !one.name().startsWith('_'))
  const options = words.length === 0 ? command.options : [...command.options, ...context.globals]
  const [kind = ''] = words
  const [argument] = command.registeredArguments
  const spot: Spot = {
    path: words.join(' '),
    commands: commands.map(one => ({ name: one.name(), does: one.description() })),
    options: options.map(option => ({
      flags: [option.short, option.long].filter(flag => flag !== undefined),
      does: option.description,
      value: option.required ? valueOfOption(option, context) : undefined,
    })),
    value: argument && valueOfArgument(argument, context.plurals[kind]),
  }
  return [spot, ...commands.flatMap(one => walk(one, [...words, one.name()], context))]
}

function valueOfOption(option: Option, { plurals }: Context): Value {
  if (option.argChoices) return { choices: option.argChoices }
  if (/<file/.test(option.flags)) return FILES
  const names = plurals[option.attributeName()]
  return names === undefined ? ANY : { names }
}

function valueOfArgument(argument: Argument, names: string | undefined): Value {
  if (argument.argChoices) return { choices: argument.argChoices }
  if (argument.name() === 'file') return FILES
  return argument.name() === 'name' && names !== undefined ? { names } : ANY
}
