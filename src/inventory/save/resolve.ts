import type { Kysely } from 'kysely'
import type { Db } from '../../db/schema.ts'
import type { Document } from '../documents/kinds.ts'
import { load } from '../store/load.ts'
import { unfit } from '../check/addresses.ts'
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
  const names = new Set(machines.flatMap(({ document }) => openNetworks(document)))
  const networks = new Map(
    (await load(db, 'network', [...names])).map(stored => [stored.document.name, stored.document]),
  )
  const resolved = machines.map(({ document, before }) =>
    keepAddresses(structuredClone(document), { before, networks, spoken, open }),
  )
  // Networks in the order of their names: `give` locks them.
  for (const [name, slots] of [...open].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const network = networks.get(name)
    if (!network) continue
    const ips = await give(db, network, slots.length, spoken)
    for (const [at, take] of slots.entries()) take(ips[at] ?? '')
  }
  return resolved
}

/** Networks that a document leaves an address of to us. */
const openNetworks = ({ nics, bmc }: Machine): string[] => [
  ...nics.flatMap(nic => nic.addresses.flatMap(({ network, ip }) => (ip === undefined ? [network] : []))),
  ...(bmc && bmc.address === undefined ? [bmc.network] : []),
]

/** The addresses that a document names. */
export const chosenAddresses = (machine: Machine): string[] =>
  [machine.bmc?.address, ...machine.nics.flatMap(nic => nic.addresses.map(({ ip }) => ip))].filter(
    ip => ip !== undefined,
  )

interface Keeping {
  before: Machine | undefined
  networks: ReadonlyMap<string, Document<'network'>>
  spoken: Set<string>
  open: Map<string, Slot[]>
}

function keepAddresses(document: Machine, { before, networks, spoken, open }: Keeping): Resolved {
  const given = new Set<string>()
  const fill = (network: string, candidates: readonly string[], set: (ip: string) => void) => {
    const take = (ip: string) => {
      spoken.add(ip)
      given.add(ip)
      set(ip)
    }
    // A network that was numbered anew keeps nothing.
    const stored = networks.get(network)
    const kept = candidates.find(ip => !spoken.has(ip) && stored && unfit(stored, ip) === false)
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
