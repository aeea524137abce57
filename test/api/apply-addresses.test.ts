import { beforeAll, describe, expect, test } from 'vitest'
import { type Documents, inventory } from '../../src/api/contract/inventory.ts'
import type { CheckedClient } from '../support/checked-client.ts'
import { fingerprint } from '../support/contents.ts'
import { useController } from '../support/controller.ts'
import { applyAll, checkedClient, newMac, refusalOf, SITE } from '../support/site.ts'

const controller = useController()
let client: CheckedClient

beforeAll(async () => {
  client = checkedClient(controller)
  await applyAll(client, SITE)
})

const network = (name: string, more: object) => ({ name, datacenter: 'lon1', purpose: 'data', ...more })
const on = (...networks: string[]) => [{ mac: newMac(), addresses: networks.map(name => ({ network: name })) }]
const machine = (name: string, nics: object[], more: object = {}) => ({ name, datacenter: 'lon1', nics, ...more })

async function addressesOf(...names: string[]): Promise<(string | undefined)[]> {
  const found = await Promise.all(names.map(name => client.call(inventory.machine.get, { params: { name } })))
  return found.flatMap(({ nics, bmc }) => [
    ...nics.flatMap(nic => nic.addresses.map(address => address.ip)),
    ...(bmc ? [bmc.address] : []),
  ])
}

/** Creates one machine after the other, each of which wants any address of the network. */
async function fill(name: string, count: number): Promise<(string | undefined)[]> {
  const names = Array.from({ length: count }, (_, at) => `${name}-${at}`)
  for (const one of names) await applyAll(client, { machines: [machine(one, on(name))] })
  return addressesOf(...names)
}

describe('the lowest free address is given', () => {
  const cases: [what: string, document: object, given: string[]][] = [
    [
      'not that of the network, nor the gateway',
      { cidr4: '10.40.0.0/29', gateway4: '10.40.0.1' },
      ['10.40.0.2', '10.40.0.3', '10.40.0.4', '10.40.0.5', '10.40.0.6'],
    ],
    [
      'not from pools and reserved ranges',
      {
        cidr4: '10.40.1.0/28',
        ranges: [
          { first: '10.40.1.1', last: '10.40.1.3', use: 'reserved' },
          { first: '10.40.1.5', last: '10.40.1.12', use: 'pool' },
        ],
      },
      ['10.40.1.4', '10.40.1.13', '10.40.1.14'],
    ],
    [
      'from static ranges first, and only',
      {
        cidr4: '10.40.2.0/24',
        gateway4: '10.40.2.101',
        ranges: [
          { first: '10.40.2.200', last: '10.40.2.201', use: 'static' },
          { first: '10.40.2.100', last: '10.40.2.101', use: 'static' },
        ],
      },
      ['10.40.2.100', '10.40.2.200', '10.40.2.201'],
    ],
    [
      'never the ends of the network, though a static range covers all of it',
      { cidr4: '10.40.3.0/30', ranges: [{ first: '10.40.3.0', last: '10.40.3.3', use: 'static' }] },
      ['10.40.3.1', '10.40.3.2'],
    ],
    ['both of a point-to-point network', { cidr4: '10.40.4.0/31' }, ['10.40.4.0', '10.40.4.1']],
    ['the only one of a network of one', { cidr4: '10.40.5.7/32' }, ['10.40.5.7']],
    ['up to the very last of IPv4', { cidr4: '255.255.255.254/31' }, ['255.255.255.254', '255.255.255.255']],
    ['from the very first of IPv4', { cidr4: '0.0.0.0/31' }, ['0.0.0.0', '0.0.0.1']],
    ['of IPv6, but the anycast one', { cidr6: 'fd40::/126', gateway6: 'fd40::2' }, ['fd40::1', 'fd40::3']],
    ['of IPv4, where a network has both', { cidr4: '10.40.6.0/30', cidr6: 'fd41::/64' }, ['10.40.6.1', '10.40.6.2']],
  ]
  test.each(cases)('%s', async (what, document, given) => {
    const name = `n${cases.findIndex(([other]) => other === what)}`
    await applyAll(client, { networks: [network(name, document)] })
    expect(await fill(name, given.length)).toEqual(given)
    const before = await fingerprint(controller.db)
    const { problem } = await refusalOf(applyAll(client, { machines: [machine('late', on(name))] }))
    expect(problem).toMatchObject({ status: 409, code: 'nothing_free' })
    expect(problem.detail).toContain(`Network ${name} has 0 free addresses, 1 are needed`)
    expect(await fingerprint(controller.db)).toBe(before)
  })
})

test('what is too much for a network is refused as a whole, with how many there were', async () => {
  await applyAll(client, { networks: [network('small', { cidr4: '10.41.0.0/29' })] })
  const machines = Array.from({ length: 9 }, (_, at) => machine(`small-${at}`, on('small')))
  const before = await fingerprint(controller.db)
  const { problem } = await refusalOf(applyAll(client, { machines }))
  expect(problem.detail).toContain('Network small has 6 free addresses, 9 are needed')
  expect(await fingerprint(controller.db)).toBe(before)
  expect(await applyAll(client, { machines: machines.slice(0, 6) })).toHaveLength(6)
})

