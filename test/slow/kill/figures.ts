import type { StrikeName } from './strikes.ts'
import type { Faults } from './verify.ts'

/** What a run of kills found. */
export interface Figures extends Faults {
  kills: Partial<Record<StrikeName | 'the very first start', number>>
  /** Writes that were answered. */
  acknowledged: number
  /** Writes without an answer: how many turned out done, how many not. */
  unanswered: { done: number; undone: number }
  /** Writes that were repeated with their key. */
  repeated: number
  /** Repeats that were answered otherwise than the first time. */
  changedAnswers: string[]
  /** Refusals of what is right. */
  refusals: string[]
  /** Processes without an owner, an owner without a server, what stopped badly. */
  orphans: string[]
  /** From the kill to the next acknowledged write, milliseconds. */
  restartMs: number[]
}

export const noFigures = (): Figures => ({
  kills: {},
  acknowledged: 0,
  unanswered: { done: 0, undone: 0 },
  repeated: 0,
  lost: [],
  doubled: [],
  half: [],
  changedAnswers: [],
  refusals: [],
  orphans: [],
  restartMs: [],
})

export function sumOf(all: readonly Figures[]): Figures {
  return all.reduce((sum, one) => {
    const kills = { ...sum.kills }
    for (const [name, count] of Object.entries(one.kills) as [StrikeName, number][])
      kills[name] = (kills[name] ?? 0) + count
    return {
      kills,
      acknowledged: sum.acknowledged + one.acknowledged,
      unanswered: {
        done: sum.unanswered.done + one.unanswered.done,
        undone: sum.unanswered.undone + one.unanswered.undone,
      },
      repeated: sum.repeated + one.repeated,
      lost: [...sum.lost, ...one.lost],
      doubled: [...sum.doubled, ...one.doubled],
      half: [...sum.half, ...one.half],
      changedAnswers: [...sum.changedAnswers, ...one.changedAnswers],
      refusals: [...sum.refusals, ...one.refusals],
      orphans: [...sum.orphans, ...one.orphans],
      restartMs: [...sum.restartMs, ...one.restartMs],
    }
  }, noFigures())
}

/** Everything that may not be, in words. */
export function faultsOf(figures: Figures): string[] {
  const { lost, doubled, half, changedAnswers, refusals, orphans } = figures
  return Object.entries({ lost, doubled, half, changedAnswers, refusals, orphans }).flatMap(([what, found]) =>
    found.map(one => `${what}: ${one}`),
  )
}
