import { getFruInventoryAreaInfo, readFruData } from '../../../../src/bmc/ipmi/commands/fru.ts'
import { getSdr, getSdrRepositoryInfo, reserveSdrRepository } from '../../../../src/bmc/ipmi/commands/sdr.ts'
import {
  clearSel,
  getSelEntry,
  getSelInfo,
  getSelTime,
  reserveSel,
  setSelTime,
} from '../../../../src/bmc/ipmi/commands/sel.ts'
import { CODE, Refusal, u16, u32 } from '../codes.ts'
import { type Call, serve } from '../handler.ts'

const [FIRST, LAST] = [0x0000, 0xffff]
/** Most bytes of a record that are given at once: as many real BMCs give. */
const PART_BYTES = 32
const WHOLE = 0xff
const CLEAR_DONE = 0x01
const CLEARING = { begin: 0xaa, progress: 0x00 } as const

/** Commands of the storage group: log, sensor data records, inventories. */
export const STORAGE = [
  serve(getSelInfo, 'user', ({ bmc }) => bmc.content.sel.info),
  serve(reserveSel, 'user', ({ bmc }) => u16(bmc.content.sel.reserve())),
  serve(getSelEntry, 'user', ({ bmc, data }) => {
    const [reservation, id] = [data.u16(), data.u16()]
    return bmc.content.sel.read(id, reservation, data.u8(), data.u8())
  }),
  serve(clearSel, 'operator', ({ bmc, data }) => {
    const reservation = data.u16()
    if (data.bytes(3).toString() !== 'CLR') throw new Refusal(CODE.invalidField)
    const action = data.u8()
    if (action === CLEARING.begin) bmc.content.sel.clear(reservation)
    else if (action !== CLEARING.progress) throw new Refusal(CODE.invalidField)
    return [CLEAR_DONE]
  }),
  serve(getSelTime, 'user', ({ bmc }) => u32(bmc.content.sel.time)),
  serve(setSelTime, 'operator', ({ bmc, data }) => {
    bmc.content.sel.time = data.u32()
    return []
  }),
  serve(getSdrRepositoryInfo, 'user', ({ bmc }) => [
    0x51,
    ...u16(bmc.content.sdrs.length),
    ...u16(0xffff), // bytes free: unknown
    ...u32(0x6000_0000),
    ...u32(0x6000_0000),
    0x02, // Reserve is supported
  ]),
  serve(reserveSdrRepository, 'user', ({ bmc }) => {
    bmc.content.sdrReservation = (bmc.content.sdrReservation % 0xffff) + 1
    return u16(bmc.content.sdrReservation)
  }),
  serve(getSdr, 'user', readSdr),
  serve(getFruInventoryAreaInfo, 'user', ({ bmc, data }) => [...u16(fruOf(bmc, data.u8()).length), 0]),
  serve(readFruData, 'user', ({ bmc, data }) => {
    const fru = fruOf(bmc, data.u8())
    const [offset, count] = [data.u16(), data.u8()]
    if (count > PART_BYTES) throw new Refusal(CODE.tooManyBytes)
    if (offset >= fru.length) throw new Refusal(CODE.outOfRange)
    const bytes = fru.subarray(offset, offset + count)
    return [bytes.length, ...bytes]
  }),
] as const

function fruOf(bmc: Call['bmc'], id: number): Buffer {
  const fru = bmc.content.frus.get(id)
  if (!fru) throw new Refusal(CODE.notPresent)
  return fru
}

function readSdr({ bmc: { content }, data }: Call): Buffer {
  const [reservation, id, offset, count] = [data.u16(), data.u16(), data.u8(), data.u8()]
  if (offset !== 0 && reservation !== content.sdrReservation) throw new Refusal(CODE.lostReservation)
  const { sdrs } = content
  const at = id === FIRST ? 0 : id === LAST ? sdrs.length - 1 : sdrs.findIndex(sdr => sdr.readUInt16LE(0) === id)
  const sdr = sdrs[at]
  if (!sdr) throw new Refusal(CODE.notPresent)
  const part = sdr.subarray(offset, count === WHOLE ? undefined : offset + count)
  if (part.length > PART_BYTES) throw new Refusal(CODE.tooManyBytes)
  return Buffer.concat([Buffer.from(u16(sdrs[at + 1]?.readUInt16LE(0) ?? LAST)), part])
}
