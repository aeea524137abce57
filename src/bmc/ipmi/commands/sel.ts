import { AppError, CodecError } from '../../../lib/errors.ts'
import { command, CompletionError, type Run } from '../command.ts'
import { decodeSelRecord, SEL_RECORD_BYTES, type SelRecord, type SelTime, selTime } from '../records/sel-record.ts'

const ERASING = { 0x81: { words: 'the log is being erased', code: 'bmc_busy' } } as const
/** First record, and 'there is no next one' (§31.5). */
const FIRST = 0x0000
const LAST = 0xffff
const WHOLE = 0xff

export const getSelInfo = command({
  name: 'Get SEL Info',
  ref: '§31.2',
  netFn: 'storage',
  command: 0x40,
  codes: ERASING,
  decode: reply => {
    const [version, entries, freeBytes] = [reply.u8(), reply.u16(), reply.u16()]
    const [added, erased, support] = [reply.u32(), reply.u32(), reply.u8()]
    return {
      version: `${version & 0x0f}.${version >> 4}`,
      entries,
      freeBytes,
      lastAdded: selTime(added),
      lastErased: selTime(erased),
      /** Events were lost because the log is full. */
      overflow: (support & 0x80) !== 0,
    }
  },
})

/** Gives an id that a clearing needs: it fails if somebody reserved, or an event came, in between. */
export const reserveSel = command({
  name: 'Reserve SEL',
  ref: '§31.4',
  netFn: 'storage',
  command: 0x42,
  codes: ERASING,
  decode: reply => reply.u16(),
})

/** A record, or a part of it, with the id of the next one. */
export const getSelEntry = command({
  name: 'Get SEL Entry',
  ref: '§31.5',
  netFn: 'storage',
  command: 0x43,
  codes: ERASING,
  encode: (record: number, part: { reservation: number; offset: number; bytes: number }) => {
    const data = Buffer.alloc(6)
    data.writeUInt16LE(part.reservation, 0)
    data.writeUInt16LE(record, 2)
    data[4] = part.offset
    data[5] = part.bytes
    return data
  },
  decode: reply => ({ next: reply.u16(), bytes: reply.rest() }),
})

const CLEAR = { begin: 0xaa, progress: 0x00 } as const

/** Begins to erase the log, or tells whether that is done. */
export const clearSel = command({
  name: 'Clear SEL',
  ref: '§31.9',
  netFn: 'storage',
  command: 0x47,
  encode: (reservation: number, action: keyof typeof CLEAR) => [
    reservation & 0xff,
    reservation >> 8,
    ...Buffer.from('CLR'),
    CLEAR[action],
  ],
  decode: reply => ({ done: (reply.u8() & 0x0f) === 1 }),
})

export const getSelTime = command({
  name: 'Get SEL Time',
  ref: '§31.10',
  netFn: 'storage',
  command: 0x48,
  decode: (reply): SelTime => selTime(reply.u32()),
})

export const setSelTime = command({
  name: 'Set SEL Time',
  ref: '§31.11',
  netFn: 'storage',
  command: 0x49,
  encode: (at: Date) => {
    const data = Buffer.alloc(4)
    data.writeUInt32LE(Math.floor(at.getTime() / 1000))
    return data
  },
  decode: () => undefined,
})

/** "Cannot return that many bytes": such a BMC wants records in parts (table 5-2). */
const TOO_MANY_BYTES = 0xca
/** Ids have 16 bits: more records than that are a BMC that runs in a circle. */
const MOST_RECORDS = 0x1_0000

/** Every record of the log, oldest first, from `first` on. @throws AppError */
export async function readSel(run: Run, first: number = FIRST): Promise<SelRecord[]> {
  const { entries } = await run(getSelInfo)
  const records: SelRecord[] = []
  for (let id = first; entries > 0 && id !== LAST; ) {
    const { next, bytes } = await readRecord(run, id)
    records.push(decode(id, bytes))
    if (next === id || records.length > MOST_RECORDS)
      throw new AppError(
        'bmc_bad_reply',
        `The log's record ${id} is followed by ${next}, after ${records.length} records`,
      )
    id = next
  }
  return records
}

function decode(id: number, bytes: Buffer): SelRecord {
  try {
    return decodeSelRecord(bytes)
  } catch (cause) {
    if (!(cause instanceof CodecError)) throw cause
    const came = `${bytes.length} bytes came: ${bytes.toString('hex')}`
    throw new AppError('bmc_bad_reply', `Record ${id} of the log has ${SEL_RECORD_BYTES} bytes; ${came}`, { cause })
  }
}

async function readRecord(run: Run, id: number): Promise<{ next: number; bytes: Buffer }> {
  try {
    return await run(getSelEntry, id, { reservation: 0, offset: 0, bytes: WHOLE })
  } catch (error) {
    if (!(error instanceof CompletionError) || error.completion !== TOO_MANY_BYTES) throw error
    return readInHalves(run, id)
  }
}

async function readInHalves(run: Run, id: number): Promise<{ next: number; bytes: Buffer }> {
  const reservation = await run(reserveSel)
  const half = SEL_RECORD_BYTES / 2
  const first = await run(getSelEntry, id, { reservation, offset: 0, bytes: half })
  const second = await run(getSelEntry, id, { reservation, offset: half, bytes: half })
  return { next: first.next, bytes: Buffer.concat([first.bytes, second.bytes]) }
}

/** Erases the log, and resolves when that is done. `pause` waits between two looks. */
export async function eraseSel(run: Run, pause: () => Promise<void>): Promise<void> {
  const reservation = await run(reserveSel)
  let { done } = await run(clearSel, reservation, 'begin')
  while (!done) {
    await pause()
    ;({ done } = await run(clearSel, reservation, 'progress'))
  }
}
