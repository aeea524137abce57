import type { Batch, Job, QueuedJob, RunningJob } from './job.ts'
import { type Limits, type Share, shareOf } from './limits.ts'
import type { Topology } from './topology.ts'

/** Of which machines a run touches too many. */
export interface Excess {
  of: 'total' | 'owner' | 'service'
  name: string
  touches: number
  limit: number
}

/** Why a job is held for a person's yes, if it is. */
export type HeldBy = (job: QueuedJob) => Excess | undefined

/**
 * The brake on runs: a run is a batch, or what a team asks for without one. Counted are the different machines of its
 * destructive jobs, queued and running, that nobody has said yes to, and what the batch has ended already: a run is not
 * small because it comes in portions.
 */
export function brakeRuns(
  queued: readonly QueuedJob[],
  running: readonly RunningJob[],
  batches: ReadonlyMap<string, Batch>,
  topology: Topology,
  { destructive: { run: limit } }: Limits,
): HeldBy {
  const touched = new Map<string, Set<string>>()
  const touch = (key: string, machine: string) => {
    const machines = touched.get(key)
    if (machines) machines.add(machine)
    else touched.set(key, new Set([machine]))
  }
  for (const job of [...queued, ...running]) {
    if (!job.destructive || ('approvedBy' in job && job.approvedBy !== undefined)) continue
    for (const { key } of groupsOf(job, topology)) touch(key, job.machine)
  }
  return job => {
    if (!job.destructive || job.approvedBy !== undefined) return undefined
    const batch = job.batch === undefined ? undefined : batches.get(job.batch)
    const ended = batch ? batch.succeeded + batch.failed : 0
    for (const { of, name, key, all } of groupsOf(job, topology)) {
      const touches = (touched.get(key)?.size ?? 0) + (of === 'total' ? ended : 0)
      const most = shareOf(limit[of] satisfies Share, all)
      if (touches > most) return { of, name, touches, limit: most }
    }
    return undefined
  }
}

function groupsOf(job: Job, { places, owners, services }: Topology) {
  const run = job.batch === undefined ? `team ${job.team}` : `batch ${job.batch}`
  const { owner, service } = places.get(job.machine) ?? {}
  const groups: { of: Excess['of']; name: string; key: string; all: number }[] = [
    { of: 'total', name: 'the fleet', key: run, all: places.size },
  ]
  if (owner !== undefined)
    groups.push({ of: 'owner', name: owner, key: `${run}\nowner ${owner}`, all: owners.get(owner) ?? 0 })
  if (service !== undefined)
    groups.push({
      of: 'service',
      name: service,
      key: `${run}\nservice ${service}`,
      all: services.get(service)?.machines ?? 0,
    })
  return groups
}

export type BatchStop = 'too-many-failed' | 'canary-failed'

/** The failure brake. While canaries run, one failure is too many: that is what they are for. */
export function stopOf({ succeeded, failed, canary }: Batch, { failure }: Limits): BatchStop | undefined {
  const ended = succeeded + failed
  if (failed > 0 && succeeded < canary) return 'canary-failed'
  return ended >= failure.from && failed * 100 > failure.percent * ended ? 'too-many-failed' : undefined
}

/** How many more canaries a batch may have under way; Infinity once they have succeeded. */
export const canariesLeft = ({ succeeded, canary }: Batch, underWay: number): number =>
  succeeded >= canary ? Infinity : canary - succeeded - underWay
