import * as fc from 'fast-check'
import { test } from 'vitest'
import { expectApplies } from '../support/apply-property.ts'
import { useController } from '../support/controller.ts'
import { inventories } from '../support/inventory-arbitrary.ts'
import { checkedClient } from '../support/site.ts'

const controller = useController()

test('from any inventory an apply goes to any other, tells before what it does, and then rests', async () => {
  const client = checkedClient(controller)
  const property = fc.asyncProperty(inventories, target => expectApplies(client, controller.db, target))
  await fc.assert(property, { numRuns: 8, endOnFailure: true })
})
