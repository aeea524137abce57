import type { Spot, Value } from './words.ts'

/** Rows of shell `case`s, the same for bash and zsh: they set `at`, `reply`, `names` and `files`. */

const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`

/** `at`: from where one is, a word may lead on. */
export function stepCases(spots: readonly Spot[]): string {
  const steps = spots.filter(spot => spot.path !== '').map(({ path }) => quoted(path.includes(' ') ? path : ` ${path}`))
  return `      ${steps.join('|')}) at="\${at:+$at }$word" ;;`
}

/** What an option takes, by where one is and the word before. */
export function optionCases(spots: readonly Spot[]): string {
  const rows = spots.flatMap(({ path, options }) =>
    options.flatMap(({ flags, value }) =>
      value ? [`    ${flags.map(flag => quoted(`${path}|${flag}`)).join('|')}) ${setting(value)} ;;`] : [],
    ),
  )
  return rows.join('\n')
}

/** What can follow where one is: commands, names, options. */
export function spotCases(spots: readonly Spot[]): string {
  return spots
    .map(({ path, commands, options, value }) => {
      const words = [...commands.map(({ name }) => name), ...options.flatMap(({ flags }) => flags)]
      return `      ${quoted(path)}) reply=${quoted(words.join(' '))}${value ? `; ${setting(value, 'more')}` : ''} ;;`
    })
    .join('\n')
}

function setting(value: Value, add?: 'more'): string {
  if ('choices' in value)
    return add ? `reply="$reply ${value.choices.join(' ')}"` : `reply=${quoted(value.choices.join(' '))}`
  if ('names' in value) return `names=${value.names}`
  return 'files' in value ? 'files=1' : ':'
}
