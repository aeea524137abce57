import type { BootDevice, PowerAction } from '../../../src/bmc/driver.ts'
import type { VirtualMachine } from '../machine.ts'

export type MachinePower = 'on' | 'off' | 'powering-on' | 'powering-off' | 'resetting'

export interface MachineBoot {
  target: string
  enabled: 'Disabled' | 'Once' | 'Continuous'
  mode: 'UEFI' | 'Legacy'
}

/** A machine as a Redfish service shows it. */
export interface Machine {
  readonly power: () => MachinePower
  readonly act: (action: PowerAction) => void
  readonly identify: (on: boolean) => void
  /** The override that its next start obeys. */
  readonly boot: MachineBoot
  /** What each start booted from: `disk` without an override. */
  readonly starts: readonly string[]
}

/** What an action is called while it comes about, and from which state it does anything. */
const MOVES: Readonly<Record<PowerAction, { by: MachinePower; from: 'on' | 'off'; starts: boolean } | undefined>> = {
  on: { by: 'powering-on', from: 'off', starts: true },
  off: { by: 'powering-off', from: 'on', starts: false },
  'soft-off': { by: 'powering-off', from: 'on', starts: false },
  cycle: { by: 'resetting', from: 'on', starts: true },
  reset: { by: 'resetting', from: 'on', starts: true },
  nmi: undefined,
}

/** DSP2046 ComputerSystem.BootSource as machines know it; other words boot as without an override. */
const DEVICES: Readonly<Record<string, BootDevice>> = {
  Pxe: 'pxe',
  Hdd: 'disk',
  Cd: 'cdrom',
  UsbCd: 'cdrom',
  BiosSetup: 'bios',
  Diags: 'diagnostics',
  Floppy: 'floppy',
  Usb: 'remote-media',
}

/** Any machine behind a Redfish service: its boot override lives in the service, and is used up by a start. */
export function frontOf(machine: VirtualMachine): Machine {
  const boot: MachineBoot = { target: 'None', enabled: 'Disabled', mode: 'UEFI' }
  const starts: string[] = []
  let moving: { readonly by: MachinePower; readonly arrived: () => boolean } | undefined

  machine.onStart(() => {
    const { target, enabled, mode } = boot
    starts.push(enabled === 'Disabled' ? 'disk' : target)
    if (enabled === 'Once') Object.assign(boot, { enabled: 'Disabled', target: 'None' })
    const device = enabled === 'Disabled' ? undefined : DEVICES[target]
    return device && { device, mode: mode === 'UEFI' ? 'uefi' : 'bios', persistent: enabled === 'Continuous' }
  })

  async function act(action: PowerAction): Promise<void> {
    const [move, before] = [MOVES[action], starts.length]
    if (move?.from === machine.power)
      moving = { by: move.by, arrived: () => (move.starts ? starts.length > before : machine.power === 'off') }
    try {
      await machine.control(action)
    } catch {
      moving = undefined // the machine is what it was; who asked sees that
    }
  }

  return {
    boot,
    starts,
    identify: on => machine.identify(on ? 'on' : 'off'),
    power: () => {
      if (moving?.arrived()) moving = undefined
      return moving?.by ?? machine.power
    },
    act: action => void act(action),
  }
}
