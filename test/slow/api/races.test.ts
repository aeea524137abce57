import { beforeAll, test, vi } from 'vitest'
import { expectOneWins } from '../../support/at-once.ts'
import { useController } from '../../support/controller.ts'
import { applyAll, checkedClient, newMac, SITE } from '../../support/site.ts'

const controller = useController()
// Crowds take their time on a machine that has other work.
vi.setConfig({ testTimeout: 60_000 })
const shared = newMac()

beforeAll(() => applyAll(checkedClient(controller), SITE))

const CASES: [what: string, body: (at: number) => object, detail: RegExp][] = [
  [
    'BMC address',
    at => ({ name: `b-${at}`, bmc: { protocol: 'ipmi', network: 'lon1-oob', address: '10.1.8.77' } }),
    /address 10\.1\.8\.77 is taken by b-\d+/,
  ],
  [
    'MAC, of a NIC and of a BMC',
    at => ({
      name: `n-${at}`,
      ...(at % 2 ? { nics: [{ mac: shared }] } : { bmc: { protocol: 'ipmi', network: 'lon1-oob', mac: shared } }),
    }),
    new RegExp(`MAC ${shared} is taken by n-\\d+`),
  ],
  ['host name', at => ({ name: `h-${at}`, hostname: 'same-host' }), /host name same-host is taken by h-\d+/],
  [
    'switch port',
    at => ({ name: `p-${at}`, nics: [{ mac: newMac(), switch: 'sw', switchPort: 'Eth1' }] }),
    /switch port sw Eth1 is taken by p-\d+/,
  ],
  [
    'disk WWN',
    at => ({ name: `d-${at}`, disks: [{ serial: 'x', wwn: 'same-wwn' }] }),
    /disk WWN same-wwn is taken by d-\d+/,
  ],
]

test.each(CASES)('of two hundred who want the same %s, one gets it', (_, body, detail) =>
  expectOneWins(controller, body, detail),
)
