import { expect, test } from 'vitest'
import { inventory } from '../../src/api/contract/inventory.ts'
import { machineEvents } from '../../src/api/contract/machines.ts'
import { useController } from '../support/controller.ts'

const controller = useController()

test('a patch changes what it names and leaves the rest', async () => {
  const { client } = controller
  await client.call(inventory.datacenter.create, {
    body: { name: 'lon1', dnsDomain: 'lon1.example.net', timeZone: 'Europe/London' },
  })
  const nics = [{ mac: '52-54-00-12-34-56', addresses: [] }]
  const body = { name: 'm1', datacenter: 'lon1', nics } as never
  const created = await client.call(inventory.machine.create, { body })
  const changed = await client.call(inventory.machine.change, {
    params: { name: 'm1' },
    body: { serial: 'S1' },
    ifMatch: `"${created.revision}"`,
  })
  expect(changed).toMatchObject({
    serial: 'S1',
    nics: [{ mac: '52:54:00:12:34:56', addresses: [] }],
    revision: 2,
    lifecycle: 'enrolled',
  })
  const { items } = await client.call(machineEvents, { params: { name: 'm1' } })
  expect(items.map(event => [event.kind, event.actor])).toEqual([
    ['machine.changed', 'admin'],
    ['machine.created', 'admin'],
  ])
  expect(items[0]?.data).toEqual({ name: 'm1', differences: [{ path: 'serial', to: 'S1' }] })
})
