import type { Define } from '../define.ts'
import { defineKind } from '../resources/define.ts'
import { addBmcPassword } from './bmc-password.ts'
import { addConditions } from './condition.ts'
import { addMachineEvents } from '../events/machine-events.ts'
import { addHardware } from './hardware.ts'
import { addLifecycle } from './lifecycle.ts'

/** What only machines have: a life, a condition, a history, a BMC. */
export const defineMachine: Define = (command, session) => {
  defineKind('machine')(command, session)
  addMachineEvents(command, session)
  addLifecycle(command, session)
  addConditions(command, session)
  addBmcPassword(command, session)
  addHardware(command, session)
}
