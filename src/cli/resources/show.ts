import type { Command } from 'commander'
import type { Kind } from '../../inventory/documents/kinds.ts'
import { examples } from '../examples.ts'
import type { Session } from '../session.ts'
import { documentLines } from '../terminal/document.ts'
import { type AnyView, getView } from './calls.ts'

export function addShow(parent: Command, kind: Kind, session: Session): void {
  parent
    .command('show <name>')
    .description(`show a ${kind} with all its fields`)
    .addHelpText(
      'after',
      examples(
        `rackwright ${kind} show ${EXAMPLE_NAMES[kind]}`,
        `rackwright --json ${kind} show ${EXAMPLE_NAMES[kind]}`,
      ),
    )
    .action(async (name: string) => {
      const view = await getView(session.client(), kind, name)
      const { out } = session
      if (out.json) out.value(view)
      else out.lines(documentLines(kind === 'machine' ? stateFirst(view) : view, text => out.style.word(text)))
    })
}

/** Names of the example inventory, so that what the help shows can be tried. */
export const EXAMPLE_NAMES: Record<Kind, string> = {
  datacenter: 'lon1',
  room: 'lon1-hall1',
  rack: 'lon1-a12',
  network: 'lon1-provision',
  profile: 'compute-m',
  service: 'playlist',
  image: 'debian-13',
  window: 'weeknights',
  freeze: 'year-end',
  machine: 'lon1-a12-03',
}

/** What a machine is at present comes before what it should be: that is what one looks for at night. */
function stateFirst({ name, lifecycle, condition, power, activeJob, ...document }: AnyView): Record<string, unknown> {
  const { state, reason, until, detail } = condition as {
    state: string
    reason?: string
    until?: string
    detail?: unknown
  }
  const { state: powerState, observedAt } = power as { state: string; observedAt?: string }
  return {
    name,
    lifecycle,
    condition: state,
    ...(reason !== undefined && { reason }),
    ...(until !== undefined && { until }),
    power: observedAt === undefined ? powerState : `${powerState} (seen ${observedAt})`,
    ...(activeJob !== undefined && { activeJob }),
    ...document,
    ...(detail !== undefined && { detail }),
  }
}
