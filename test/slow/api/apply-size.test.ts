import { expect, test } from 'vitest'
import { useController } from '../../support/controller.ts'
import { applyAll, checkedClient, SITE } from '../../support/site.ts'

const controller = useController()

test('an apply may hold more documents than a statement can have parameters', async () => {
  const client = checkedClient(controller)
  await applyAll(client, SITE)
  const racks = Array.from({ length: 10_000 }, (_, at) => ({ name: `many-${at}`, datacenter: 'sto1', heightU: 42 }))
  expect(await applyAll(client, { racks })).toHaveLength(10_000)
  expect((await applyAll(client, { racks })).every(change => change.action === 'none')).toBe(true)
  // Only the names are asked for: 70,000 of them.
  const missing = Array.from({ length: 70_000 }, (_, at) => ({ name: `m-${at}`, datacenter: 'nowhere' }))
  await expect(applyAll(client, { machines: missing })).rejects.toMatchObject({ problem: { code: 'invalid_input' } })
}, 60_000)
