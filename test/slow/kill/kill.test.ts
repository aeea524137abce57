import { afterEach, describe, expect, test, vi } from 'vitest'
import { isRoot, leavesOutRoot, Workshop } from '../../db/support/local.ts'
import { MATRIX, nameOf } from './cells.ts'
import { faultsOf } from './figures.ts'
import { killRepeatedly } from './run.ts'

/** Of all cells together. RACKWRIGHT_KILLS=200 is the full run, as `npm run bench -- kill` does it. */
const KILLS = Number(process.env.RACKWRIGHT_KILLS ?? 12)
const KILLS_A_CELL = Math.ceil(KILLS / MATRIX.length)
const KILL_TIMEOUT_MS = 60_000

vi.setConfig({ testTimeout: KILLS_A_CELL * KILL_TIMEOUT_MS })
const workshop = new Workshop()
afterEach(() => workshop.end())

describe.each(MATRIX.map((cell, index) => ({ cell, index, name: nameOf(cell) })))('$name', ({ cell, index }) => {
  test.skipIf(cell.user === 'root' && leavesOutRoot)('no kill loses, doubles or halves a write', async () => {
    if (cell.user === 'root') expect(isRoot).toBe(true)
    const figures = await killRepeatedly({
      cell,
      kills: KILLS_A_CELL,
      firstStrike: index * (KILLS_A_CELL - 1),
      seed: KILLS + index,
      workshop,
      say: line => process.stdout.write(`${line}\n`),
    })
    expect(faultsOf(figures)).toEqual([])
    expect(figures.acknowledged).toBeGreaterThan(0)
  })
})
