import type { Endpoint } from '../../src/api/contract/endpoint.ts'
import { metrics } from '../../src/api/contract/system.ts'
import type { Task } from '../support/samples.ts'
import type { Site } from './site.ts'

/**
 * The mean time that the server itself saw between a request and its answer, by endpoint, while a task ran: from the histogram
 * in its metrics. What the client and the network need is not in it.
 */
export async function serverTimes(
  site: Site,
  endpoints: readonly Endpoint[],
  { before, run }: Task,
  times: number,
): Promise<number[]> {
  const start = await totals(site, endpoints)
  for (let round = 0; round < times; round += 1) {
    before?.()
    await run()
  }
  const end = await totals(site, endpoints)
  return end.map(({ sumMs, count }, at) => (sumMs - (start[at]?.sumMs ?? 0)) / (count - (start[at]?.count ?? 0)))
}

async function totals({ client }: Site, endpoints: readonly Endpoint[]) {
  const text = await client.call(metrics, {})
  const total = (part: string, { method, path }: Endpoint) =>
    text
      .split('\n')
      .filter(line => line.startsWith(`rackwright_http_request_duration_seconds_${part}{`))
      .filter(line => line.includes(`method="${method}"`) && line.includes(`route="${path}"`))
      .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
  return endpoints.map(endpoint => ({ sumMs: total('sum', endpoint) * 1_000, count: total('count', endpoint) }))
}
