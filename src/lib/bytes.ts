import { CodecError } from './errors.ts'

/** One value of a wire format. `decode` gets exactly the bytes of the value; both throw CodecError and nothing else. */
export interface Codec<T> {
  decode(bytes: Buffer): T
  encode(value: T): Buffer
}

/** Reads from front to back; what runs past the end is a CodecError that names the field. Big endian, as networks are. */
export class Cursor {
  readonly #bytes: Buffer
  at = 0
  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }
  get left(): number {
    return this.#bytes.length - this.at
  }
  u8(field: string): number {
    return this.take(1, field).readUInt8()
  }
  u16(field: string): number {
    return this.take(2, field).readUInt16BE()
  }
  u32(field: string): number {
    return this.take(4, field).readUInt32BE()
  }
  /** The next `length` bytes, not copied. */
  take(length: number, field: string): Buffer {
    if (length > this.left)
      throw new CodecError(`${field} at byte ${this.at} needs ${length} bytes, ${this.left} are left`)
    this.at += length
    return this.#bytes.subarray(this.at - length, this.at)
  }
  rest(): Buffer {
    return this.take(this.left, 'rest')
  }
}

/** Reads items until the bytes are used up. `read` must take at least one byte or throw. */
export function readAll<T>(bytes: Buffer, read: (cursor: Cursor) => T): T[] {
  const cursor = new Cursor(bytes)
  const items: T[] = []
  while (cursor.left > 0) items.push(read(cursor))
  return items
}

/** An unsigned (or signed) big-endian integer of `size` bytes, at most 6. */
function integer(size: number, { signed = false } = {}): Codec<number> {
  const [min, max] = signed ? [-(2 ** (size * 8 - 1)), 2 ** (size * 8 - 1) - 1] : [0, 2 ** (size * 8) - 1]
  return {
    decode(bytes) {
      if (bytes.length !== size) throw new CodecError(`an integer of ${size} bytes came with ${bytes.length}`)
      return signed ? bytes.readIntBE(0, size) : bytes.readUIntBE(0, size)
    },
    encode(value) {
      if (!Number.isInteger(value) || value < min || value > max)
        throw new CodecError(`${value} does not fit in ${size} bytes`)
      const bytes = Buffer.alloc(size)
      return (signed ? bytes.writeIntBE(value, 0, size) : bytes.writeUIntBE(value, 0, size), bytes)
    },
  }
}

export const u8 = integer(1)
export const u16 = integer(2)
export const u32 = integer(4)
export const i8 = integer(1, { signed: true })
export const i32 = integer(4, { signed: true })

/** The bytes as they are: not copied, not understood. */
export const raw: Codec<Buffer> = { decode: bytes => bytes, encode: value => value }

/** A list of bytes as numbers. */
export const u8List: Codec<number[]> = {
  decode: bytes => [...bytes],
  encode: values => Buffer.concat(values.map(u8.encode)),
}

/** Values of `size` bytes each, one after the other. */
export function listOf<T>(size: number, codec: Codec<T>): Codec<T[]> {
  return {
    decode(bytes) {
      if (bytes.length % size !== 0) throw new CodecError(`${bytes.length} bytes are no list of ${size} bytes each`)
      return readAll(bytes, cursor => codec.decode(cursor.take(size, 'item')))
    },
    encode: values => Buffer.concat(values.map(value => codec.encode(value))),
  }
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** 'aa:bb:cc' for the bytes aa bb cc; '' for none. */
export const hexColons: Codec<string> = {
  decode: bytes => Array.from(bytes, byte => HEX[byte]).join(':'),
  encode(value) {
    if (!/^([0-9a-f]{2}(:[0-9a-f]{2})*)?$/i.test(value)) throw new CodecError(`'${value}' is not of the form aa:bb:cc`)
    return Buffer.from(value.replaceAll(':', ''), 'hex')
  },
}
