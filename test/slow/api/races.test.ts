import { beforeAll, expect, test, vi } from 'vitest'
import { createMachine, expectOneWins, sendAtOnce, times, withStatus } from '../../support/at-once.ts'
import { useController } from '../../support/controller.ts'
import { applyAll, checkedClient, newMac, SITE } from '../../support/site.ts'

const controller = useController()
// Crowds take their time on a machine that has other work.
vi.setConfig({ testTimeout: 60_000 })
const shared = newMac()
const own = newMac()

beforeAll(() => {
  const small = { name: 'small', datacenter: 'lon1', purpose: 'data', cidr4: '10.62.0.0/26' }
  return applyAll(checkedClient(controller), { ...SITE, networks: [...SITE.networks, small] })
})

test('a network with 62 addresses gives 62, and says so to the others', async () => {
  const requests = times(100, at =>
    createMachine({ name: `small-${at}`, nics: [{ mac: newMac(), addresses: [{ network: 'small' }] }] }),
  )
  const replies = await sendAtOnce(controller, requests)
  expect(withStatus(replies, 201)).toHaveLength(62)
  for (const { json } of withStatus(replies, 409)) expect(json).toMatchObject({ code: 'nothing_free' })
  expect(withStatus(replies, 409)).toHaveLength(38)
})

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
  [
    'rack units, overlapping by halves',
    at => ({ name: `half-${at}`, rack: 'lon1-a01', positionU: 10 + (at % 2) / 2, heightU: 1.5 }),
    /^\/positionU: U10.* of rack lon1-a01 is taken by half-\d+ \(U10/,
  ],
  ['MAC', at => ({ name: `m-${at}`, nics: [{ mac: own }] }), new RegExp(`^/nics/0/mac: MAC ${own} is taken by m-\\d+`)],
  ['serial', at => ({ name: `s-${at}`, serial: 'SAME' }), /^\/serial: serial SAME is taken by s-\d+/],
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
