import type { AnyDocument, Document, Kind } from '../documents/kinds.ts'

/** Something that only one can hold. `path` leads to it inside the document that claims it. */
export interface Claim {
  field: 'MAC' | 'address' | 'serial' | 'system UUID' | 'host name' | 'disk WWN' | 'switch port' | 'DNS domain'
  value: string
  owner: string
  path: string
}

/** A name that a document mentions, and where. */
export interface Reference {
  kind: Kind
  name: string
  path: string
}

export function claimsOf(one: AnyDocument): Claim[] {
  const { name } = one.document
  if (one.kind === 'datacenter')
    return [{ field: 'DNS domain', value: one.document.dnsDomain, owner: name, path: '/dnsDomain' }]
  return one.kind === 'machine' ? machineClaims(one.document) : []
}

function machineClaims(machine: Document<'machine'>): Claim[] {
  const claims: Claim[] = []
  const claim = (field: Claim['field'], value: string | undefined, path: string) => {
    if (value !== undefined) claims.push({ field, value, owner: machine.name, path })
  }
  claim('serial', machine.serial, '/serial')
  claim('system UUID', machine.systemUuid, '/systemUuid')
  claim('host name', machine.hostname, '/hostname')
  claim('MAC', machine.bmc?.mac, '/bmc/mac')
  claim('address', machine.bmc?.address, '/bmc/address')
  for (const [at, nic] of machine.nics.entries()) {
    claim('MAC', nic.mac, `/nics/${at}/mac`)
    if (nic.switch && nic.switchPort) claim('switch port', `${nic.switch} ${nic.switchPort}`, `/nics/${at}/switchPort`)
    for (const [index, { ip }] of nic.addresses.entries()) claim('address', ip, `/nics/${at}/addresses/${index}/ip`)
  }
  for (const [at, disk] of machine.disks.entries()) claim('disk WWN', disk.wwn, `/disks/${at}/wwn`)
  return claims
}

export function referencesOf(one: AnyDocument): Reference[] {
  const found: Reference[] = []
  const refer = (kind: Kind, name: string | undefined, path: string) => {
    if (name !== undefined) found.push({ kind, name, path })
  }
  switch (one.kind) {
    case 'room':
    case 'network':
      refer('datacenter', one.document.datacenter, '/datacenter')
      break
    case 'rack':
      refer('datacenter', one.document.datacenter, '/datacenter')
      refer('room', one.document.room, '/room')
      break
    case 'window':
    case 'freeze':
      for (const [at, name] of one.document.datacenters.entries()) refer('datacenter', name, `/datacenters/${at}`)
      break
    case 'machine':
      machineReferences(one.document, refer)
      break
    default:
  }
  return found
}

function machineReferences(
  machine: Document<'machine'>,
  refer: (kind: Kind, name: string | undefined, path: string) => void,
): void {
  refer('datacenter', machine.datacenter, '/datacenter')
  refer('rack', machine.rack, '/rack')
  refer('profile', machine.profile, '/profile')
  refer('service', machine.service, '/service')
  refer('network', machine.bmc?.network, '/bmc/network')
  for (const [at, nic] of machine.nics.entries())
    for (const [index, { network }] of nic.addresses.entries())
      refer('network', network, `/nics/${at}/addresses/${index}/network`)
}
