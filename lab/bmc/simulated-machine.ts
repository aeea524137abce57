import type { BootOverride, PowerAction } from '../../src/bmc/driver.ts'
import type { SerialPort, VirtualMachine } from './machine.ts'

export interface SimulatedOptions {
  readonly name?: string
  readonly power?: 'on' | 'off'
  /** How long a change of power takes to come about. */
  readonly settleMs?: number
}

/** A machine without one: it has power, starts, remembers what it booted from, and echoes what its serial port is told. */
export class SimulatedMachine implements VirtualMachine {
  readonly name: string
  readonly serial: SerialPort
  power: 'on' | 'off'
  /** Of each start since it was made. */
  readonly starts: (BootOverride | undefined)[] = []
  /** Each action that was asked for. */
  readonly actions: PowerAction[] = []
  lamp: 'on' | 'off' | { seconds: number } = 'off'
  readonly #settleMs: number
  readonly #listeners = new Set<(data: Buffer) => void>()
  #next: () => BootOverride | undefined = () => undefined

  constructor({ name = 'machine', power = 'off', settleMs = 0 }: SimulatedOptions = {}) {
    this.name = name
    this.power = power
    this.#settleMs = settleMs
    this.serial = {
      write: data => this.#type(data),
      sendBreak: () => this.#say('[break]\r\n'),
      onData: listener => {
        this.#listeners.add(listener)
        return () => void this.#listeners.delete(listener)
      },
    }
  }

  onStart(next: () => BootOverride | undefined): void {
    this.#next = next
  }

  identify(state: 'on' | 'off' | { seconds: number }): void {
    this.lamp = state
  }

  control(action: PowerAction): void {
    this.actions.push(action)
    if (this.#settleMs === 0) this.#effect(action)
    else setTimeout(() => this.#effect(action), this.#settleMs).unref()
  }

  #effect(action: PowerAction): void {
    if (action === 'off' || action === 'soft-off') this.power = 'off'
    else if (action === 'nmi') this.#say('[nmi]\r\n')
    // Without power there is nothing to reset or to cycle; a start is a start only from off.
    else if (action === 'on' ? this.power === 'off' : this.power === 'on') this.#start()
  }

  #start(): void {
    this.power = 'on'
    const boot = this.#next()
    this.starts.push(boot)
    this.#say(`${this.name}: booting from ${boot?.device ?? 'its own order'}\r\n`)
  }

  /** Echoes; a line `print N` makes it print so many characters. */
  #type(data: Buffer): void {
    if (this.power === 'off') return
    const wanted = /^print (\d+)\r?$/.exec(data.toString('latin1'))?.[1]
    this.#say(wanted === undefined ? data : Buffer.alloc(Number(wanted), '0123456789abcdef'))
  }

  #say(text: string | Buffer): void {
    for (const listener of this.#listeners) listener(Buffer.from(text))
  }
}
