import { Type, type Static } from 'typebox'
import { AppError } from '../../lib/errors.ts'
import type { ObservedPower, PowerAction } from '../driver.ts'
import { RedfishRefusal } from './refusal.ts'
import { read, send } from './resource.ts'
import { maybe, ResetAction } from './schema.ts'
import type { RedfishService } from './service.ts'
import type { RedfishSession } from './session.ts'

/** DSP2046 Resource.PowerState, and what firmware says besides. Words that are not here are `unknown`. */
const POWER_STATES: Readonly<Record<string, ObservedPower>> = {
  On: 'on',
  Off: 'off',
  PoweringOn: 'transitioning',
  PoweringOff: 'transitioning',
  Reset: 'transitioning', // HPE Gen11, during a reset (2024)
}

/** DSP2046 Resource.ResetType, for each action the one that is best, then those that do as well. */
const RESET_TYPES = {
  on: ['On', 'ForceOn'],
  off: ['ForceOff'],
  cycle: ['PowerCycle', 'ForceRestart'],
  reset: ['ForceRestart', 'PowerCycle'],
  'soft-off': ['GracefulShutdown', 'PushPowerButton'],
  nmi: ['Nmi'],
} as const satisfies Record<PowerAction, readonly string[]>

/** What asks for a state, and is no error when that holds already: firmware answers 400, 409 or 500 then. */
const ASKS_FOR: Partial<Record<PowerAction, ObservedPower>> = { on: 'on', off: 'off', 'soft-off': 'off' }

const Power = Type.Object({ PowerState: maybe(Type.String()) })
const Resets = Type.Object({
  PowerState: maybe(Type.String()),
  Actions: maybe(Type.Object({ '#ComputerSystem.Reset': maybe(ResetAction) })),
})
const ActionInfo = Type.Object({
  Parameters: Type.Array(Type.Object({ Name: Type.String(), AllowableValues: maybe(Type.Array(Type.String())) })),
})

export async function readPower(service: RedfishService, signal: AbortSignal): Promise<ObservedPower> {
  return powerOf(await service.system(Power, signal))
}

const powerOf = ({ PowerState }: Static<typeof Power>): ObservedPower =>
  (Object.hasOwn(POWER_STATES, PowerState ?? '') && POWER_STATES[PowerState ?? '']) || 'unknown'

/** DSP2046 ComputerSystem.Reset. Firmware offers fewer types than there are: what it offers decides. */
export async function sendPower(service: RedfishService, asked: PowerAction, signal: AbortSignal): Promise<void> {
  const { session } = service
  const system = await service.system(Resets, signal)
  const reset = service.require(system.Actions?.['#ComputerSystem.Reset'], 'way to change power')
  const offered = await offeredTypes(session, reset, signal)
  const type = choose(session.host, asked, offered, powerOf(system))
  session.notePowerChange()
  try {
    await send(session, 'POST', reset.target, { body: { ResetType: type } }, signal)
  } catch (error) {
    const holds = error instanceof RedfishRefusal && error.code !== 'bmc_auth' && ASKS_FOR[asked]
    if (!holds || (await readPower(service, signal)) !== holds) throw error
  }
}

/** The power button is no way to turn a machine off that is off: it would start. */
function choose(
  host: string,
  asked: PowerAction,
  offered: readonly string[] | undefined,
  power: ObservedPower,
): string {
  const wanted: readonly string[] = RESET_TYPES[asked].filter(type => type !== 'PushPowerButton' || power === 'on')
  const type = offered ? wanted.find(one => offered.includes(one)) : wanted[0]
  if (type !== undefined) return type
  const words = `${host}: for '${asked}' one of ${RESET_TYPES[asked].join(', ')} is needed; offered: ${offered?.slice(0, 20).join(', ')}`
  throw new AppError('bmc_unsupported', words)
}

/** In the action itself, or by the longer way of DSP2046 ActionInfo. undefined: the service does not say. */
export async function offeredTypes(
  session: RedfishSession,
  reset: Static<typeof ResetAction>,
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  const [given, link] = [reset['ResetType@Redfish.AllowableValues'], reset['@Redfish.ActionInfo']]
  if (given || !link) return given ?? undefined
  const { Parameters } = await read(session, link, ActionInfo, signal)
  return Parameters.find(({ Name }) => Name === 'ResetType')?.AllowableValues ?? undefined
}
