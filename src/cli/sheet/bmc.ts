import type { Document } from '../../inventory/documents/kinds.ts'
import type { Draft } from './draft.ts'
import type { Entry } from './entry.ts'
import type { Field } from './fields.ts'
import type { Places } from './places.ts'
import type { Wishes } from './wishes.ts'

/** As it is sent: with the first password, which is sealed at once. */
type Bmc = NonNullable<Document<'machine'>['bmc']> & { initialPassword?: string }

const ORIGINS: Partial<Record<keyof Bmc, Field>> = {
  protocol: 'bmc.protocol',
  network: 'bmc.network',
  address: 'bmc.ip',
  mac: 'bmc.mac',
  username: 'bmc.user',
  initialPassword: 'bmc.password',
}

export async function putBmc(
  draft: Draft,
  places: Places,
  wishes: { datacenter: string; bmcProtocol: Wishes['bmcProtocol'] },
): Promise<void> {
  const { ip, mac, user, password, protocol } = draft.entry.bmc
  if (Object.keys(draft.entry.bmc).length === 0) return
  const before = draft.machine.bmc
  const network = await networkOf(draft, places, wishes.datacenter)
  if (network === undefined) return
  const bmc: Bmc = {
    quirks: [],
    ...before,
    protocol: (protocol as Bmc['protocol'] | undefined) ?? before?.protocol ?? wishes.bmcProtocol,
    network,
    ...(ip !== undefined && { address: ip }),
    ...(mac !== undefined && { mac }),
    ...(user !== undefined && { username: user }),
    ...(password !== undefined && { initialPassword: password }),
  }
  draft.machine.bmc = bmc
  for (const [part, field] of Object.entries(ORIGINS)) draft.cameFrom(`bmc.${part}`, field)
}

/** The network that is named, else that of the address, else the one it is in, else the only one for BMCs. */
async function networkOf(draft: Draft, places: Places, datacenter: string): Promise<string | undefined> {
  const { bmc }: Entry = draft.entry
  const ofAddress = bmc.ip === undefined ? undefined : await places.networkOf(datacenter, bmc.ip)
  const network =
    bmc.network ?? ofAddress?.name ?? draft.machine.bmc?.network ?? (await places.onlyOobNetwork(datacenter))
  if (network !== undefined) return network
  if (bmc.ip === undefined)
    draft.refuse('bmc.mac', `${datacenter} has not just one network for BMCs: add a column "BMC network"`)
  else
    draft.refuse('bmc.ip', `no network of ${datacenter} has ${bmc.ip}: declare it first, or add a column "BMC network"`)
  return undefined
}
