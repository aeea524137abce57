import { AppError, CodecError } from '../../../lib/errors.ts'
import { command, type Command, CompletionError, type Run } from '../command.ts'
import { decodeSdr, SDR_HEADER_BYTES, type Sdr } from '../records/sdr-record.ts'

const FIRST = 0x0000
const LAST = 0xffff

export const getSdrRepositoryInfo = command({
  name: 'Get SDR Repository Info',
  ref: '§33.9',
  netFn: 'storage',
  command: 0x20,
  decode: reply => {
    const [version, records, freeBytes, added, erased] = [
      reply.u8(),
      reply.u16(),
      reply.u16(),
      reply.u32(),
      reply.u32(),
    ]
    return {
      version: `${version & 0x0f}.${version >> 4}`,
      records,
      freeBytes,
      /** Changes with the repository: as long as it is the same, what was read before holds. */
      stamp: `${added}-${erased}`,
    }
  },
})

export const reserveSdrRepository = command({
  name: 'Reserve SDR Repository',
  ref: '§33.11',
  netFn: 'storage',
  command: 0x22,
  decode: reply => reply.u16(),
})

interface Part {
  readonly reservation: number
  readonly record: number
  readonly offset: number
  readonly bytes: number
}

function encodePart({ reservation, record, offset, bytes }: Part): Buffer {
  const data = Buffer.alloc(6)
  data.writeUInt16LE(reservation, 0)
  data.writeUInt16LE(record, 2)
  data[4] = offset
  data[5] = bytes
  return data
}

/** A part of a record, with the id of the next one. */
export const getSdr = command({
  name: 'Get SDR',
  ref: '§33.12',
  netFn: 'storage',
  command: 0x23,
  encode: encodePart,
  decode: reply => ({ next: reply.u16(), bytes: reply.rest() }),
})

const getDeviceSdrInfo = command({
  name: 'Get Device SDR Info',
  ref: '§35.2',
  netFn: 'sensor',
  command: 0x20,
  decode: reply => ({ sensors: reply.u8() }),
})

const getDeviceSdr = command({
  name: 'Get Device SDR',
  ref: '§35.3',
  netFn: 'sensor',
  command: 0x21,
  encode: encodePart,
  decode: reply => ({ next: reply.u16(), bytes: reply.rest() }),
})

const reserveDeviceSdrRepository = command({
  name: 'Reserve Device SDR Repository',
  ref: '§35.4',
  netFn: 'sensor',
  command: 0x22,
  decode: reply => reply.u16(),
})

/** Where records lie: in the repository of the system, or in those of the BMC alone, where that is all there is. */
interface Source {
  readonly reserve: Command<[], number>
  readonly get: Command<[Part], { next: number; bytes: Buffer }>
}
const REPOSITORY: Source = { reserve: reserveSdrRepository, get: getSdr }
const DEVICE: Source = { reserve: reserveDeviceSdrRepository, get: getDeviceSdr }

/** How many bytes are asked for at once: less and less, until the BMC can (§33.12; many stop at 22 or 32). */
const PART_BYTES = [64, 32, 22, 16, 8] as const
const CANNOT = new Set([0xc4, 0xc7, 0xc8, 0xc9, 0xca, 0xff])
const LOST_RESERVATION = 0xc5
const MOST_RECORDS = 0x1_0000
const MOST_RESERVATIONS = 10

/** Every sensor data record of the system. A record that cannot be decoded comes as `other`, with its bytes. */
export async function readSdrs(run: Run): Promise<Sdr[]> {
  const source = await chooseSource(run)
  const reader = new SdrReader(run, source)
  const records: Sdr[] = []
  for (let id = FIRST; id !== LAST; ) {
    const { next, bytes } = await reader.read(id)
    records.push(decodeOrKeep(id, bytes))
    if (next === id || records.length > MOST_RECORDS)
      throw new AppError('bmc_bad_reply', `Record ${id} of the sensor data repository is followed by ${next}`)
    id = next
  }
  return records
}

function decodeOrKeep(recordId: number, bytes: Buffer): Sdr {
  try {
    return decodeSdr(bytes)
  } catch (error) {
    if (!(error instanceof CodecError)) throw error
    return { kind: 'other', recordId, type: bytes[3] ?? 0, raw: bytes.toString('hex') }
  }
}

async function chooseSource(run: Run): Promise<Source> {
  try {
    await run(getSdrRepositoryInfo)
    return REPOSITORY
  } catch (error) {
    if (!(error instanceof CompletionError) || error.code !== 'bmc_unsupported') throw error
    await run(getDeviceSdrInfo)
    return DEVICE
  }
}

class SdrReader {
  readonly #run: Run
  readonly #source: Source
  #reservation: number | undefined
  #reservations = 0
  #size = 0

  constructor(run: Run, source: Source) {
    this.#run = run
    this.#source = source
  }

  /** Reads a record from its header on, anew if the repository changed meanwhile. */
  async read(record: number): Promise<{ next: number; bytes: Buffer }> {
    for (;;) {
      try {
        return await this.#readOnce(record)
      } catch (error) {
        const lost = error instanceof CompletionError && error.completion === LOST_RESERVATION
        if (!lost || this.#reservations >= MOST_RESERVATIONS) throw error
        this.#reservation = undefined
      }
    }
  }

  async #readOnce(record: number): Promise<{ next: number; bytes: Buffer }> {
    const { next, bytes: header } = await this.#part(record, 0, SDR_HEADER_BYTES)
    const length = header.readUInt8(SDR_HEADER_BYTES - 1)
    const parts = [header]
    for (let left = length; left > 0; ) {
      const { bytes } = await this.#part(record, SDR_HEADER_BYTES + length - left, left)
      parts.push(bytes)
      left -= bytes.length
    }
    return { next, bytes: Buffer.concat(parts) }
  }

  async #part(record: number, offset: number, wanted: number): Promise<{ next: number; bytes: Buffer }> {
    for (;;) {
      const bytes = Math.min(wanted, PART_BYTES[this.#size] ?? 1)
      this.#reservation ??= await this.#reserve()
      try {
        const part = await this.#run(this.#source.get, { reservation: this.#reservation, record, offset, bytes })
        if (part.bytes.length !== bytes) throw tooShort(record, bytes, part.bytes)
        return part
      } catch (error) {
        const smaller = error instanceof CompletionError && CANNOT.has(error.completion) && bytes > SDR_HEADER_BYTES
        if (!smaller || this.#size + 1 >= PART_BYTES.length) throw error
        this.#size += 1
      }
    }
  }

  async #reserve(): Promise<number> {
    this.#reservations += 1
    return this.#run(this.#source.reserve)
  }
}

const tooShort = (record: number, asked: number, came: Buffer) =>
  new AppError(
    'bmc_bad_reply',
    `Of sensor data record ${record}, ${asked} bytes were asked for and ${came.length} came`,
  )
