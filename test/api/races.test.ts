import { beforeAll, describe, expect, test, vi } from 'vitest'
import type { CheckedClient } from '../support/checked-client.ts'
import { createMachine, expectOneWins, sendAtOnce, times, withStatus } from '../support/at-once.ts'
import { useController } from '../support/controller.ts'
import type { RawRequest } from '../support/http.ts'
import { applyAll, checkedClient, newMac, SITE } from '../support/site.ts'

const controller = useController()
// Crowds take their time on a machine that has other work.
vi.setConfig({ testTimeout: 60_000 })
let client: CheckedClient
const atOnce = (requests: readonly RawRequest[]) => sendAtOnce(controller, requests)

beforeAll(async () => {
  client = checkedClient(controller)
  await applyAll(client, SITE)
})

describe('of two hundred who want the same, one gets it and all others hear who has it', () => {
  const cases: [what: string, body: (at: number) => object, detail: RegExp][] = [
    [
      'rack unit',
      at => ({ name: `u-${at}`, rack: 'lon1-a01', positionU: 7, heightU: at % 2 ? 1 : 0.5 }),
      /^\/positionU: U7.* of rack lon1-a01 is taken by u-\d+ \(U7/,
    ],
    [
      'address',
      at => ({ name: `a-${at}`, nics: [{ mac: newMac(), addresses: [{ network: 'lon1-prov', ip: '10.1.0.77' }] }] }),
      /^\/nics\/0\/addresses\/0\/ip: address 10\.1\.0\.77 is taken by a-\d+/,
    ],
    ['name', () => ({ name: 'wanted' }), /^A machine named 'wanted' exists/],
  ]
  test.each(cases)('%s', (_, body, detail) => expectOneWins(controller, body, detail))
})

test('two hundred who are given an address get different ones, and none is lost', async () => {
  await applyAll(client, { networks: [{ name: 'crowd', datacenter: 'lon1', purpose: 'data', cidr4: '10.60.0.0/24' }] })
  const addresses = [{ network: 'crowd' }]
  const replies = await atOnce(
    times(200, at => createMachine({ name: `crowd-${at}`, nics: [{ mac: newMac(), addresses }] })),
  )
  expect(withStatus(replies, 201)).toHaveLength(200)
  const given = replies.map(
    ({ json }) => (json as { nics: { addresses: { ip: string }[] }[] }).nics[0]?.addresses[0]?.ip,
  )
  expect(given.map(ip => Number(ip?.split('.')[3])).toSorted((a, b) => a - b)).toEqual(times(200, at => at + 1))
})

test('who is given one and who chooses one never have the same', async () => {
  await applyAll(client, { networks: [{ name: 'mixed', datacenter: 'lon1', purpose: 'data', cidr4: '10.61.0.0/25' }] })
  const requests = times(120, at => {
    const address = { network: 'mixed', ...(at % 2 && { ip: `10.61.0.${(at % 60) + 1}` }) }
    return createMachine({ name: `mixed-${at}`, nics: [{ mac: newMac(), addresses: [address] }] })
  })
  const replies = await atOnce(requests)
  expect(replies.filter(({ status }) => status !== 201 && status !== 409)).toEqual([])
  const rows = await controller.db.selectFrom('address').select('ip').where('network', '=', 'mixed').execute()
  expect(rows).toHaveLength(withStatus(replies, 201).length)
  // Everyone who left the choice to us got one: 126 are enough for all.
  expect(replies.filter((_, at) => at % 2 === 0).map(({ status }) => status)).toEqual(times(60, () => 201))
})
