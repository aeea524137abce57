import { POWER_ACTIONS } from '../../../../src/bmc/driver.ts'
import { BOOT_PARAMETER, getSystemBootOption, setSystemBootOption } from '../../../../src/bmc/ipmi/commands/boot.ts'
import {
  chassisControl,
  chassisIdentify,
  CONTROL,
  getChassisStatus,
  getSystemRestartCause,
  setPowerRestorePolicy,
} from '../../../../src/bmc/ipmi/commands/chassis.ts'
import { CODE, Refusal } from '../codes.ts'
import { type Call, serve } from '../handler.ts'

const POWER_ON = 0x01
const LAST_BY_COMMAND = 0x10
const NO_CHANGE = 3
const PARAMETER_VERSION = 0x01

/** Commands of the chassis group. */
export const CHASSIS = [
  serve(getChassisStatus, 'user', ({ bmc: { power, content } }) => [
    (power.read() === 'on' ? POWER_ON : 0) | (content.restorePolicy << 5),
    power.lastStartByCommand ? LAST_BY_COMMAND : 0,
    0x40 | (power.lamp << 4), // the state of the lamp is told
    0,
  ]),
  serve(chassisControl, 'operator', async ({ bmc, data }) => {
    const code = data.u8() & 0x0f
    const action = POWER_ACTIONS.find(name => CONTROL[name] === code)
    if (!action) throw new Refusal(CODE.invalidField)
    await bmc.power.control(action)
    return []
  }),
  serve(chassisIdentify, 'operator', ({ bmc, data }) => {
    const seconds = data.left > 0 ? data.u8() : 15
    const isForced = data.left > 0 && (data.u8() & 0x01) !== 0
    bmc.power.identify(isForced ? 'on' : seconds === 0 ? 'off' : { seconds })
    return []
  }),
  serve(setPowerRestorePolicy, 'operator', ({ bmc, data }) => {
    const policy = data.u8() & 0x07
    if (policy > NO_CHANGE) throw new Refusal(CODE.invalidField)
    if (policy !== NO_CHANGE) bmc.content.restorePolicy = policy
    return [0x07]
  }),
  serve(getSystemRestartCause, 'user', ({ bmc }) => [bmc.power.lastStartByCommand ? 0x01 : 0x00, 0x01]),
  serve(setSystemBootOption, 'operator', setBootOption),
  serve(getSystemBootOption, 'operator', getBootOption),
] as const

function setBootOption({ bmc, data }: Call): number[] {
  const parameter = data.u8() & 0x7f
  if (parameter === BOOT_PARAMETER.flags) bmc.power.bootFlags = Buffer.concat([data.rest()], 5)
  else if (Object.values<number>(BOOT_PARAMETER).includes(parameter)) bmc.power.bootOptions.set(parameter, data.rest())
  else throw new Refusal(CODE.parameterUnsupported)
  return []
}

function getBootOption({ bmc, data }: Call): Buffer {
  const parameter = data.u8() & 0x7f
  const head = Buffer.from([PARAMETER_VERSION, parameter])
  if (parameter === BOOT_PARAMETER.flags) return Buffer.concat([head, bmc.power.bootFlags])
  const value = bmc.power.bootOptions.get(parameter)
  if (!value) throw new Refusal(CODE.parameterUnsupported)
  return Buffer.concat([head, value])
}
