import { beforeAll, expect, test } from 'vitest'
import { compare, type Documents, inventory } from '../../src/api/contract/inventory.ts'
import { canonical } from '../../src/inventory/documents/canonical.ts'
import { digestOf } from '../../src/lib/digest.ts'
import { parse } from '../../src/lib/schema.ts'
import { Machine } from '../../src/inventory/documents/machines.ts'
import type { CheckedClient } from '../support/checked-client.ts'
import { contents } from '../support/contents.ts'
import { useController } from '../support/controller.ts'
import { applyAll, checkedClient, refusalOf, SITE } from '../support/site.ts'

const controller = useController()
let client: CheckedClient

beforeAll(async () => {
  client = checkedClient(controller)
  await applyAll(client, SITE)
})

const FILE = {
  name: 'filed',
  datacenter: 'lon1',
  labels: { b: '1', a: '2' },
  nics: [{ mac: '52-54-00-00-00-0F', addresses: [{ network: 'lon1-prov' }] }],
  bmc: { protocol: 'ipmi', network: 'lon1-oob' },
}
const machines = (...all: object[]): Documents => ({ machines: all })
const digest = (machine: object) => digestOf(canonical('machine', parse(Machine, structuredClone(machine), 'machine')))
const differing = async (digests: Record<string, string>, withPassword: string[] = []) =>
  (await client.call(compare, { body: { digests: { machine: digests }, withPassword } })).differing.machine ?? []

test('what was applied is the same, what is not there or another is not', async () => {
  expect(await differing({ filed: digest(FILE) })).toEqual(['filed'])
  await applyAll(client, machines(FILE))
  expect(await differing({ filed: digest(FILE) })).toEqual([])
  expect(await differing({ filed: digest({ ...FILE, serial: 'X' }), missing: digest(FILE) })).toEqual(
    expect.arrayContaining(['filed', 'missing']),
  )
})

test('a change by the API differs from the file, until the file is applied again', async () => {
  await client.call(inventory.machine.change, { params: { name: 'filed' }, body: { serial: 'BY-HAND' } })
  expect(await differing({ filed: digest(FILE) })).toEqual(['filed'])
  const [change] = await applyAll(client, machines(FILE))
  expect(change?.differences).toEqual([{ path: 'serial', from: 'BY-HAND' }])
  expect(await differing({ filed: digest(FILE) })).toEqual([])
})

test('what the API itself wrote is the same as when it is sent back', async () => {
  const created = await client.call(inventory.machine.create, {
    body: { ...FILE, name: 'made', nics: [], labels: {} } as never,
  })
  const own = Object.keys(Machine.properties)
  const shown = Object.fromEntries(Object.entries(created).filter(([key]) => own.includes(key)))
  const [change] = await applyAll(client, machines(shown))
  expect(change).toMatchObject({ action: 'none', differences: [] })
  expect(await differing({ made: digest(shown) })).toEqual([])
})

test('a machine that comes with a first password differs while its BMC has none', async () => {
  const digests = { filed: digest(FILE) }
  expect(await differing(digests, ['filed', 'nobody'])).toEqual(['filed'])
  await applyAll(client, machines({ ...FILE, bmc: { ...FILE.bmc, initialPassword: 'x' } }))
  expect(await differing(digests, ['filed'])).toEqual([])
})

test('documents of all kinds are compared, and nothing is written', async () => {
  const before = await contents(controller.db)
  const zeros = '0'.repeat(64)
  const { differing: found } = await client.call(compare, {
    body: {
      digests: { datacenter: { lon1: zeros }, network: { 'lon1-prov': zeros, new: zeros }, freeze: {} },
      withPassword: [],
    },
  })
  expect(found).toEqual({ datacenter: ['lon1'], network: expect.arrayContaining(['lon1-prov', 'new']) })
  expect(await contents(controller.db)).toEqual(before)
})

test('what is no digest or no name is refused', async () => {
  const { faults } = await refusalOf(
    client.call(compare, {
      body: { digests: { machine: { 'NO NAME': 'x', filed: 'short' } }, withPassword: ['NO NAME'] },
    }),
  )
  expect(faults.map(fault => fault.path).toSorted()).toEqual([
    '/digests/machine/NO NAME',
    '/digests/machine/filed',
    '/withPassword/0',
  ])
})

test('a patch of nothing changes nothing: no version, no event, no digest', async () => {
  await client.call(inventory.room.create, { body: { name: 'still', datacenter: 'lon1' } })
  await client.call(inventory.machine.create, { body: { name: 'quiet', datacenter: 'lon1', serial: 'Q' } as never })
  const before = await contents(controller.db)
  for (const [kind, name] of [
    ['room', 'still'],
    ['machine', 'quiet'],
    ['machine', 'filed'],
  ] as const)
    await client.call(inventory[kind].change, { params: { name }, body: {} })
  expect(await contents(controller.db)).toEqual(before)
})
