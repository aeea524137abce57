import type { Insertable } from 'kysely'
import type { Db } from '../../db/schema.ts'
import type { Document } from '../documents/kinds.ts'

type Machine = Document<'machine'>

/** A machine's child rows, without the machine's id: equal rows of two versions of a machine are the same row. */
export function nicRows(machine: Machine) {
  const host = machine.nics.map(({ mac, name, switch: device, switchPort, speedMbps }) => ({
    mac,
    bmc: false,
    name: name ?? null,
    switch: device ?? null,
    switchPort: switchPort ?? null,
    speedMbps: speedMbps ?? null,
  }))
  const mac = machine.bmc?.mac
  return mac ? [...host, { mac, bmc: true, name: null, switch: null, switchPort: null, speedMbps: null }] : host
}

export function diskRows(machine: Machine) {
  return machine.disks.map(({ serial, wwn, model, medium, sizeBytes }) => ({
    serial,
    wwn: wwn ?? null,
    model: model ?? null,
    medium: medium ?? null,
    sizeBytes: sizeBytes ?? null,
  }))
}

export function addressRows(machine: Machine) {
  const rows: { ip: string; network: string; nic: string | null; bmc: boolean }[] = []
  for (const { mac, addresses } of machine.nics)
    for (const { ip, network } of addresses) if (ip) rows.push({ ip, network, nic: mac, bmc: false })
  if (machine.bmc?.address) rows.push({ ip: machine.bmc.address, network: machine.bmc.network, nic: null, bmc: true })
  return rows
}

export type BmcRow = Insertable<Db['bmc']>

export function bmcRow(machine: number, bmc: NonNullable<Machine['bmc']>, sealedPassword: Buffer | undefined): BmcRow {
  const { protocol, port, username, vendor, model, firmware, quirks, cipherSuite } = bmc
  const own = { protocol, port, username, vendor, model, firmware, quirks, cipherSuite }
  const columns = Object.entries(own).map(([name, value]) => [name, value ?? null])
  return {
    ...(Object.fromEntries(columns) as Omit<BmcRow, 'machine'>),
    machine,
    sealedPassword: sealedPassword ?? null,
  }
}
