/** What can be full: its name in sentences, in the order in which they are told. */
export const DIMENSIONS = {
  rack: 'rack',
  powerFeed: 'power feed',
  switch: 'switch',
  bootServer: 'boot server',
  room: 'room',
  datacenter: 'datacenter',
  kind: 'kind',
  service: 'service',
  serviceRack: 'service in one rack',
  serviceRacks: 'racks of service',
  destructive: 'destructive jobs of',
  destructiveOwner: 'destructive jobs on machines of owner',
  destructiveService: 'destructive jobs on machines of service',
} as const
export type Dimension = keyof typeof DIMENSIONS

/** Those that count every job by where it runs or what it is. */
export const COUNTING_ALL = ['rack', 'powerFeed', 'switch', 'bootServer', 'room', 'datacenter', 'kind'] as const
export type CountingAll = (typeof COUNTING_ALL)[number]

/** How many at once: for each by name, else for each. Left out: no limit. */
export interface Allowance {
  each?: number
  named?: Readonly<Record<string, number>>
}

/** At most `most`, and at most `percent` of all there are; but `least` of however few. Each left out: no limit. */
export interface Share {
  most?: number
  percent?: number
  /** A share of a small number is nothing, and nothing would ever be done. */
  least: number
}

export interface Shares {
  total: Share
  /** By the owner of the machine's service. */
  owner: Share
  service: Share
}

/** What is paused, by whom and why. Fields left out mean all; a job has to match all that are there. */
export interface Pause {
  by: string
  reason: string
  datacenter?: string
  room?: string
  rack?: string
  service?: string
  kind?: string
  team?: string
  batch?: string
}

export interface Limits {
  at: Readonly<Partial<Record<CountingAll, Allowance>>>
  /** Of one service: machines that are away in one rack, and racks with such machines. */
  service: { perRack?: number; racks?: number }
  destructive: {
    /** How many at once. They wait for each other; no yes lets more through. */
    atOnce: Shares
    /** How many machines one run may touch before a named person has to say yes. */
    run: Shares
  }
  /** A batch stops when more than `percent` of its ended jobs failed, from `from` ended jobs on. */
  failure: { percent: number; from: number }
  /** Between two power-ons of one rack. */
  powerOnGapMs: number
  /** A waiting job counts as of the next higher priority after each such time. */
  climbMs: number
  /** After so long the oldest job of each team goes first, and places are kept for it. */
  overdueMs: number
  /** A team of weight 2 may have twice as much running as one of weight 1, which is what others have. */
  teamWeights: Readonly<Record<string, number>>
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

/** For 10,000 machines in racks of 40. Lower than what switches and feeds bear: the first night should be a calm one. */
export const DEFAULT_LIMITS: Limits = {
  at: {
    rack: { each: 4 },
    powerFeed: { each: 8 },
    switch: { each: 8 },
    bootServer: { each: 50 },
    room: { each: 50 },
    datacenter: { each: 100 },
  },
  service: {},
  destructive: {
    atOnce: {
      total: { most: 50, percent: 5, least: 1 },
      owner: { most: 25, percent: 10, least: 1 },
      service: { most: 10, percent: 10, least: 1 },
    },
    run: {
      total: { most: 200, percent: 10, least: 3 },
      owner: { percent: 30, least: 3 },
      service: { percent: 30, least: 3 },
    },
  },
  failure: { percent: 20, from: 5 },
  powerOnGapMs: 2_000,
  climbMs: 6 * HOUR_MS,
  overdueMs: 24 * HOUR_MS,
  teamWeights: {},
}

export function allowedAt(limits: Limits, dimension: CountingAll, name: string): number {
  const { each = Infinity, named = {} } = limits.at[dimension] ?? {}
  return Object.hasOwn(named, name) ? (named[name] ?? each) : each
}

export function shareOf({ most = Infinity, percent, least }: Share, all: number): number {
  return Math.min(most, percent === undefined ? Infinity : Math.max(least, Math.floor((all * percent) / 100)))
}

/**
 * A service's maxUnavailable in machines. A percentage of a small service is rounded up to one, as else none of its
 * machines could ever be recycled; "0" and "0%" mean none.
 */
export function maxUnavailable(text: string, machines: number): number {
  const value = Number.parseInt(text, 10)
  if (!text.endsWith('%')) return value
  return value === 0 ? 0 : Math.max(1, Math.floor((machines * value) / 100))
}
