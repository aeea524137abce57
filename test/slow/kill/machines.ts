import type { Documents } from '../../../src/api/contract/inventory.ts'
import type { Document } from '../../../src/inventory/documents/kinds.ts'
import type { Machine } from './ledger.ts'

export const DATACENTER = 'lon1'
/** Addresses that the documents name, and such that the controller gives. */
const CHOSEN = { name: 'chosen', cidr4: '10.0.0.0/10' }
const GIVEN = { name: 'given', cidr4: '10.64.0.0/10' }

export function inventoryOf(datacenter: string): Documents {
  const networks = [CHOSEN, GIVEN].map(
    (network): Document<'network'> => ({ ...network, datacenter, purpose: 'provision', resolvers: [], ranges: [] }),
  )
  return { datacenters: [{ name: datacenter, dnsDomain: 'lon1.example.net', timeZone: 'Europe/London' }], networks }
}

/** Counts what only one machine can have: MACs, addresses, serial numbers. */
let number = 0
const nextNumber = (): number => (number += 1)

/** A machine of many rows: half of it in the database would be seen. */
export function machineOf(name: string, op: string): Machine {
  const own = nextNumber()
  return {
    name,
    datacenter: DATACENTER,
    heightU: 1,
    serial: `SERIAL-${own}`,
    labels: { op },
    nics: [
      { mac: macOf(nextNumber()), name: 'eth0', addresses: [{ network: CHOSEN.name, ip: ipOf(own) }] },
      { mac: macOf(nextNumber()), name: 'eth1', addresses: [{ network: GIVEN.name }] },
      { mac: macOf(nextNumber()), name: 'eth2', addresses: [] },
    ],
    disks: [1, 2].map(bay => ({ serial: `DISK-${own}-${bay}`, wwn: `wwn-${own}-${bay}`, sizeBytes: 1e12 })),
    bmc: { protocol: 'redfish', network: GIVEN.name, mac: macOf(nextNumber()), username: 'admin', quirks: [] },
  }
}

/** Its first NIC as it is, and two new ones in place of the others. */
export function moreNics({ nics }: Machine): Machine['nics'] {
  return [
    ...nics.slice(0, 1),
    { mac: macOf(nextNumber()), name: 'eth1', addresses: [{ network: GIVEN.name }] },
    { mac: macOf(nextNumber()), name: 'eth2', speedMbps: 25_000, addresses: [] },
  ]
}

const hex = (value: number): string => (value & 255).toString(16).padStart(2, '0')
const macOf = (value: number): string => `52:54:00:${hex(value >>> 16)}:${hex(value >>> 8)}:${hex(value)}`
const ipOf = (value: number): string => `10.${(value >>> 16) & 63}.${(value >>> 8) & 255}.${value & 255}`
