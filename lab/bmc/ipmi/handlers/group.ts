import { getPowerReading } from '../../../../src/bmc/ipmi/commands/dcmi.ts'
import { CODE, now, Refusal, u16, u32 } from '../codes.ts'
import { serve } from '../handler.ts'

const DCMI = 0xdc
const PERIOD_MS = 1_000
const MEASURING = 0x40

/** Commands of groups with a standard of their own: DCMI 1.5. */
export const GROUP = [
  serve(getPowerReading, 'user', ({ bmc, data }) => {
    if (data.u8() !== DCMI) throw new Refusal(CODE.invalidField)
    const watts = bmc.config.machine.power === 'on' ? bmc.content.watts : 11
    return [DCMI, ...u16(watts), ...u16(11), ...u16(430), ...u16(198), ...u32(now()), ...u32(PERIOD_MS), MEASURING]
  }),
] as const
