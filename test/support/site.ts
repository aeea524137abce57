import { type Change, apply, type Documents } from '../../src/api/contract/inventory.ts'
import { ProblemError } from '../../src/api/contract/client.ts'
import type { Fault } from '../../src/lib/errors.ts'
import { CheckedClient } from './checked-client.ts'
import type { TestController } from './controller.ts'

export const checkedClient = ({ url, token }: TestController): CheckedClient => new CheckedClient({ url, token })

/** Two datacenters with a room, a rack and networks each: small, and with everything that machines refer to. */
export const SITE = {
  datacenters: [
    { name: 'lon1', dnsDomain: 'lon1.example.net', timeZone: 'Europe/London' },
    { name: 'sto1', dnsDomain: 'sto1.example.net', timeZone: 'Europe/Stockholm' },
  ],
  rooms: [
    { name: 'lon1-hall', datacenter: 'lon1' },
    { name: 'sto1-hall', datacenter: 'sto1' },
  ],
  racks: [
    { name: 'lon1-a01', datacenter: 'lon1', room: 'lon1-hall', heightU: 42 },
    { name: 'lon1-a02', datacenter: 'lon1', room: 'lon1-hall', heightU: 42 },
    { name: 'sto1-a01', datacenter: 'sto1', room: 'sto1-hall', heightU: 42 },
  ],
  networks: [
    { name: 'lon1-prov', datacenter: 'lon1', purpose: 'provision', cidr4: '10.1.0.0/24', gateway4: '10.1.0.1' },
    { name: 'lon1-oob', datacenter: 'lon1', purpose: 'oob', cidr4: '10.1.8.0/24', gateway4: '10.1.8.1' },
    { name: 'sto1-prov', datacenter: 'sto1', purpose: 'provision', cidr4: '10.2.0.0/24', gateway4: '10.2.0.1' },
  ],
  profiles: [{ name: 'compute', summary: 'Compute', match: [{ fact: 'cpu.cores', min: 16 }] }],
  services: [
    {
      name: 'playlist',
      tier: 'core',
      developerOwner: 'playlists',
      operationsOwner: 'sre',
      hostnamePattern: '{service}-{nn}',
    },
  ],
} satisfies Documents

/** Applies documents. @throws ProblemError. */
export async function applyAll(client: CheckedClient, body: Documents, dryRun = false): Promise<Change[]> {
  const { changes } = await client.call(apply, { query: { dryRun }, body })
  return changes
}

/** What keeps documents from being applied; fails when nothing does. */
export async function refusalOf(work: Promise<unknown>): Promise<ProblemError> {
  const error: unknown = await work.then(
    () => new Error('it was accepted'),
    (refused: unknown) => refused,
  )
  if (error instanceof ProblemError) return error
  throw error
}

export async function faultsOfApply(client: CheckedClient, body: Documents): Promise<readonly Fault[]> {
  return (await refusalOf(applyAll(client, body))).faults
}

let macs = 0
/** A MAC that no other call gives. */
export const newMac = (): string => {
  macs += 1
  return `52:54:00:${[16, 8, 0].map(shift => ((macs >> shift) & 255).toString(16).padStart(2, '0')).join(':')}`
}
