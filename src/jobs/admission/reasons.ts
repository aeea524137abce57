import type { Excess } from './brakes.ts'
import type { Condition } from './job.ts'
import type { Holder } from './ledger.ts'
import { DIMENSIONS, type Dimension } from './limits.ts'
import { ordinal, span, time } from './words.ts'

export interface FullLimit {
  dimension: Dimension
  name: string
  limit: number
  used: number
  /** The first few of those that use it. */
  holders: readonly Holder[]
  /** Of `used`, those kept for overdue jobs, and the first of these jobs. */
  kept: number
  keptFor: string | undefined
  /** Counts the jobs that wait for this limit, in the order of the queue, from 1. */
  inLine: number
}

/** Why a job waits, as data. What is undefined is not known or has no end. */
interface Reasons {
  'machine-unknown': { machine: string }
  'machine-condition': {
    machine: string
    condition: Exclude<Condition, 'ok'>
    why: string
    untilMs: number | undefined
  }
  'machine-busy': { machine: string; job: string; overdue: boolean }
  paused: { what: string; by: string; why: string }
  'too-many-failed': { batch: string; failed: number; ended: number; percent: number }
  'canary-failed': { batch: string; failed: number }
  'canary-first': { batch: string; canary: number; succeeded: number }
  'needs-approval': { run: string; excess: Excess }
  frozen: { freeze: string; why: string; untilMs: number; opensAtMs: number | undefined }
  'window-closed': { opensAtMs: number | undefined; window: string | undefined }
  jitter: { window: string; startsAtMs: number }
  'too-long': {
    needsMs: number
    endsAtMs: number
    freeze: string | undefined
    opensAtMs: number | undefined
    fitsThen: boolean
  }
  'power-on-gap': { rack: string; freeAtMs: number }
  /** The first is told in full; it may be that more have to get free. */
  limit: { full: readonly [FullLimit, ...FullLimit[]] }
}
export type ReasonCode = keyof Reasons
export type Reason = { [C in ReasonCode]: { code: C } & Reasons[C] }[ReasonCode]
type ReasonOf<C extends ReasonCode> = Extract<Reason, { code: C }>

const opening = (atMs: number | undefined): string =>
  atMs === undefined ? 'No window opens after it: change the windows or freezes.' : `It may start at ${time(atMs)}.`

/** One sentence or two a reason: what is in the way, and what has to happen. */
const SENTENCES: { [C in ReasonCode]: (reason: ReasonOf<C>) => string } = {
  'machine-unknown': ({ machine }) =>
    `The machine ${machine} is not in the inventory. Declare it again, or cancel this job.`,
  'machine-condition': ({ machine, condition, why, untilMs }) =>
    `The machine ${machine} is ${CONDITION_WORDS[condition]}${untilMs === undefined ? '' : ` until ${time(untilMs)}`}: ${why}. ` +
    'It starts when the machine is ok again.',
  'machine-busy': ({ machine, job, overdue }) =>
    overdue
      ? `The machine ${machine} is kept for ${job}, which waited longest. It starts when that has ended.`
      : `The machine ${machine} has ${job} running. It starts when that has ended.`,
  paused: ({ what, by, why }) => `${by} paused ${what}: ${why}. It starts when this is resumed.`,
  'too-many-failed': ({ batch, failed, ended, percent }) =>
    `The batch ${batch} stopped itself: ${failed} of ${ended} failed, more than ${percent} %. Look at the failures, then resume or cancel the batch.`,
  'canary-failed': ({ batch, failed }) =>
    `The batch ${batch} stopped itself: of its first jobs ${failed} failed. Look at the failures, then resume or cancel the batch.`,
  'canary-first': ({ batch, canary, succeeded }) =>
    `The batch ${batch} tries ${canary} first, and ${succeeded} of them succeeded. It starts when all ${canary} have.`,
  'needs-approval': ({ run, excess: { of, name, touches, limit } }) =>
    `${run} would destroy data on ${touches} machines of ${of === 'total' ? name : `${of} ${name}`}, and ${limit} go without asking. ` +
    'A person has to approve it by name.',
  frozen: ({ freeze, why, untilMs, opensAtMs }) =>
    `The freeze ${freeze} lasts until ${time(untilMs)}: ${why}. ${opening(opensAtMs)}`,
  'window-closed': ({ opensAtMs, window }) =>
    `No window is open. ${window === undefined ? opening(opensAtMs) : `The window ${window} opens at ${time(opensAtMs ?? 0)}.`}`,
  jitter: ({ window, startsAtMs }) =>
    `The window ${window} lets its jobs in one after the other. This one may start at ${time(startsAtMs)}.`,
  'too-long': ({ needsMs, endsAtMs, freeze, opensAtMs, fitsThen }) =>
    `It may take ${span(needsMs)}, and ${freeze === undefined ? 'the window ends' : `the freeze ${freeze} begins`} at ${time(endsAtMs)}. ` +
    (fitsThen || opensAtMs === undefined
      ? opening(opensAtMs)
      : `The next opening, at ${time(opensAtMs)}, is too short as well: lengthen a window.`),
  'power-on-gap': ({ rack, freeAtMs }) =>
    `The rack ${rack} has just switched a machine on. It may start at ${time(freeAtMs)}.`,
  limit: ({ full: [first, ...others] }) => `${limitSentence(first)}${alsoFull(others)} ${whatFrees(first)}`,
}

const CONDITION_WORDS = { maintenance: 'in maintenance', hold: 'on hold', broken: 'broken' } as const

const titleOf = ({ dimension, name }: FullLimit): string => `${DIMENSIONS[dimension]} ${name}`
const holderName = (holder: Holder): string => ('job' in holder ? holder.job : holder.machine)

function limitSentence(full: FullLimit): string {
  const { used, limit, inLine } = full
  if (limit === 0) return `Nothing may run at ${titleOf(full)}: its limit is 0.`
  return `Waits for ${titleOf(full)}: ${used} of ${limit} taken by ${takers(full).join(', ')}; ${ordinal(inLine)} in line.`
}

function takers({ used, kept, keptFor, holders }: FullLimit): string[] {
  const more = used - kept - holders.length
  return [
    ...holders.map(holderName),
    ...(more > 0 ? [`${more} more`] : []),
    ...(keptFor === undefined ? [] : [`${kept} kept for ${keptFor}, which waited longest`]),
  ]
}

const alsoFull = (others: readonly FullLimit[]): string =>
  others.length === 0 ? '' : ` Full as well: ${others.map(titleOf).join(', ')}.`

function whatFrees({ limit, used, holders }: FullLimit): string {
  if (limit === 0) return 'Raise the limit, or cancel this job.'
  if (used > limit) return `It needs ${used - limit + 1} of them to end, as the limit was lowered.`
  return holders.length > 0 && holders.every(holder => 'machine' in holder)
    ? 'It starts when one of these machines is ok again.'
    : 'It starts when one of them ends.'
}

/** What people read where a job waits. */
export function sentenceOf(reason: Reason): string {
  const sentence = SENTENCES[reason.code] as (one: Reason) => string
  return sentence(reason)
}

/** When this reason ends by itself, if the clock alone ends it. */
export function endsAtOf(reason: Reason): number | undefined {
  switch (reason.code) {
    case 'frozen':
    case 'window-closed':
      return reason.opensAtMs
    case 'too-long':
      return reason.fitsThen ? reason.opensAtMs : undefined
    case 'jitter':
      return reason.startsAtMs
    case 'power-on-gap':
      return reason.freeAtMs
    case 'machine-condition':
      return reason.untilMs
    default:
      return undefined
  }
}
