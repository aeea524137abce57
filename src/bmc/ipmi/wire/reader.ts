import { CodecError } from '../../../lib/errors.ts'

/** Reads a packet's fields in order; IPMI is little-endian throughout. Every read past the end is a CodecError. */
export class Reader {
  #at = 0
  readonly #bytes: Buffer
  /** Names the bytes in errors. */
  readonly #what: string

  constructor(bytes: Buffer, what: string) {
    this.#bytes = bytes
    this.#what = what
  }

  get left(): number {
    return this.#bytes.length - this.#at
  }

  u8(): number {
    return this.#bytes.readUInt8(this.#advance(1))
  }

  u16(): number {
    return this.#bytes.readUInt16LE(this.#advance(2))
  }

  u24(): number {
    return this.#bytes.readUIntLE(this.#advance(3), 3)
  }

  u32(): number {
    return this.#bytes.readUInt32LE(this.#advance(4))
  }

  bytes(length: number): Buffer {
    const at = this.#advance(length)
    return this.#bytes.subarray(at, at + length)
  }

  skip(length: number): this {
    this.#advance(length)
    return this
  }

  rest(): Buffer {
    return this.bytes(this.left)
  }

  #advance(length: number): number {
    const at = this.#at
    if (length > this.left)
      throw new CodecError(`${this.#what}: ${this.#bytes.length} bytes are too short for ${length} more at byte ${at}`)
    this.#at = at + length
    return at
  }
}
