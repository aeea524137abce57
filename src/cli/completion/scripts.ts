import { optionCases, spotCases, stepCases } from './cases.ts'
import type { Spot, Value } from './words.ts'

/** The shells that a completion can be made for. Each asks the controller for names by `rackwright __complete`. */
export const SHELLS = { bash: bashScript, zsh: zshScript, fish: fishScript } as const
export type Shell = keyof typeof SHELLS

const walkWords = (
  spots: readonly Spot[],
  loop: string,
  word: string,
): string => `  local word prev='' at='' reply='' names='' files=''
  ${loop}
    word=${word}
    case "$at $word" in
${stepCases(spots)}
    esac
    prev=$word
  done
  case "$at|$prev" in
${optionCases(spots)}
    *) case "$at" in
${spotCases(spots)}
    esac ;;
  esac`

function bashScript(spots: readonly Spot[]): string {
  return `# Completion of rackwright for bash: source <(rackwright completion bash)
_rackwright() {
  local i cur=\${COMP_WORDS[COMP_CWORD]}
${walkWords(spots, 'for ((i = 1; i < COMP_CWORD; i++)); do', '${COMP_WORDS[i]}')}
  case "$cur" in -*) ;; *) [[ -n $names ]] && reply="$reply $(rackwright __complete "$names" -- "$cur" 2>/dev/null)" ;; esac
  COMPREPLY=($(compgen -W "$reply" -- "$cur"))
  [[ -n $files ]] && COMPREPLY+=($(compgen -f -- "$cur")) && compopt -o filenames
  return 0
}
complete -F _rackwright rackwright`
}

function zshScript(spots: readonly Spot[]): string {
  return `#compdef rackwright
# Completion of rackwright for zsh: source <(rackwright completion zsh)
_rackwright() {
  local i cur=$words[CURRENT]
${walkWords(spots, 'for ((i = 2; i < CURRENT; i++)); do', '$words[i]')}
  case "$cur" in -*) ;; *) [[ -n $names ]] && reply="$reply $(rackwright __complete "$names" -- "$cur" 2>/dev/null)" ;; esac
  compadd -- \${(f)"$(print -rl -- \${=reply})"}
  [[ -n $files ]] && _files
  return 0
}
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }
compdef _rackwright rackwright`
}

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", String.raw`\'`)}'`

function fishScript(spots: readonly Spot[]): string {
  const paths = spots.map(spot => quoted(spot.path)).filter(path => path !== "''")
  return `# Completion of rackwright for fish: rackwright completion fish | source
function __rackwright_at
    set -l at
    for word in (commandline -opc)[2..-1]
        set -l next (string join -- ' ' $at $word)
        contains -- $next ${paths.join(' ')}; and set at $at $word
    end
    string join -- ' ' $at
end
function __rackwright_names
    rackwright __complete $argv[1] -- (commandline -ct) 2>/dev/null
end
complete -c rackwright -f
${spots.flatMap(fishLines).join('\n')}`
}

function fishLines({ path, commands, options, value }: Spot): string[] {
  const start = `complete -c rackwright -n ${quoted(`test "$(__rackwright_at)" = "${path}"`)}`
  return [
    ...commands.map(({ name, does }) => `${start} -a ${name} -d ${quoted(does)}`),
    ...options.map(
      option =>
        `${start} ${option.flags.map(fishFlag).join(' ')}${fishValue(option.value, true)} -d ${quoted(option.does)}`,
    ),
    ...(value ? [`${start}${fishValue(value, false)}`] : []),
  ].filter(line => line !== start)
}

const fishFlag = (flag: string): string => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`)

/** -x: only what is said here, no files. */
function fishValue(value: Value | undefined, isOption: boolean): string {
  if (value === undefined) return ''
  if ('files' in value) return isOption ? ' -r -F' : ' -F'
  const exclusive = isOption ? ' -x' : ''
  if ('choices' in value) return `${exclusive} -a ${quoted(value.choices.join(' '))}`
  return 'names' in value ? `${exclusive} -a ${quoted(`(__rackwright_names ${value.names})`)}` : exclusive
}
