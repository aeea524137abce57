import type { Document } from '../../inventory/documents/kinds.ts'
import type { Draft } from './draft.ts'
import type { NicEntry } from './entry.ts'
import type { Places } from './places.ts'

type Nic = Document<'machine'>['nics'][number]

/** NICs are known by their MAC. A row without one means the NIC at that place in the list. */
export async function putNics(draft: Draft, places: Places, datacenter: string): Promise<void> {
  const { entry, machine } = draft
  if (entry.nics.size === 0) return
  const nics = [...(machine.nics ?? [])]
  for (const [number, said] of entry.nics) {
    const at = placeOf(nics, number, said.mac)
    const nic = nics[at] ?? newNic(said)
    if (nic) nics[at] = await changed(draft, places, { datacenter, nic, said, at, number })
    else draft.refuse(`nic${number}.${said.ip === undefined ? 'port' : 'ip'}`, `NIC ${number} has no MAC address`)
  }
  machine.nics = nics
}

function placeOf(nics: readonly Nic[], number: number, mac: string | undefined): number {
  if (mac === undefined) return number - 1
  const known = nics.findIndex(nic => nic.mac === mac)
  return known < 0 ? nics.length : known
}

const newNic = ({ mac }: NicEntry): Nic | undefined => (mac === undefined ? undefined : { mac, addresses: [] })

interface NicChange {
  datacenter: string
  nic: Nic
  said: NicEntry
  /** Its place in the document's list, and its number in the sheet. */
  at: number
  number: number
}

async function changed(draft: Draft, places: Places, { datacenter, nic, said, at, number }: NicChange): Promise<Nic> {
  draft.cameFrom(`nics.${at}.mac`, `nic${number}.mac`)
  draft.cameFrom(`nics.${at}.switch`, `nic${number}.switch`)
  draft.cameFrom(`nics.${at}.switchPort`, `nic${number}.port`)
  const wired = {
    ...nic,
    ...(said.switch !== undefined && { switch: said.switch }),
    ...(said.port !== undefined && { switchPort: said.port }),
  }
  if (said.ip === undefined) return wired
  const network = await places.networkOf(datacenter, said.ip)
  if (!network) {
    draft.refuse(`nic${number}.ip`, `no network of ${datacenter} has ${said.ip}`)
    return wired
  }
  const others = (nic.addresses ?? []).filter(address => address.network !== network.name)
  draft.cameFrom(`nics.${at}.addresses.${others.length}.ip`, `nic${number}.ip`)
  return { ...wired, addresses: [...others, { network: network.name, ip: said.ip }] }
}
