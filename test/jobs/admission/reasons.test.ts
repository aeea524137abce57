import { describe, expect, test } from 'vitest'
import { admit } from '../../../src/jobs/admission/admit.ts'
import type { AdmissionInput } from '../../../src/jobs/admission/gates.ts'
import type { QueuedJob } from '../../../src/jobs/admission/job.ts'
import type { Limits } from '../../../src/jobs/admission/limits.ts'
import { sentenceOf } from '../../../src/jobs/admission/reasons.ts'
import { makeCalendar } from '../../../src/jobs/calendar/calendar.ts'
import { HOUR_MS, input, MINUTE_MS, NO_LIMITS, NOON, queuedJob, running, smallSite } from '../support/site.ts'

const DAY_MS = 24 * HOUR_MS
const job = (id: string, machine: string, fields: Partial<QueuedJob> = {}) => queuedJob({ id, machine, ...fields })
const limits = (fields: Partial<Limits>): Limits => ({ ...NO_LIMITS, ...fields })
const condition = (state: 'broken' | 'maintenance' | 'hold', untilMs?: number) =>
  smallSite(new Map([['m1', { state, reason: 'a fan is dead', untilMs }]]))
const wide = { datacenters: [], tiers: [] }
const calendarOf = (fields: Partial<Parameters<typeof makeCalendar>[0]>) =>
  makeCalendar({ datacenters: [{ name: 'lon1', timeZone: 'UTC' }], windows: [], freezes: [], ...fields })
const nightly = (fields = {}) =>
  calendarOf({
    windows: [{ name: 'night', ...wide, schedule: '0 22 * * *', durationMinutes: 480, jitterMinutes: 0, ...fields }],
  })
const inWindows = (fields: Partial<QueuedJob> = {}) => job('j1', 'm1', { obeys: 'windows', ...fields })
const wipe = (id: string, machine: string, fields: Partial<QueuedJob> = {}) =>
  job(id, machine, { destructive: true, ...fields })
const runLimit = (most: number) =>
  limits({
    destructive: { ...NO_LIMITS.destructive, run: { ...NO_LIMITS.destructive.run, total: { most, least: 1 } } },
  })
const holders = [job('h1', 'm2'), job('h2', 'm3')].map(one => running(one))

