import type { Obeys } from '../calendar/calendar.ts'

/** Whose turn is before whose, first to last. A job climbs one row for every `Limits.climbMs` that it has waited. */
export const PRIORITIES = ['urgent', 'developer', 'routine', 'night'] as const
export type Priority = (typeof PRIORITIES)[number]

export const CONDITIONS = ['ok', 'maintenance', 'hold', 'broken'] as const
export type Condition = (typeof CONDITIONS)[number]

/** What admission knows of a job: facts of its kind and of who asked for it. Times in milliseconds since 1970. */
export interface Job {
  id: string
  kind: string
  machine: string
  /** Whose share of the fleet's work it is: the team that asked, which need not own the machine. */
  team: string
  /** Jobs that were asked for together. */
  batch?: string | undefined
  /** Destroys what is on the machine's disks. */
  destructive: boolean
  /** The machine's service does without it meanwhile. */
  disruptive: boolean
  /** Switches the machine on soon after its start: racks do not take many of these at once. */
  powersOn: boolean
}

export interface QueuedJob extends Job {
  priority: Priority
  queuedAt: number
  obeys: Obeys
  /** How long it takes, from history (see history.ts). What may take too long for the open window is not started. */
  takes: Duration
  /** The person who said yes to what the brake on destructive runs had held. */
  approvedBy?: string | undefined
  /** Conditions besides `ok` in which it may run: a repair runs on what is broken. */
  accepts?: readonly Condition[] | undefined
}

export interface RunningJob extends Job {
  startedAt: number
}

/** Half of the jobs take at most p50, 95 of 100 at most p95. */
export interface Duration {
  p50Ms: number
  p95Ms: number
}

/** How far a batch is. Counts begin again when a named person lets a stopped batch go on. */
export interface Batch {
  succeeded: number
  failed: number
  /** So many have to succeed before the others start. */
  canary: number
}
