import type { Client } from '../../api/contract/client.ts'
import { type PlacedFault, PlacedFaults } from '../placed-faults.ts'
import type { Session } from '../session.ts'
import type { Progress } from '../terminal/progress.ts'
import { type Outcome, printOutcome } from './changes.ts'
import { type Prepared, prepare } from './prepare.ts'
import { type Read, withoutTwins } from './read.ts'
import { resolveSecrets } from './secrets.ts'
import { differing, send } from './send.ts'

/** Ten thousand machines at once take the controller a while; below the limit that `fetch` has of its own. */
const APPLY_TIMEOUT_MS = 290_000

/**
 * Brings the inventory to what was read, and prints what that changes. All or nothing.
 * @throws PlacedFaults every fault, where it stands; nothing is written then.
 */
export async function applyRead(session: Session, read: Read, { dryRun }: { dryRun: boolean }): Promise<void> {
  const outcome = await session.during('checking', progress => bring(session, withoutTwins(read), dryRun, progress))
  printOutcome(session.out, outcome)
}

async function bring(session: Session, read: Read, dryRun: boolean, progress: Progress): Promise<Outcome> {
  if (read.unreadable) throw new PlacedFaults(read.faults)
  const client = session.client(APPLY_TIMEOUT_MS)
  const missing = await resolveSecrets(read.documents, session.around.env)
  const prepared = read.documents.map(prepare)
  const faults = [...read.faults, ...missing, ...prepared.flatMap(one => one.faults)]
  if (faults.length > 0) throw new PlacedFaults([...faults, ...(await furtherFaults(client, prepared))])
  progress.say(`comparing ${prepared.length} documents`)
  const sending = await differing(client, prepared)
  if (sending.length === 0) return { dryRun, changes: [], unchanged: prepared.length }
  progress.say(`applying ${sending.length} of ${prepared.length} documents`)
  const sent = await send(client, sending, dryRun)
  if ('faults' in sent) throw new PlacedFaults(sent.faults)
  const changes = sent.changes.filter(change => change.action !== 'none')
  return { dryRun, changes, unchanged: prepared.length - changes.length }
}

/**
 * What the controller finds besides, so that a file is corrected in one go: names that do not exist, places that are
 * taken. Where it cannot be asked, the faults that are known are told all the same.
 */
async function furtherFaults(client: Client, prepared: readonly Prepared[]): Promise<PlacedFault[]> {
  const sent = await send(client, prepared, true).catch(() => undefined)
  return sent && 'faults' in sent ? sent.faults : []
}
