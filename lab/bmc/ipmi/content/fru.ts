import { bytes } from '../codes.ts'

/** FRU inventories of a virtual machine (IPMI FRU Information Storage Definition 1.3), made anew for each serial number. */
export interface FruRow {
  readonly id: number
  readonly encode: (serial: string) => Buffer
}

const UNIT_BYTES = 8
const END = 0xc1
const EPOCH_MS = Date.UTC(1996, 0, 1)

const sum = (values: readonly number[]) => -values.reduce((total, value) => total + value, 0) & 0xff

/** 8-bit ASCII. One character alone cannot be told from the end mark, so it gets a blank (§13 there). */
function ascii(text: string): number[] {
  const packed = Buffer.from(text.length === 1 ? `${text} ` : text, 'latin1')
  return [0xc0 | packed.length, ...packed]
}

/** Six bits a character, the first one in the lowest bits (§13.2 there). */
function sixBit(text: string): number[] {
  const packed: number[] = []
  let bits = 0
  let held = 0
  for (const character of text) {
    bits |= (character.charCodeAt(0) - 0x20) << held
    for (held += 6; held >= 8; held -= 8) {
      packed.push(bits & 0xff)
      bits >>= 8
    }
  }
  if (held > 0) packed.push(bits & 0xff)
  return [0x80 | packed.length, ...packed]
}

/** Two digits a byte (§13.1 there). */
function bcdPlus(text: string): number[] {
  const nibble = (at: number) => Math.max(0, '0123456789 -.'.indexOf(text.charAt(at) || ' '))
  const packed = Array.from(
    { length: Math.ceil(text.length / 2) },
    (_, at) => (nibble(2 * at) << 4) | nibble(2 * at + 1),
  )
  return [0x40 | packed.length, ...packed]
}

/** An area: version, length in units, what it holds, filled up, and a checksum. */
function area(body: readonly number[]): number[] {
  const units = Math.ceil((2 + body.length + 1 + 1) / UNIT_BYTES)
  const padded = [0x01, units, ...body, END]
  while (padded.length < units * UNIT_BYTES - 1) padded.push(0)
  return [...padded, sum(padded)]
}

const chassis = (serial: string) => area([23, ...sixBit('CH-1000'), ...ascii(`C${serial}`)]) // 23: rack mount
const board = (serial: string) => {
  const minutes = Math.floor((Date.UTC(2025, 2, 14, 9, 26) - EPOCH_MS) / 60_000)
  const made = [minutes & 0xff, (minutes >> 8) & 0xff, (minutes >> 16) & 0xff]
  const fields = ['Lab Systems', 'Metal One Board', `B${serial}`].flatMap(ascii)
  return area([25, ...made, ...fields, ...bcdPlus('004-211.7'), ...ascii('fru-1'), ...ascii('rev C')])
}
const product = (serial: string) =>
  area([25, ...['Lab Systems', 'Metal One', 'M1-2U', 'C', serial, `AT-${serial}`, 'fru-1'].flatMap(ascii)])

/** A record of the multirecord area: type, format with the end mark, length, checksums. */
function multirecord(type: number, isLast: boolean, data: readonly number[]): number[] {
  const head = [type, 0x02 | (isLast ? 0x80 : 0), data.length, sum(data)]
  return [...head, sum(head), ...data]
}

const powerSupply = () => [
  ...multirecord(0x00, false, [
    ...bytes(0x20, 0x03), // 800 W
    ...bytes(0x84, 0x03, 50, 10),
    ...bytes(0x10, 0x27, 0x98, 0x3a, 0x20, 0x4e, 0xc0, 0x5d), // 100 to 150 V, 200 to 240 V
    ...bytes(47, 63, 20),
    0x0a, // hot swap, power factor correction
    ...bytes(0x84, 0x13), // 900 W for one second
    ...bytes(0, 0, 0, 0),
  ]),
  ...multirecord(0x01, false, [0x01, 0xb0, 0x04, 0x8c, 0x04, 0xd4, 0x04, 0x78, 0x00, 0x00, 0x00, 0x60, 0xea]), // 12 V, 60 A
  ...multirecord(0x03, true, [0x02, ...Buffer.from('psu1.rack')]),
]

/** The header tells where each area begins, in units; 0: there is none. */
function inventory(parts: { chassis?: number[]; board?: number[]; product?: number[]; records?: number[] }): Buffer {
  const packed: number[] = []
  const place = (part: number[] | undefined) => {
    if (!part) return 0
    const at = 1 + packed.length / UNIT_BYTES
    packed.push(...part)
    while (packed.length % UNIT_BYTES !== 0) packed.push(0)
    return at
  }
  const [chassisAt, boardAt] = [place(parts.chassis), place(parts.board)]
  const [productAt, recordsAt] = [place(parts.product), place(parts.records)]
  const header = [0x01, 0, chassisAt, boardAt, productAt, recordsAt, 0]
  return Buffer.from([...header, sum(header), ...packed])
}

export const FRUS: readonly FruRow[] = [
  {
    id: 0,
    encode: serial => inventory({ chassis: chassis(serial), board: board(serial), product: product(serial) }),
  },
  {
    id: 1,
    encode: serial =>
      inventory({
        product: area([25, ...['Lab Power', 'PSU 800', 'P-800', '1', `P${serial}`, '', ''].flatMap(ascii)]),
        records: powerSupply(),
      }),
  },
  {
    id: 2,
    encode: () =>
      inventory({ board: area([25, 0, 0, 0, ...['Lab Systems', 'Backplane', '', 'BP-8', ''].flatMap(ascii)]) }),
  },
]
