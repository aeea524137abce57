import { measureInTurn, type Repeats, type Samples, type Task } from '../support/samples.ts'
import { type Counts, countOnce } from './counts.ts'
import type { Site } from './site.ts'

/** Something to measure, and the same done by hand. What comes before is prepared outside of the measured time. */
export interface Work {
  what: string
  ours: (site: Site) => Task | Promise<Task>
  peer?: (site: Site) => Task | Promise<Task>
}

export interface Measured extends Counts {
  what: string
  ours: Samples
  peer?: Samples | undefined
}

/** Times first, counts after: counting slows the database down. */
export async function measureAll(site: Site, works: readonly Work[], repeats: Repeats): Promise<Measured[]> {
  const measured: Measured[] = []
  for (const { what, ours, peer } of works) {
    const tasks = [await ours(site), ...(peer ? [await peer(site)] : [])]
    const [mine, theirs] = await measureInTurn(tasks, repeats)
    if (!mine) throw new Error(`nothing was measured of ${what}`)
    measured.push({ what, ours: mine, peer: theirs, ...NOT_COUNTED })
  }
  for (const [at, { ours }] of works.entries()) {
    const before = measured[at]
    if (before) measured[at] = { ...before, ...(await countOnce(site, await ours(site))) }
  }
  return measured
}

const NOT_COUNTED: Counts = { queries: 0, rowsRead: 0, rowsWritten: 0 }
