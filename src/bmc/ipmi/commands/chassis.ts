import type { PowerAction } from '../../driver.ts'
import { command, nothing } from '../command.ts'

/** What happens when the AC power comes back, by its number in Set Power Restore Policy (§28.8). */
export const RESTORE_POLICIES = ['stay-off', 'as-before', 'turn-on'] as const
export type RestorePolicy = (typeof RESTORE_POLICIES)[number]

/** Get Chassis Status. `powered` is what the BMC reads from the power circuit at this moment. */
export const getChassisStatus = command({
  name: 'Get Chassis Status',
  ref: '§28.2',
  netFn: 'chassis',
  command: 0x01,
  decode: reply => {
    const [power, last, misc] = [reply.u8(), reply.u8(), reply.u8()]
    return {
      powered: (power & 0x01) !== 0,
      overload: (power & 0x02) !== 0,
      interlock: (power & 0x04) !== 0,
      powerFault: (power & 0x08) !== 0,
      powerControlFault: (power & 0x10) !== 0,
      /** undefined: the BMC does not know. */
      restorePolicy: RESTORE_POLICIES[(power >> 5) & 0x03],
      lastEvent: {
        acFailed: (last & 0x01) !== 0,
        overload: (last & 0x02) !== 0,
        interlock: (last & 0x04) !== 0,
        fault: (last & 0x08) !== 0,
        poweredOnByCommand: (last & 0x10) !== 0,
      },
      intrusion: (misc & 0x01) !== 0,
      frontPanelLockout: (misc & 0x02) !== 0,
      driveFault: (misc & 0x04) !== 0,
      coolingFault: (misc & 0x08) !== 0,
      identify: IDENTIFY_STATES[(misc >> 4) & 0x07],
    }
  },
})

/** Bit 6: the BMC tells; bits 5 and 4: what (§28.2). */
const IDENTIFY_STATES: Readonly<Record<number, 'off' | 'timed' | 'on'>> = { 4: 'off', 5: 'timed', 6: 'on' }

/** Chassis Control (§28.3). */
export const CONTROL = { off: 0, on: 1, cycle: 2, reset: 3, nmi: 4, 'soft-off': 5 } as const satisfies Record<
  PowerAction,
  number
>

/** The BMC accepts it; the effect comes later, if it comes. */
export const chassisControl = command({
  name: 'Chassis Control',
  ref: '§28.3',
  netFn: 'chassis',
  command: 0x02,
  // A second 'cycle' or 'reset' would cut a boot short that has just begun.
  repeatable: false,
  encode: (action: PowerAction) => [CONTROL[action]],
  decode: nothing,
})

/** Seconds that an interval may last; 'on' lasts until it is ended. */
const IDENTIFY_MAX_SECONDS = 255

export const chassisIdentify = command({
  name: 'Chassis Identify',
  ref: '§28.5',
  netFn: 'chassis',
  command: 0x04,
  /** 0 seconds: off. */
  encode: (interval: number | 'on') =>
    interval === 'on' ? [0, 0x01] : [Math.max(0, Math.min(Math.round(interval), IDENTIFY_MAX_SECONDS))],
  decode: nothing,
})

/** Asks only what is supported. */
const NO_CHANGE = 3

/** Sets the policy; without one, changes nothing. Replies the policies that the machine supports. */
export const setPowerRestorePolicy = command({
  name: 'Set Power Restore Policy',
  ref: '§28.8',
  netFn: 'chassis',
  command: 0x06,
  encode: (policy?: RestorePolicy) => [policy ? RESTORE_POLICIES.indexOf(policy) : NO_CHANGE],
  decode: reply => {
    const supported = reply.u8()
    return RESTORE_POLICIES.filter((_, bit) => (supported & (1 << bit)) !== 0)
  },
})

/** Why the machine started last (table 28-11). */
const RESTART_CAUSES = [
  'unknown',
  'chassis control command',
  'reset button',
  'power button',
  'watchdog',
  'vendor',
  'power restored: always on',
  'power restored: as before',
  'reset by event filter',
  'power cycle by event filter',
  'soft reset',
  'real time clock',
] as const

export const getSystemRestartCause = command({
  name: 'Get System Restart Cause',
  ref: '§28.11',
  netFn: 'chassis',
  command: 0x07,
  decode: reply => {
    const [cause, channel] = [reply.u8(), reply.u8()]
    return { cause: RESTART_CAUSES[cause & 0x0f] ?? `cause ${cause & 0x0f}`, channel: channel & 0x0f }
  },
})
