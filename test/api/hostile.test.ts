import * as fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { ENDPOINTS } from '../../src/api/contract/table.ts'
import { useController } from '../support/controller.ts'
import { expectSafe, hostileRequests } from '../support/hostile.ts'
import { seedHostile } from '../support/hostile-site.ts'

const controller = useController()

const TRIED = ENDPOINTS.filter(({ path }) => path !== '/metrics' && path !== '/openapi.json')

describe.each(TRIED.map(endpoint => [`${endpoint.method} ${endpoint.path}`, endpoint] as const))(
  '%s',
  (_, endpoint) => {
    // What reads finds what those before have left.
    if (endpoint.method !== 'GET' || endpoint === TRIED[0]) beforeAll(() => seedHostile(controller))

    test('survives what nearly fits', async () => {
      const requests = hostileRequests(endpoint)
      const property = fc.asyncProperty(requests, async request => {
        expect(await expectSafe(controller, endpoint, request)).toBeLessThan(500)
      })
      await fc.assert(property, { numRuns: endpoint.method === 'GET' ? 4 : 8 })
    })
  },
)
