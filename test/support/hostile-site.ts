import { ProblemError } from '../../src/api/contract/client.ts'
import type { TestController } from './controller.ts'
import { applyAll, checkedClient } from './site.ts'

/** What hostile requests find: names that they use, things that they can come into conflict with. Again, as they may have removed it. */
export async function seedHostile(controller: TestController): Promise<void> {
  const seeding = applyAll(checkedClient(controller), {
    datacenters: [{ name: 'lon1', dnsDomain: 'lon1.example.net', timeZone: 'UTC' }],
    rooms: [{ name: 'x', datacenter: 'lon1' }],
    racks: [{ name: 'rack1', datacenter: 'lon1', heightU: 42 }],
    networks: [{ name: 'net1', datacenter: 'lon1', purpose: 'data', cidr4: '10.1.0.0/24', cidr6: 'fd00::/64' }],
    profiles: [{ name: 'x', match: [] }],
    services: [
      { name: 'svc1', tier: 'core', developerOwner: 'd', operationsOwner: 'o', hostnamePattern: '{service}-{n}' },
    ],
    machines: ['m1', 'm2'].map((name, at) => ({
      name,
      datacenter: 'lon1',
      rack: 'rack1',
      positionU: at + 1,
      nics: [{ mac: `52:54:00:00:00:0${at}`, addresses: [{ network: 'net1' }] }],
      bmc: { protocol: 'ipmi', network: 'net1', initialPassword: 'geheim' },
    })),
  }) // They may have taken a place or an address of it: then the rest has to do.
  await seeding.catch((error: unknown) => {
    if (!(error instanceof ProblemError)) throw error
  })
}
