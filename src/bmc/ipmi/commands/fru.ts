import { AppError, CodecError } from '../../../lib/errors.ts'
import { command, CompletionError, type Run } from '../command.ts'
import { decodeFru, type Fru } from '../records/fru.ts'

export const getFruInventoryAreaInfo = command({
  name: 'Get FRU Inventory Area Info',
  ref: '§34.1',
  netFn: 'storage',
  command: 0x10,
  encode: (fru: number) => [fru],
  decode: reply => {
    const [bytes, access] = [reply.u16(), reply.u8()]
    return { bytes, byWords: (access & 0x01) !== 0 }
  },
})

export const readFruData = command({
  name: 'Read FRU Data',
  ref: '§34.2',
  netFn: 'storage',
  command: 0x11,
  codes: { 0x81: { words: 'the FRU device is busy', code: 'bmc_busy' } },
  /** Offset and count are in bytes, or in words where the inventory is read by words. */
  encode: (fru: number, offset: number, count: number) => [fru, offset & 0xff, offset >> 8, count],
  decode: reply => {
    const count = reply.u8()
    return { count, bytes: reply.rest() }
  },
})

/** How many bytes are asked for at once: less and less, until the BMC can. */
const PART_BYTES = [64, 32, 16, 8] as const
const CANNOT = new Set([0xc4, 0xc7, 0xc8, 0xc9, 0xca, 0xff])

/** The inventory of one FRU; 0 is the machine itself. @throws AppError `bmc_bad_reply` if there is none in it */
export async function readFru(run: Run, fru = 0): Promise<Fru> {
  const bytes = await readFruBytes(run, fru)
  try {
    return decodeFru(bytes)
  } catch (cause) {
    if (!(cause instanceof CodecError)) throw cause
    const came = bytes.subarray(0, 16).toString('hex')
    throw new AppError('bmc_bad_reply', `FRU ${fru} holds no inventory: ${cause.message}; it begins with ${came}`, {
      cause,
    })
  }
}

async function readFruBytes(run: Run, fru: number): Promise<Buffer> {
  const info = await run(getFruInventoryAreaInfo, fru)
  const wordBytes = info.byWords ? 2 : 1
  const parts: Buffer[] = []
  let size = 0
  for (let at = 0; at < info.bytes; ) {
    const wanted = Math.min(PART_BYTES[size] ?? 8, info.bytes - at)
    try {
      const { bytes } = await run(readFruData, fru, at / wordBytes, Math.ceil(wanted / wordBytes))
      // Some firmware announces more than it has.
      if (bytes.length === 0) break
      parts.push(bytes.subarray(0, wanted))
      at += Math.min(bytes.length, wanted)
    } catch (error) {
      if (!(error instanceof CompletionError) || !CANNOT.has(error.completion) || size + 1 >= PART_BYTES.length)
        throw error
      size += 1
    }
  }
  return Buffer.concat(parts)
}
