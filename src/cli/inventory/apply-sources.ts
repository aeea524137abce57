import type { Client } from '../../api/contract/client.ts'
import { type PlacedFault, PlacedFaults } from '../failure.ts'
import type { Session } from '../session.ts'
import { printOutcome } from './changes.ts'
import { type Prepared, prepare } from './prepare.ts'
import { readInventory } from './read.ts'
import { resolveSecrets } from './secrets.ts'
import { differing, send } from './send.ts'
import type { Source } from './sources.ts'

/** Ten thousand machines at once take the controller a while; below the limit that `fetch` has of its own. */
const APPLY_TIMEOUT_MS = 290_000

/** Brings the inventory to what the texts say. @throws PlacedFaults every fault, where it stands; nothing is written then. */
export async function applySources(
  session: Session,
  sources: readonly Source[],
  { dryRun }: { dryRun: boolean },
): Promise<void> {
  const client = session.client(APPLY_TIMEOUT_MS)
  const outcome = await session.during('reading', async progress => {
    const read = readInventory(sources)
    if (read.unreadable) throw new PlacedFaults(read.faults)
    const missing = await resolveSecrets(read.documents, session.around.env)
    const prepared = read.documents.map(prepare)
    const faults = [...read.faults, ...missing, ...prepared.flatMap(one => one.faults)]
    if (faults.length > 0) {
      progress.say('checking all of it')
      throw new PlacedFaults([...faults, ...(await furtherFaults(client, prepared))])
    }
    progress.say(`comparing ${prepared.length} documents`)
    const sending = await differing(client, prepared)
    if (sending.length === 0) return { dryRun, changes: [], unchanged: prepared.length }
    progress.say(`applying ${sending.length} documents`)
    const sent = await send(client, sending, dryRun)
    if ('faults' in sent) throw new PlacedFaults(sent.faults)
    const changes = sent.changes.filter(change => change.action !== 'none')
    return { dryRun, changes, unchanged: prepared.length - changes.length }
  })
  printOutcome(session.out, outcome)
}

/**
 * What the controller finds besides, so that a file is corrected in one go: names that do not exist, places that are
 * taken. Where it cannot be asked, the faults that are known are told all the same.
 */
async function furtherFaults(client: Client, prepared: readonly Prepared[]): Promise<PlacedFault[]> {
  const sent = await send(client, prepared, true).catch(() => undefined)
  return sent && 'faults' in sent ? sent.faults : []
}
