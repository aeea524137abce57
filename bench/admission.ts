/** Admission of 100, 1,000 and 10,000 queued jobs over 10,000 machines in 250 racks, fifty windows: time of a call. */
import { parseArgs } from 'node:util'
import { admit } from '../src/jobs/admission/admit.ts'
import { forecast } from '../src/jobs/admission/forecast.ts'
import type { AdmissionInput } from '../src/jobs/admission/gates.ts'
import { DEFAULT_LIMITS } from '../src/jobs/admission/limits.ts'
import { makeCalendar } from '../src/jobs/calendar/calendar.ts'
import { fleetTopology, input, manyJobs, NOON, running } from '../test/jobs/support/site.ts'
import { ms, printTable, reportRow } from './support/report.ts'
import { measureInTurn, type Samples, timed } from './support/samples.ts'

const MACHINES = 10_000
/** As `manyJobs` says of every job. */
const TAKES = { p50Ms: 600_000, p95Ms: 1_200_000 }
const QUEUES = [100, 1_000, 10_000]
const REPEATS = { warmUp: 3, times: 20 }
const DATACENTERS = [
  { name: 'lon1', timeZone: 'Europe/London' },
  { name: 'sto1', timeZone: 'Europe/Stockholm' },
  { name: 'ash1', timeZone: 'America/New_York' },
  { name: 'sjc1', timeZone: 'America/Los_Angeles' },
]

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } })

const fiftyWindows = () =>
  makeCalendar({
    datacenters: DATACENTERS,
    windows: Array.from({ length: 50 }, (_, at) => ({
      name: `window-${at}`,
      datacenters: [],
      tiers: [],
      schedule: `${at} ${at % 24} * * *`,
      durationMinutes: 300,
      jitterMinutes: 10,
    })),
    freezes: [
      {
        name: 'friday',
        reason: 'no Fridays',
        datacenters: [],
        tiers: ['core'],
        schedule: '0 0 * * 5',
        durationMinutes: 1_440,
      },
    ],
  })

/** What a scheduler meets: as much running as the limits let in, and the queue behind it. */
function filled(queued: number): AdmissionInput {
  const topology = fleetTopology(MACHINES)
  let state = input({
    topology,
    limits: DEFAULT_LIMITS,
    calendar: fiftyWindows(),
    queued: manyJobs(topology, queued),
  })
  for (let starts = true; starts; ) {
    const started = new Set(admit(state).flatMap(one => (one.start ? [one.job] : [])))
    starts = started.size > 0
    state = {
      ...state,
      queued: state.queued.filter(job => !started.has(job.id)),
      running: [...state.running, ...state.queued.filter(job => started.has(job.id)).map(job => running(job, NOON))],
      nowMs: state.nowMs + DEFAULT_LIMITS.powerOnGapMs,
    }
  }
  return state
}

/** One running job ended since the last call. */
const afterOneChange = (state: AdmissionInput): AdmissionInput => ({ ...state, running: state.running.slice(1) })

const rows: { what: string; samples: Samples }[] = []
for (const count of QUEUES) {
  const state = filled(count)
  const changed = afterOneChange(state)
  const [full, change] = await measureInTurn(
    [state, changed].map(one => ({ run: () => Promise.resolve(admit(one)) })),
    REPEATS,
  )
  if (full) rows.push({ what: `${count} queued: full, nothing to start`, samples: full })
  if (change) rows.push({ what: `${count} queued: after one job ended`, samples: change })
  const takes = new Map(state.running.map(job => [job.id, TAKES]))
  const took = await timed({ run: () => Promise.resolve(forecast({ ...state, runningTake: takes })) })
  rows.push({ what: `${count} queued: forecast of all, three days`, samples: { p50: took, p95: took } })
}
const calendar = await timed({ run: () => Promise.resolve(admit({ ...filled(10_000), calendar: fiftyWindows() })) })
rows.push({ what: '10000 queued: with a calendar just read', samples: { p50: calendar, p95: calendar } })

printTable(
  ['admission', 'p50 ms', 'p95 ms'],
  rows.map(({ what, samples }) => [what, ms(samples.p50), ms(samples.p95)]),
)
if (values.json)
  console.log(
    JSON.stringify({ name: 'admission', rows: rows.map(({ what, samples }) => reportRow(what, 'ms', samples.p50)) }),
  )
