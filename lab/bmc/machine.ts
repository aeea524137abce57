import type { BootOverride, PowerAction } from '../../src/bmc/driver.ts'

/** The serial port of a machine, for Serial over LAN. */
export interface SerialPort {
  readonly write: (data: Buffer) => void
  readonly sendBreak: () => void
  /** What the machine sends from now on; call the result to hear no more. */
  readonly onData: (listener: (data: Buffer) => void) => () => void
}

/** What stands behind a virtual BMC: a simulated machine, or one in QEMU. */
export interface VirtualMachine {
  /** What a look at the power circuit tells now. */
  readonly power: 'on' | 'off'
  readonly serial: SerialPort
  /** Begins the action; `power` tells when it has come about. */
  readonly control: (action: PowerAction) => void | Promise<void>
  /** `next` tells what to boot from, once a start: a one-time override is used up by that. */
  readonly onStart: (next: () => BootOverride | undefined) => void
  readonly identify: (state: 'on' | 'off' | { seconds: number }) => void
}
