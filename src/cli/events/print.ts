import type { Client } from '../../api/contract/client.ts'
import type { TimelineEvent } from '../../api/contract/events.ts'
import type { Session } from '../session.ts'
import type { Output } from '../terminal/output.ts'
import { pad, printable } from '../terminal/text.ts'
import { type EventQuery, followEvents } from './follow.ts'

/** One event a line: `--json` gives JSON lines, which never wait for an end. */
export function printEvents(out: Output, events: readonly TimelineEvent[]): void {
  out.lines(
    events.map(event => (out.json ? JSON.stringify(event) : eventLine(event, text => out.style.paint('gray', text)))),
  )
}

/** Prints what happens until ^C, or until nobody reads any more. @throws Interrupted at ^C */
export async function printFollowed(session: Session, client: Client, query: EventQuery): Promise<void> {
  const { signal, interrupted } = session.untilInterrupted()
  for await (const event of followEvents(client, { query, signal, onChange: text => session.out.note(text) }))
    printEvents(session.out, [event])
  interrupted.throwIfAborted()
}

const SUBJECT_WIDTH = 20
const KIND_WIDTH = 22

/** When, about what, what happened, by whom, and what else is known of it. */
function eventLine(
  { id, at, machine, job, request, source, kind, actor, data }: TimelineEvent,
  faint: (text: string) => string,
): string {
  const subject = [machine, job !== null && `job ${job}`, request !== null && `request ${request}`]
    .filter(Boolean)
    .join(' ')
  const who = actor === null ? source : `${source} by ${actor}`
  const when = at.replace('T', ' ').replace(/\.\d+Z$/, 'Z')
  return [
    faint(`${when} ${pad(String(id), 7, 'right')}`),
    pad(printable(subject || '-'), SUBJECT_WIDTH, 'left'),
    pad(printable(kind), KIND_WIDTH, 'left'),
    faint(printable(who)),
    printable(dataText(data)),
  ]
    .join('  ')
    .trimEnd()
}

/** `from=enrolled to=retired`, and what changed as `heightU: 1 -> 2`. A whole document is left to `--json`. */
function dataText(data: unknown): string {
  if (typeof data !== 'object' || data === null) return data === null || data === undefined ? '' : JSON.stringify(data)
  const { differences, ...fields } = data as { differences?: unknown }
  const words = Object.entries(fields)
    .filter(([name]) => name !== 'document')
    .map(([name, value]) => `${name}=${shown(value)}`)
  const changes = Array.isArray(differences)
    ? (differences as Difference[]).map(({ path, from, to }) => `${path}: ${shown(from)} -> ${shown(to)}`)
    : []
  return [...words, changes.join(', ')].join(' ')
}

interface Difference {
  path: string
  from?: unknown
  to?: unknown
}

function shown(value: unknown): string {
  if (value === undefined || value === null) return '-'
  return typeof value === 'string' && /^\S+$/.test(value) ? value : JSON.stringify(value)
}
