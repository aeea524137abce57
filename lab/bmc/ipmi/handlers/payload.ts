import { activateSol, deactivateSol, getSolOwner } from '../../../../src/bmc/ipmi/commands/sol.ts'
import { CODE, Refusal, u16, u32 } from '../codes.ts'
import { type Call, serve } from '../handler.ts'
import { SOL_PAYLOAD_BYTES } from '../sol-server.ts'
import { channelOf } from './app.ts'

const SOL = 0x01
const INSTANCE = 0x01

const payloadCommand = (name: string, command: number) => ({ name, netFn: 0x06, command })

/** Commands that are about payloads: here, SOL. Those below the first three only other people's clients ask. */
export const PAYLOAD = [
  serve(activateSol, 'user', activate),
  serve(deactivateSol, 'user', ({ bmc, data }) => {
    expectSol(data)
    if (!bmc.sol.deactivate()) throw new Refusal(CODE.notActive)
    return []
  }),
  serve(getSolOwner, 'user', ({ bmc, data }) => {
    expectSol(data)
    return [...u32(bmc.sol.owner?.id ?? 0), 0, 0, 0, 0, 0, 0, 0, 0]
  }),
  serve(payloadCommand('Get Payload Activation Status', 0x4a), 'user', ({ bmc }) => [1, bmc.sol.owner ? 1 : 0, 0]),
  serve(payloadCommand('Get User Payload Access', 0x4d), 'operator', ({ data }) => {
    channelOf(data.u8())
    return [0x02, 0, 0, 0]
  }),
  serve(payloadCommand('Get Channel Payload Support', 0x4e), 'user', ({ data }) => {
    channelOf(data.u8())
    return [0x03, 0, 0x3f, 0, 0, 0, 0, 0] // IPMI messages and SOL; all types of session set-up
  }),
  serve(payloadCommand('Get Channel Payload Version', 0x4f), 'user', () => [0x10]),
] as const

/** @throws Refusal for any payload but SOL, which has one instance. */
function expectSol(data: Call['data']): void {
  const [type, instance] = [data.u8() & 0x3f, data.u8() & 0x0f]
  if (type !== SOL || instance !== INSTANCE) throw new Refusal(CODE.invalidField)
}

function activate({ bmc, session, data }: Call): number[] {
  expectSol(data)
  if (!session) throw new Refusal(CODE.invalidCommand)
  if (bmc.sol.owner) throw new Refusal(CODE.payloadTaken)
  bmc.sol.activate(session)
  return [0, 0, 0, 0, ...u16(SOL_PAYLOAD_BYTES), ...u16(SOL_PAYLOAD_BYTES), ...u16(bmc.port), 0xff, 0xff]
}
