import type { Change } from '../../api/contract/inventory.ts'
import type { Output } from '../terminal/output.ts'
import { printable } from '../terminal/text.ts'

export interface Outcome {
  dryRun: boolean
  /** What was created or changed, or would be. */
  changes: readonly Change[]
  unchanged: number
}

/** What apply did or would do: a line a document, below it what changes; then how many. */
export function printOutcome(out: Output, { dryRun, changes, unchanged }: Outcome): void {
  const created = changes.filter(change => change.action === 'create').length
  const changed = changes.length - created
  if (out.json) return out.value({ dryRun, created, changed, unchanged, changes })
  for (const change of changes) out.lines(changeLines(change, (style, text) => out.style.paint(style, text)))
  const total = `${unchanged} ${unchanged === 1 ? 'document is' : 'documents are'}`
  if (changes.length === 0)
    return out.line(`Nothing to change: ${total} as the inventory has ${unchanged === 1 ? 'it' : 'them'}.`)
  out.line(
    `${dryRun ? 'Would be: ' : ''}${created} created, ${changed} changed, ${unchanged} unchanged${dryRun ? '. Nothing was written.' : ''}`,
  )
}

type Paint = (style: 'green' | 'yellow', text: string) => string

function changeLines({ kind, name, action, differences }: Change, paint: Paint): string[] {
  if (action === 'create') return [paint('green', `+ ${kind} ${name}`)]
  const lines = differences.map(({ path, from, to }) => `    ${printable(path)}: ${shown(from)} -> ${shown(to)}`)
  return [paint('yellow', `~ ${kind} ${name}`), ...lines]
}

function shown(value: unknown): string {
  if (value === undefined) return '-'
  return printable(typeof value === 'string' ? value : JSON.stringify(value))
}
