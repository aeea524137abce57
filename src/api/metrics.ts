import type { Kysely } from 'kysely'
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Db } from '../db/schema.ts'

/** What this process measures of itself, and the few counts of the inventory that alarms are made of. */
export interface Metrics {
  registry: Registry
  requestSeconds: Histogram<'method' | 'route' | 'status'>
  refusedTokens: Counter
  eventStreams: Gauge
}

const REQUEST_BUCKETS_S = [0.002, 0.005, 0.01, 0.03, 0.1, 0.3, 1, 3, 10]

export function createMetrics(db: Kysely<Db>): Metrics {
  const registers = [new Registry()] as [Registry]
  const [registry] = registers
  collectDefaultMetrics({ register: registry })
  registry.registerMetric(machineGauge(db))
  return {
    registry,
    requestSeconds: new Histogram({
      name: 'rackwright_http_request_duration_seconds',
      help: 'Time from a request to the end of its answer.',
      labelNames: ['method', 'route', 'status'],
      buckets: REQUEST_BUCKETS_S,
      registers,
    }),
    refusedTokens: new Counter({
      name: 'rackwright_http_refused_tokens_total',
      help: 'Requests with a bad token or role.',
      registers,
    }),
    eventStreams: new Gauge({ name: 'rackwright_event_streams', help: 'Open event streams.', registers }),
  }
}

/** Counted when Prometheus asks. */
function machineGauge(db: Kysely<Db>) {
  return new Gauge({
    name: 'rackwright_machines',
    help: 'Machines by datacenter, lifecycle state and condition.',
    labelNames: ['datacenter', 'lifecycle', 'condition'],
    registers: [],
    async collect() {
      this.reset()
      for (const { count, ...labels } of await machineCounts(db)) this.set(labels, count)
    },
  })
}

function machineCounts(db: Kysely<Db>) {
  return db
    .selectFrom('machine')
    .select(({ fn }) => ['datacenter', 'lifecycle', 'condition', fn.countAll<number>().as('count')])
    .groupBy(['datacenter', 'lifecycle', 'condition'])
    .execute()
}
