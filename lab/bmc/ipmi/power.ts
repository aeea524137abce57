import type { BootOverride, PowerAction } from '../../../src/bmc/driver.ts'
import { decodeBootFlags } from '../../../src/bmc/ipmi/commands/boot.ts'
import type { VirtualMachine } from '../machine.ts'
import { CODE, Refusal } from './codes.ts'
import type { FaultScript } from './faults.ts'
import type { Mishaps } from './mishaps.ts'

const VALID = 0x80
/** Bit of the boot device's selector: another one than was asked for. */
const OTHER_DEVICE = 0x08

/** The machine's power and boot options as the BMC tells them: with the lies that a fault script wants. */
export class Power {
  readonly #machine: VirtualMachine
  readonly #faults: FaultScript
  readonly #mishaps: Mishaps
  #changedAt = Number.NEGATIVE_INFINITY
  #before: 'on' | 'off'
  /** Five bytes of boot flags (table 28-14, parameter 5). */
  #flags = Buffer.alloc(5)
  lastStartByCommand = false
  /** As in byte 3 of the chassis status, bits 5 and 4: off, timed, on. */
  lamp: 0 | 1 | 2 = 0
  /** The other boot options, by code. */
  readonly bootOptions = new Map<number, Buffer>([
    [0, Buffer.from([0])],
    [3, Buffer.from([0])],
    [4, Buffer.from([0, 0])],
  ])

  constructor(machine: VirtualMachine, faults: FaultScript, mishaps: Mishaps) {
    this.#machine = machine
    this.#faults = faults
    this.#mishaps = mishaps
    this.#before = machine.power
    machine.onStart(() => this.#takeBoot())
  }

  /** @throws Refusal while the state is said to be transitional */
  read(): 'on' | 'off' {
    const { liesMs = 0, transitionalMs = 0 } = this.#faults.power ?? {}
    const sinceMs = performance.now() - this.#changedAt
    if (sinceMs < transitionalMs) throw new Refusal(CODE.notNow)
    return sinceMs < liesMs ? this.#before : this.#machine.power
  }

  async control(action: PowerAction): Promise<void> {
    this.#before = this.#machine.power
    this.#changedAt = performance.now()
    if (action !== 'on' && action !== 'nmi') this.#mishaps.notePower()
    if (this.#faults.power?.ignored) return
    this.lastStartByCommand = action !== 'nmi'
    await this.#machine.control(action)
  }

  identify(state: 'on' | 'off' | { seconds: number }): void {
    this.lamp = state === 'off' ? 0 : state === 'on' ? 2 : 1
    this.#machine.identify(state)
  }

  get bootFlags(): Buffer {
    return this.#flags
  }

  set bootFlags(flags: Buffer) {
    this.#flags = Buffer.from(flags)
    if (this.#faults.boot?.dropsDevice) this.#flags[1] = OTHER_DEVICE
  }

  /** What the machine shall boot from now. A one-time override is used up. */
  #takeBoot(): BootOverride | undefined {
    const { valid, override } = decodeBootFlags(this.#flags)
    if (!valid) return undefined
    if (!override.persistent) this.#flags[0] = (this.#flags[0] ?? 0) & ~VALID
    return this.#faults.boot?.ignored ? undefined : override
  }
}
