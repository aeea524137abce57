import type { Kysely } from 'kysely'
import type { Db } from '../../db/schema.ts'
import type { Document } from '../documents/kinds.ts'
import { load } from '../store/load.ts'
import { give } from './give.ts'

type Machine = Document<'machine'>
/** Where an address that is still to be given goes. */
type Slot = (ip: string) => void

export interface Resolved {
  document: Machine
  /** Addresses that were not asked for by number. */
  given: ReadonlySet<string>
}

/**
 * Fills in the addresses that documents leave to us: the one a NIC has in that network already (`before`), else the
 * lowest free one. `spoken`: addresses that are promised already; ours are added. Comes back in the same order.
 */
export async function resolveAddresses(
  db: Kysely<Db>,
  machines: readonly { document: Machine; before: Machine | undefined }[],
  spoken: Set<string>,
): Promise<Resolved[]> {
  const open = new Map<string, Slot[]>()
  const resolved = machines.map(({ document, before }) =>
    keepAddresses(structuredClone(document), before, spoken, open),
  )
  // Networks in the order of their names: `give` locks them.
  for (const [network, slots] of [...open].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const [stored] = await load(db, 'network', [network])
    if (!stored) continue
    const ips = await give(db, stored.document, slots.length, spoken)
    for (const [at, take] of slots.entries()) take(ips[at] ?? '')
  }
  return resolved
}

/** The addresses that a document names. */
export const chosenAddresses = (machine: Machine): string[] =>
  [machine.bmc?.address, ...machine.nics.flatMap(nic => nic.addresses.map(({ ip }) => ip))].filter(
    ip => ip !== undefined,
  )

function keepAddresses(
  document: Machine,
  before: Machine | undefined,
  spoken: Set<string>,
  open: Map<string, Slot[]>,
): Resolved {
  const given = new Set<string>()
  const fill = (network: string, candidates: readonly string[], set: (ip: string) => void) => {
    const take = (ip: string) => {
      spoken.add(ip)
      given.add(ip)
      set(ip)
    }
    const kept = candidates.find(ip => !spoken.has(ip))
    if (kept) take(kept)
    else
      open
        .set(network, open.get(network) ?? [])
        .get(network)
        ?.push(take)
  }
  for (const nic of document.nics) {
    const had = before?.nics.find(({ mac }) => mac === nic.mac)?.addresses ?? []
    for (const address of nic.addresses)
      if (!address.ip)
        fill(
          address.network,
          had.filter(one => one.network === address.network).map(one => one.ip ?? ''),
          ip => (address.ip = ip),
        )
  }
  const { bmc } = document
  if (bmc && !bmc.address) {
    const had = before?.bmc?.network === bmc.network ? before.bmc.address : undefined
    fill(bmc.network, had ? [had] : [], ip => (bmc.address = ip))
  }
  return { document, given }
}
