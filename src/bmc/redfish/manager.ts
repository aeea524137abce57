import { Type } from 'typebox'
import { AppError } from '../../lib/errors.ts'
import { offeredTypes } from './power.ts'
import { send } from './resource.ts'
import { maybe, ResetAction } from './schema.ts'
import type { RedfishService } from './service.ts'

const Manager = Type.Object({ Actions: maybe(Type.Object({ '#Manager.Reset': maybe(ResetAction) })) })
/** DSP2046 Manager.Reset: best first. */
const MANAGER_RESETS = ['GracefulRestart', 'ForceRestart']

/** The BMC starts anew: sessions are lost, and nothing answers for a while. */
export async function resetBmc(service: RedfishService, signal: AbortSignal): Promise<void> {
  const { session } = service
  const managers = await service.each('managers', Manager, signal)
  const reset = service.require(
    managers.map(({ value }) => value.Actions?.['#Manager.Reset']).find(one => one !== undefined && one !== null),
    'reset of the BMC',
  )
  const offered = await offeredTypes(session, reset, signal)
  const type = offered ? MANAGER_RESETS.find(one => offered.includes(one)) : MANAGER_RESETS[0]
  if (type === undefined)
    throw new AppError(
      'bmc_unsupported',
      `${session.host}: its BMC offers only these resets: ${offered?.slice(0, 20).join(', ')}`,
    )
  await send(session, 'POST', reset.target, { body: { ResetType: type } }, signal)
}
