import { expect, test } from 'vitest'
import { apply, inventory } from '../../src/api/contract/inventory.ts'
import { useController } from './controller.ts'
import { makeFleet } from './fleet.ts'

const controller = useController()

test('a fleet is a whole inventory without faults, and a larger one adds to it', async () => {
  const first = makeFleet({ machines: 300 })
  expect(makeFleet({ machines: 300 })).toEqual(first)
  const { changes } = await controller.client.call(apply, { body: first })
  expect(new Set(changes.map(change => change.action))).toEqual(new Set(['create']))

  const larger = await controller.client.call(apply, { body: makeFleet({ machines: 400 }) })
  expect(larger.changes.filter(change => change.action === 'create' && change.kind === 'machine')).toHaveLength(100)
  expect(larger.changes.filter(change => change.action === 'change')).toEqual([])
  const { items } = await controller.client.call(inventory.machine.list, { query: { limit: 1 } })
  expect(items[0]?.nics).toHaveLength(4)
})
