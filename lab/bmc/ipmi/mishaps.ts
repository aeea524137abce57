import type { CommandFault } from './faults.ts'

/** Which command goes wrong when: keeps count of what a fault script says. */
export class Mishaps {
  readonly #faults: readonly CommandFault[]
  readonly #times = new Map<CommandFault, number>()
  #poweredAt = Number.NEGATIVE_INFINITY

  constructor(faults: readonly CommandFault[]) {
    this.#faults = faults
  }

  /** The machine was just switched off or reset. */
  notePower(): void {
    this.#poweredAt = performance.now()
  }

  /** What is to go wrong with a command that comes now. */
  of(command: string): 'silent' | { code: number } | undefined {
    const fault = this.#faults.find(row => row.command === command && this.#holds(row))
    if (!fault) return undefined
    this.#times.set(fault, (this.#times.get(fault) ?? 0) + 1)
    return fault.code === undefined ? 'silent' : { code: fault.code }
  }

  #holds(fault: CommandFault): boolean {
    if (fault.times !== undefined && (this.#times.get(fault) ?? 0) >= fault.times) return false
    return fault.afterPowerMs === undefined || performance.now() - this.#poweredAt < fault.afterPowerMs
  }
}
