import { getLanParameter, setLanParameter } from '../../../../src/bmc/ipmi/commands/lan.ts'
import { getSolParameter, setSolParameter } from '../../../../src/bmc/ipmi/commands/sol.ts'
import { CODE, Refusal } from '../codes.ts'
import { type Call, serve } from '../handler.ts'
import { channelOf } from './app.ts'

const PARAMETER_VERSION = 0x11
/** Parameters of LAN configuration that only tell (table 23-4). */
const READ_ONLY = new Set([1, 5, 22, 23])

/** Commands of the transport group: configuration of LAN and SOL. */
export const TRANSPORT = [
  serve(getLanParameter, 'operator', ({ bmc, data }) => get(bmc.content.lan, data)),
  serve(setLanParameter, 'administrator', ({ bmc, data }) => set(bmc.content.lan, data, READ_ONLY)),
  serve(getSolParameter, 'user', ({ bmc, data }) => get(bmc.content.sol, data)),
  serve(setSolParameter, 'administrator', ({ bmc, data }) => set(bmc.content.sol, data, new Set([7, 8]))),
] as const

function get(parameters: ReadonlyMap<number, Buffer>, data: Call['data']): Buffer {
  channelOf(data.u8())
  const value = parameters.get(data.u8())
  if (!value) throw new Refusal(CODE.parameterUnsupported)
  return Buffer.concat([Buffer.from([PARAMETER_VERSION]), value])
}

function set(parameters: Map<number, Buffer>, data: Call['data'], readOnly: ReadonlySet<number>): number[] {
  channelOf(data.u8())
  const code = data.u8()
  if (!parameters.has(code)) throw new Refusal(CODE.parameterUnsupported)
  if (readOnly.has(code)) throw new Refusal(0x82)
  parameters.set(code, Buffer.from(data.rest()))
  return []
}
