import * as fc from 'fast-check'
import { test } from 'vitest'
import { expectApplies } from '../../support/apply-property.ts'
import { useController } from '../../support/controller.ts'
import { inventories } from '../../support/inventory-arbitrary.ts'
import { checkedClient } from '../../support/site.ts'

const controller = useController()
/** To repeat a run: the seed that fast-check told. */
const seed = process.env.FAST_CHECK_SEED

test('from any inventory an apply goes to any other, over and over', { timeout: 180_000 }, async () => {
  const client = checkedClient(controller)
  const property = fc.asyncProperty(inventories, target => expectApplies(client, controller.db, target))
  await fc.assert(property, { numRuns: 150, endOnFailure: true, ...(seed !== undefined && { seed: Number(seed) }) })
})
