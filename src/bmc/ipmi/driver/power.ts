import { AppError } from '../../../lib/errors.ts'
import type { ObservedPower, PowerAction } from '../../driver.ts'
import type { Run } from '../command.ts'
import { chassisControl, getChassisStatus } from '../commands/chassis.ts'

export async function readPower(run: Run): Promise<ObservedPower> {
  try {
    return (await run(getChassisStatus)).powered ? 'on' : 'off'
  } catch (error) {
    // The BMC says so itself: it is there, and the machine is on its way from one state to another.
    if (error instanceof AppError && error.code === 'bmc_transitional') return 'transitioning'
    throw error
  }
}

/** The state in which there is nothing left to do for an action; others always do something. */
const ALREADY: Readonly<Partial<Record<PowerAction, ObservedPower>>> = { on: 'on', off: 'off', 'soft-off': 'off' }

export async function sendPower(run: Run, action: PowerAction): Promise<void> {
  try {
    await run(chassisControl, action)
  } catch (error) {
    // Firmware differs in whether it refuses to switch off what is off (§28.3 allows both).
    const refused = error instanceof AppError && error.code !== 'bmc_unreachable' && error.code !== 'bmc_auth'
    if (refused && ALREADY[action] !== undefined && (await readPower(run)) === ALREADY[action]) return
    throw error
  }
}
