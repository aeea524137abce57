import type { Document } from '../documents/kinds.ts'
import type { Known, SaveFault, Wrong } from './known.ts'
import { contains, isNetworkOrBroadcast } from './networks.ts'

export function checkAddresses(machine: Document<'machine'>, known: Known, wrong: Wrong): SaveFault[] {
  const bmc = machine.bmc ? [{ network: machine.bmc.network, ip: machine.bmc.address, path: '/bmc/address' }] : []
  const nics = machine.nics.flatMap((nic, at) =>
    nic.addresses.map((address, index) => ({
      network: address.network,
      ip: address.ip,
      path: `/nics/${at}/addresses/${index}/ip`,
    })),
  )
  return [...bmc, ...nics].flatMap(({ network: name, ip, path }) => {
    const network = known.get('network', name)
    return network ? wrong(path, addressFault(machine, network, ip)) : []
  })
}

function addressFault(
  machine: Document<'machine'>,
  network: Document<'network'>,
  ip: string | undefined,
): string | false {
  if (network.datacenter !== machine.datacenter)
    return `network ${network.name} is in ${network.datacenter}, not in ${machine.datacenter}`
  return ip !== undefined && unfit(network, ip)
}

/** Why an address cannot be one of a network, in words; false when it can. */
export function unfit(network: Document<'network'>, ip: string): string | false {
  if (!contains(network, ip))
    return `${ip} is not inside network ${network.name} (${[network.cidr4, network.cidr6].filter(Boolean).join(', ')})`
  if (ip === network.gateway4 || ip === network.gateway6) return `${ip} is the gateway of network ${network.name}`
  return isNetworkOrBroadcast(network, ip) && `${ip} is the network or broadcast address of ${network.name}`
}
