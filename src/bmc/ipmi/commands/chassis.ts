import { command } from '../command.ts'

/** What is set when the AC power comes back (§28.2). */
const RESTORE_POLICIES = ['stay-off', 'as-before', 'turn-on', 'unknown'] as const

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
      restorePolicy: RESTORE_POLICIES[(power >> 5) & 0x03] ?? 'unknown',
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
    }
  },
})