/** What is in the way of j1, and what the person who asked for it reads. */
const CASES: [name: string, Partial<AdmissionInput>, sentence: string][] = [
  [
    'machine-unknown',
    { queued: [job('j1', 'gone')] },
    'The machine gone is not in the inventory. Declare it again, or cancel this job.',
  ],
  [
    'machine-condition: broken',
    { queued: [job('j1', 'm1')], topology: condition('broken') },
    'The machine m1 is broken: a fan is dead. It starts when the machine is ok again.',
  ],
  [
    'machine-condition: maintenance with an end',
    { queued: [job('j1', 'm1')], topology: condition('maintenance', NOON + HOUR_MS) },
    'The machine m1 is in maintenance until 2026-06-10 13:00 UTC: a fan is dead. It starts when the machine is ok again.',
  ],
  [
    'machine-condition: hold',
    { queued: [job('j1', 'm1')], topology: condition('hold') },
    'The machine m1 is on hold: a fan is dead. It starts when the machine is ok again.',
  ],
  [
    'machine-busy',
    { queued: [job('j1', 'm1')], running: [running(job('other', 'm1'))] },
    'The machine m1 has other running. It starts when that has ended.',
  ],
  [
    'paused',
    { queued: [job('j1', 'm1')], paused: [{ by: 'alice', reason: 'smoke', rack: 'r1' }] },
    'alice paused rack r1: smoke. It starts when this is resumed.',
  ],
  [
    'too-many-failed',
    { queued: [job('j1', 'm1', { batch: 'b' })], batches: new Map([['b', { succeeded: 3, failed: 2, canary: 1 }]]) },
    'The batch b stopped itself: 2 of 5 failed, more than 20 %. Look at the failures, then resume or cancel the batch.',
  ],
  [
    'canary-failed',
    { queued: [job('j1', 'm1', { batch: 'b' })], batches: new Map([['b', { succeeded: 0, failed: 1, canary: 1 }]]) },
    'The batch b stopped itself: of its first jobs 1 failed. Look at the failures, then resume or cancel the batch.',
  ],
  [
    'canary-first',
    {
      queued: [job('c1', 'm2', { batch: 'b' }), job('j1', 'm1', { batch: 'b' })],
      batches: new Map([['b', { succeeded: 0, failed: 0, canary: 1 }]]),
    },
    'The batch b tries 1 first, and 0 of them succeeded. It starts when all 1 have.',
  ],
  [
    'needs-approval',
    { queued: [wipe('j1', 'm1', { batch: 'b' }), wipe('j2', 'm2', { batch: 'b' })], limits: runLimit(1) },
    'The batch b would destroy data on 2 machines of the fleet, and 1 go without asking. A person has to approve it by name.',
  ],
  [
    'frozen',
    {
      queued: [inWindows()],
      calendar: calendarOf({
        freezes: [
          {
            name: 'gala',
            reason: 'the gala',
            ...wide,
            startsAt: '2026-06-10T00:00:00Z',
            endsAt: '2026-06-11T00:00:00Z',
          },
        ],
      }),
    },
    'The freeze gala lasts until 2026-06-11 00:00 UTC: the gala. It may start at 2026-06-11 00:00 UTC.',
  ],
  [
    'window-closed',
    { queued: [inWindows()], calendar: nightly() },
    'No window is open. The window night opens at 2026-06-10 22:00 UTC.',
  ],
  [
    'window-closed for ever',
    { queued: [inWindows()], calendar: nightly({ schedule: '0 0 31 2 *' }) },
    'No window is open. No window opens after it: change the windows or freezes.',
  ],
  [
    'jitter',
    { queued: [inWindows()], calendar: nightly({ schedule: '59 11 * * *', jitterMinutes: 480 }) },
    'The window night lets its jobs in one after the other. This one may start at 2026-06-10 13:52 UTC.',
  ],
  [
    'too-long',
    { queued: [inWindows()], calendar: nightly({ schedule: '10 7,22 * * *', durationMinutes: 300 }) },
    'It may take 20 min, and the window ends at 2026-06-10 12:10 UTC. It may start at 2026-06-10 22:10 UTC.',
  ],
  [
    'too-long for every window',
    {
      queued: [inWindows({ takes: { p50Ms: HOUR_MS, p95Ms: 9 * HOUR_MS } })],
      nowMs: NOON + 11 * HOUR_MS,
      calendar: nightly(),
    },
    'It may take 9 h 00 min, and the window ends at 2026-06-11 06:00 UTC. The next opening, at 2026-06-11 22:00 UTC, is too short as well: lengthen a window.',
  ],
  [
    'power-on-gap',
    {
      queued: [job('j1', 'm1', { powersOn: true })],
      powerOns: new Map([['r1', NOON]]),
      limits: limits({ powerOnGapMs: 5 * MINUTE_MS }),
    },
    'The rack r1 has just switched a machine on. It may start at 2026-06-10 12:05 UTC.',
  ],
  [
    'limit of a rack',
    { queued: [job('j1', 'm1')], running: holders, limits: limits({ at: { rack: { named: { r1: 2 } } } }) },
    'Waits for rack r1: 2 of 2 taken by h1, h2; 1st in line. It starts when one of them ends.',
  ],
  [
    'limit of room and datacenter',
    {
      queued: [job('j1', 'm1')],
      running: holders,
      limits: limits({ at: { room: { each: 2 }, datacenter: { each: 2 } } }),
    },
    'Waits for room hall-1: 2 of 2 taken by h1, h2; 1st in line. Full as well: datacenter lon1. It starts when one of them ends.',
  ],
  [
    'limit that was lowered',
    { queued: [job('j1', 'm1')], running: holders, limits: limits({ at: { bootServer: { each: 1 } } }) },
    'Waits for boot server boot-1: 2 of 1 taken by h1, h2; 1st in line. It needs 2 of them to end, as the limit was lowered.',
  ],
  [
    'limit of nothing',
    { queued: [job('j1', 'm1')], limits: limits({ at: { kind: { named: { reboot: 0 } } } }) },
    'Nothing may run at kind reboot: its limit is 0. Raise the limit, or cancel this job.',
  ],
  [
    'limit of a service by machines that are away',
    {
      queued: [job('j1', 'm1', { disruptive: true })],
      topology: smallSite(
        new Map([
          ['m4', { state: 'broken' as const, reason: 'disk' }],
          ['m5', { state: 'hold' as const, reason: 'disk' }],
        ]),
      ),
    },
    'Waits for service web: 2 of 2 taken by m4, m5; 1st in line. It starts when one of these machines is ok again.',
  ],
  [
    'limit kept for one that waited longest',
    {
      queued: [job('old', 'm2', { queuedAt: NOON - 2 * DAY_MS }), job('j1', 'm11')],
      running: [running(job('h1', 'm3'))],
      limits: limits({ at: { rack: { named: { r1: 1 } }, room: { each: 2 } } }),
    },
    'Waits for room hall-1: 2 of 2 taken by h1, 1 kept for old, which waited longest; 1st in line. It starts when one of them ends.',
  ],
]

describe('a waiting job tells', () => {
  test.each(CASES)('%s', (name, fields, sentence) => {
    const found = admit(input(fields)).find(one => one.job === 'j1')
    const wait = found && !found.start ? found.wait : undefined
    expect(wait && sentenceOf(wait)).toBe(sentence)
    expect(name.split(/[ :]/)[0]).toBe(wait?.code)
  })

  test('nothing when it starts, as an approved run and a repair of what is broken do', () => {
    const approved = [wipe('j1', 'm1', { batch: 'b', approvedBy: 'alice' }), wipe('j2', 'm2', { batch: 'b' })]
    expect(admit(input({ queued: approved, limits: runLimit(1) })).every(one => one.start)).toBe(true)
    const repair = job('j1', 'm1', { accepts: ['broken'] })
    expect(admit(input({ queued: [repair], topology: condition('broken') }))).toEqual([{ job: 'j1', start: true }])
  })

  test('its place in the queue: who waits first, and of each team in turn', () => {
    const queued = [
      ...['a1', 'a2', 'a3'].map((id, at) => job(id, `m${at + 1}`, { team: 'a' })),
      job('b1', 'm4', { team: 'b', queuedAt: NOON - MINUTE_MS }),
      job('d1', 'm5', { team: 'a', priority: 'developer', queuedAt: NOON }),
      job('n1', 'm6', { team: 'c', priority: 'night' }),
    ]
    const decisions = admit(input({ queued, limits: limits({ at: { kind: { each: 0 } } }) }))
    expect(decisions.map(one => one.job)).toEqual(['d1', 'b1', 'a1', 'a2', 'a3', 'n1'])
    expect(decisions.map(one => !one.start && one.position)).toEqual([1, 2, 3, 4, 5, 6])
  })
})