test('an address that was given stays, whatever else changes and whatever became free', async () => {
  await applyAll(client, { networks: [network('keep', { cidr4: '10.42.0.0/24' })] })
  const [first, second] = [machine('keep-1', on('keep')), machine('keep-2', on('keep', 'keep'))]
  await applyAll(client, { machines: [first, second] })
  expect(await addressesOf('keep-1', 'keep-2')).toEqual(['10.42.0.1', '10.42.0.2', '10.42.0.3'])
  await client.call(inventory.machine.remove, { params: { name: 'keep-1' } })
  const changes = await applyAll(client, { machines: [{ ...second, serial: 'K2' }] })
  expect(changes[0]?.differences).toEqual([{ path: 'serial', to: 'K2' }])
  expect(await addressesOf('keep-2')).toEqual(['10.42.0.2', '10.42.0.3'])
  // What became free is the lowest free one again.
  await applyAll(client, { machines: [machine('keep-3', on('keep', 'keep'))] })
  expect(await addressesOf('keep-3')).toEqual(['10.42.0.1', '10.42.0.4'])
})

test('what is asked for by number goes first, in the same file too', async () => {
  await applyAll(client, { networks: [network('ask', { cidr4: '10.43.0.0/24' })] })
  const asks = { ...machine('ask-2', []), nics: [{ mac: newMac(), addresses: [{ network: 'ask', ip: '10.43.0.1' }] }] }
  await applyAll(client, { machines: [machine('ask-1', on('ask')), asks] })
  expect(await addressesOf('ask-1', 'ask-2')).toEqual(['10.43.0.2', '10.43.0.1'])
  // One takes by number what another was given: both in the file, so the other gets a new one.
  const takes = { ...asks, nics: [{ ...asks.nics[0], addresses: [{ network: 'ask', ip: '10.43.0.2' }] }] }
  const stored = await client.call(inventory.machine.get, { params: { name: 'ask-1' } })
  const gives = machine('ask-1', [{ mac: stored.nics[0]?.mac, addresses: [{ network: 'ask' }] }])
  await applyAll(client, { machines: [gives, takes] })
  expect(await addressesOf('ask-1', 'ask-2')).toEqual([expect.stringMatching(/^10\.43\.0\.[13]$/), '10.43.0.2'])
})

test('a BMC is given one like a NIC, and keeps it', async () => {
  const bmc = { protocol: 'redfish', network: 'lon1-oob', mac: newMac() }
  await applyAll(client, { machines: [machine('bmc-1', [], { bmc })] })
  const [given] = await addressesOf('bmc-1')
  expect(given).toMatch(/^10\.1\.8\.\d+$/)
  await applyAll(client, { machines: [machine('bmc-1', [], { bmc: { ...bmc, protocol: 'ipmi', vendor: 'Dell' } })] })
  expect(await addressesOf('bmc-1')).toEqual([given])
})

test('a large file is given different addresses, all at once', async () => {
  await applyAll(client, { networks: [network('large', { cidr4: '10.44.0.0/20', gateway4: '10.44.0.1' })] })
  const machines = Array.from({ length: 1_200 }, (_, at) => machine(`large-${at}`, on('large')))
  const taken = {
    ...machine('large-x', []),
    nics: [{ mac: newMac(), addresses: [{ network: 'large', ip: '10.44.2.0' }] }],
  }
  const changes = await applyAll(client, { machines: [...machines, taken] })
  const given = changes.flatMap(change => change.differences.map(({ to }) => (to as { ip: string }).ip))
  expect(new Set(given).size).toBe(1_200)
  expect(given).not.toContain('10.44.2.0')
  expect(given).not.toContain('10.44.0.1')
  // 10.44.0.2 to 10.44.4.178 without 10.44.2.0: no hole is left.
  expect(given.at(-1)).toBe('10.44.4.178')
})

test('a first BMC password counts only while there is none, and is never told', async () => {
  const bmc = { protocol: 'ipmi', network: 'lon1-oob' }
  const withPassword = (initialPassword?: string): Documents => ({
    machines: [machine('pw', [], { bmc: { ...bmc, ...(initialPassword && { initialPassword }) } })],
  })
  const sealed = async () => {
    const row = await controller.db
      .selectFrom('bmc')
      .innerJoin('machine', 'machine.id', 'bmc.machine')
      .select('sealedPassword')
      .where('machine.name', '=', 'pw')
      .executeTakeFirstOrThrow()
    return row.sealedPassword?.toString('hex')
  }
  await applyAll(client, withPassword())
  expect(await sealed()).toBeUndefined()
  const [set] = await applyAll(client, withPassword('first'))
  expect(set).toMatchObject({ action: 'change', differences: [{ path: 'bmc/initialPassword', to: '(sealed)' }] })
  const first = await sealed()
  expect(first).toMatch(/^01[0-9a-f]+$/)
  const [again] = await applyAll(client, withPassword('second'))
  expect([again?.action, await sealed()]).toEqual(['none', first])
  await applyAll(client, { machines: [machine('pw', [], { bmc: { ...bmc, protocol: 'redfish' } })] })
  expect(await sealed()).toBe(first)
  // Another BMC is another matter: the old one's password went with it.
  await applyAll(client, { machines: [machine('pw', [])] })
  await applyAll(client, withPassword('third'))
  expect(await sealed()).not.toBe(first)
})
