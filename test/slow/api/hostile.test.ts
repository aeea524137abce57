import * as fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { ENDPOINTS } from '../../../src/api/contract/table.ts'
import { useController } from '../../support/controller.ts'
import { expectSafe, hostileRequests } from '../../support/hostile.ts'
import { seedHostile } from '../../support/hostile-site.ts'

const controller = useController()

/** To repeat a run: the seed that fast-check told. */
const seed = process.env.FAST_CHECK_SEED
const runs = Number(process.env.HOSTILE_RUNS ?? 80)

describe.each(ENDPOINTS.map(endpoint => [`${endpoint.method} ${endpoint.path}`, endpoint] as const))(
  '%s',
  (_, endpoint) => {
    beforeAll(() => seedHostile(controller))

    test(`survives ${runs} requests that nearly fit`, { timeout: 300_000 }, async () => {
      const property = fc.asyncProperty(hostileRequests(endpoint), async request => {
        expect(await expectSafe(controller, endpoint, request)).toBeLessThan(500)
      })
      await fc.assert(property, { numRuns: runs, ...(seed !== undefined && { seed: Number(seed) }) })
    })
  },
)
