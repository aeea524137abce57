import { CodecError } from '../../../lib/errors.ts'
import { command } from '../command.ts'

/** Defining body of DCMI: first byte of every request and reply (DCMI 1.5 §6). */
const DCMI = 0xdc
const SYSTEM_STATISTICS = 0x01

/** Get Power Reading (DCMI 1.5 §6.6.1): what the machine draws, and drew lately. */
export const getPowerReading = command({
  name: 'DCMI Get Power Reading',
  ref: 'DCMI 1.5 §6.6.1',
  netFn: 'group',
  command: 0x02,
  encode: () => [DCMI, SYSTEM_STATISTICS, 0, 0],
  decode: reply => {
    const body = reply.u8()
    if (body !== DCMI) throw new CodecError(`defining body ${body.toString(16)}h, not DCh`)
    const [watts, lowest, highest, average] = [reply.u16(), reply.u16(), reply.u16(), reply.u16()]
    const [seconds, periodMs, state] = [reply.u32(), reply.u32(), reply.u8()]
    return {
      watts,
      lowestWatts: lowest,
      highestWatts: highest,
      averageWatts: average,
      measuredAt: new Date(seconds * 1000).toISOString(),
      periodMs,
      /** False: measuring is off, and the numbers mean nothing. */
      active: (state & 0x40) !== 0,
    }
  },
})
