import type { Codec } from '../../lib/bytes.ts'
import { CodecError } from '../../lib/errors.ts'

/** A row of a table of options. A message whose vital option is malformed is not understood; of others the bytes are kept. */
export interface Row<T = unknown> {
  code: number
  codec: Codec<T>
  ref: string
  vital?: true
}
export type Table = Readonly<Record<string, Row>>

/** What a table's options say, by name; and what no row fits, by code, so that no evidence is lost. */
export type Values<T extends Table> = {
  [N in keyof T]?: ReturnType<T[N]['codec']['decode']> | undefined
} & { other?: ReadonlyMap<number, Buffer> | undefined }

/** Which codes stand alone, without a length. */
interface Framing {
  pad?: number
  end?: number
}
/** RFC 2132 §3.1, §3.2; also inside of option 43 (§8.4) and of iPXE's 175. Option 82 has neither (RFC 3046 §2.0). */
const PAD = 0
const END = 255
export const PADDED: Framing = { pad: PAD, end: END }
export const PLAIN: Framing = {}

/** What stands in an area: of each code the parts, for a split option continues where its code comes again (RFC 3396). */
export function collect(
  area: Buffer,
  { pad, end }: Framing,
  found = new Map<number, Buffer[]>(),
): Map<number, Buffer[]> {
  for (let at = 0; at < area.length; ) {
    const code = area.readUInt8(at)
    // The last END may be missing: ISC's and Kea's servers take such messages, too.
    if (code === end) break
    if (code === pad) {
      at += 1
      continue
    }
    const length = area[at + 1]
    const next = at + 2 + (length ?? 0)
    if (length === undefined || next > area.length)
      throw new CodecError(`option ${code} at byte ${at} runs past the end`)
    const bytes = area.subarray(at + 2, next)
    const parts = found.get(code)
    if (parts) parts.push(bytes)
    else found.set(code, [bytes])
    at = next
  }
  return found
}

/** RFC 3396 §7: the parts are joined before anything is decoded. */
const join = (parts: readonly Buffer[]): Buffer => (parts.length === 1 && parts[0]) || Buffer.concat(parts)

export interface Entry {
  code: number
  bytes: Buffer
}

/** The decoder and encoder of one table; both throw CodecError only. */
export function optionSpace<T extends Table>(table: T) {
  const rows = new Map(Object.entries(table).map(([name, row]) => [row.code, [name, row] as const]))

  function read(found: ReadonlyMap<number, readonly Buffer[]>): Values<T> {
    const values: Record<string, unknown> = {}
    const other = new Map<number, Buffer>()
    for (const [code, parts] of found) {
      const bytes = join(parts)
      const [name, row] = rows.get(code) ?? []
      if (name === undefined || row === undefined) other.set(code, bytes)
      else if (row.vital) values[name] = row.codec.decode(bytes)
      else if (!tryDecode(values, name, row, bytes)) other.set(code, bytes)
    }
    return (other.size > 0 ? { ...values, other } : values) as Values<T>
  }

  /** In the order in which they are given, then the others. */
  function entries({ other, ...values }: Values<T>): Entry[] {
    const known: Entry[] = []
    for (const [name, value] of Object.entries<unknown>(values)) {
      const row = table[name]
      if (row && value !== undefined) known.push({ code: row.code, bytes: row.codec.encode(value) })
    }
    const unknown = [...(other ?? [])].filter(([code]) => known.every(entry => entry.code !== code))
    return [...known, ...unknown.map(([code, bytes]) => ({ code, bytes }))]
  }

  return { read, entries }
}

function tryDecode(values: Record<string, unknown>, name: string, { codec }: Row, bytes: Buffer): boolean {
  try {
    values[name] = codec.decode(bytes)
    return true
  } catch (error) {
    if (error instanceof CodecError) return false
    throw error
  }
}

/** One option on the wire, in as many parts of 255 bytes as it needs (RFC 3396 §5). An empty one is one part. */
export function tlv({ code, bytes }: Entry): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at === 0 || at < bytes.length; at += 255) {
    const part = bytes.subarray(at, at + 255)
    parts.push(Buffer.of(code, part.length), part)
  }
  return Buffer.concat(parts)
}

/** Options inside of an option: option 43 of PXE, 82, 175. These are not split: nobody's client joins them. */
export function encapsulated<T extends Table>(table: T, framing: Framing): Codec<Values<T>> {
  const space = optionSpace(table)
  return {
    decode: bytes => space.read(collect(bytes, framing)),
    encode(values) {
      const entries = space.entries(values)
      const long = entries.find(({ bytes }) => bytes.length > 255)
      if (long) throw new CodecError(`sub-option ${long.code} has ${long.bytes.length} bytes; 255 are the most`)
      const end = framing.end === undefined ? [] : [Buffer.of(framing.end)]
      return Buffer.concat([...entries.map(tlv), ...end])
    },
  }
}
