import { CODE, now, Refusal, u16, u32 } from '../codes.ts'

const RECORD_BYTES = 16
const CAPACITY = 512
const [FIRST, LAST] = [0x0000, 0xffff]

/** An event as a platform sends it (§29.7): what a record is made of. */
export interface Event {
  readonly sensorType: number
  readonly sensor: number
  readonly eventType: number
  readonly asserted: boolean
  readonly data: readonly [number, number, number]
}

/** The System Event Log of a virtual BMC. */
export class Sel {
  readonly #records: Buffer[] = []
  #nextId = 1
  #reservation = 0
  #addedAt = 0
  #erasedAt = 0
  /** The BMC's clock, ahead of ours by so many seconds. */
  #aheadSeconds = 0

  get time(): number {
    return now() + this.#aheadSeconds
  }

  set time(seconds: number) {
    this.#aheadSeconds = seconds - now()
  }

  get info(): number[] {
    const free = (CAPACITY - this.#records.length) * RECORD_BYTES
    return [0x51, ...u16(this.#records.length), ...u16(free), ...u32(this.#addedAt), ...u32(this.#erasedAt), 0x0a]
  }

  add({ sensorType, sensor, eventType, asserted, data }: Event): void {
    const direction = eventType | (asserted ? 0 : 0x80)
    this.append(0x02, [...u32(this.time), 0x20, 0x00, 0x04, sensorType, sensor, direction, ...data])
  }

  /** A record of any type, with what follows its type. */
  append(type: number, body: readonly number[]): number {
    const id = this.#nextId
    if (this.#records.length >= CAPACITY) this.#records.shift()
    this.#records.push(Buffer.concat([Buffer.from([...u16(id), type, ...body])], RECORD_BYTES))
    this.#nextId = (id % 0xfffe) + 1
    this.#addedAt = this.time
    this.#reservation += 1
    return id
  }

  reserve(): number {
    this.#reservation = (this.#reservation % 0xffff) + 1
    return this.#reservation
  }

  /** A record, or a part of it, with the id of the next one. */
  read(id: number, reservation: number, offset: number, bytes: number): Buffer {
    if (offset !== 0 && reservation !== this.#reservation) throw new Refusal(CODE.lostReservation)
    const at = this.#at(id)
    const found = this.#records[at]
    if (!found) throw new Refusal(CODE.notPresent)
    const next = this.#records[at + 1]?.readUInt16LE(0) ?? LAST
    const end = bytes === 0xff ? RECORD_BYTES : offset + bytes
    return Buffer.concat([Buffer.from(u16(next)), found.subarray(offset, end)])
  }

  clear(reservation: number): void {
    if (reservation !== this.#reservation) throw new Refusal(CODE.lostReservation)
    this.#records.length = 0
    this.#erasedAt = this.time
  }

  #at(id: number): number {
    if (id === FIRST) return 0
    if (id === LAST) return this.#records.length - 1
    return this.#records.findIndex(record => record.readUInt16LE(0) === id)
  }
}
