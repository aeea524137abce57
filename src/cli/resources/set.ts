import type { Command } from 'commander'
import { KINDS, type Kind } from '../../inventory/documents/kinds.ts'
import { examples } from '../examples.ts'
import type { Session } from '../session.ts'
import { printable } from '../terminal/text.ts'
import { changeView, getView } from './calls.ts'
import { valueAt } from './path.ts'
import { patchOf } from './set-words.ts'
import { EXAMPLE_NAMES } from './show.ts'

const EXAMPLES: Record<Kind, string> = {
  datacenter: 'timeZone=Europe/London',
  room: 'datacenter=lon1',
  rack: 'powerFeeds=a1,b1 switch=lon1-a12-tor1',
  network: 'vlan=120',
  profile: 'summary="two sockets, 256 GiB"',
  service: 'maxUnavailable=10%',
  image: 'sizeBytes=734003200',
  window: 'jitterMinutes=20',
  freeze: 'tiers=core,important',
  machine: 'labels.rail=2 bmc.username=root service=',
}

export function addSet(parent: Command, kind: Kind, session: Session): void {
  const list =
    kind === 'machine' ? [`rackwright machine set ${EXAMPLE_NAMES.machine} nics.0.switchPort=Ethernet12`] : []
  parent
    .command('set <name> <field=value...>')
    .description(`change fields of a ${kind}; 'field=' removes one, a list or object is written as JSON`)
    .addHelpText('after', examples(`rackwright ${kind} set ${EXAMPLE_NAMES[kind]} ${EXAMPLES[kind]}`, ...list))
    .action((name: string, words: string[]) => set(kind, name, words, session))
}

async function set(kind: Kind, name: string, words: readonly string[], session: Session): Promise<void> {
  const client = session.client()
  const before = await getView(client, kind, name)
  const after = await changeView(client, kind, before, patchOf(KINDS[kind].input, before, words))
  const { out } = session
  if (out.json) return out.value(after)
  if (after.revision === before.revision) return out.line(`${name} is like that already.`)
  out.line(`${name} changed`)
  for (const word of words) {
    const path = word.slice(0, word.indexOf('='))
    const keys = path.split('.')
    out.line(`  ${path}: ${shown(valueAt(before, keys))} -> ${shown(valueAt(after, keys))}`)
  }
}

function shown(value: unknown): string {
  if (value === undefined) return '-'
  return printable(typeof value === 'string' ? value : JSON.stringify(value))
}
