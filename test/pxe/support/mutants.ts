/** Repeatable pseudo-random integers in [0, below): Mulberry32. */
export function randomFrom(seed: number): (below: number) => number {
  let state = seed
  return below => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

type Random = (below: number) => number
type Damage = (bytes: Buffer, random: Random, others: readonly Buffer[]) => Buffer

/** Values that parsers trip over. */
const EDGES = [0, 1, 2, 3, 4, 127, 128, 254, 255]

const DAMAGES: readonly Damage[] = [
  (bytes, random) => bytes.subarray(0, random(bytes.length + 1)),
  (bytes, random) => set(bytes, random(bytes.length), random(256)),
  (bytes, random) => set(bytes, random(bytes.length), EDGES[random(EDGES.length)] ?? 0),
  (bytes, random) => {
    const at = random(bytes.length + 1)
    const noise = Buffer.from(Array.from({ length: 1 + random(8) }, () => random(256)))
    return Buffer.concat([bytes.subarray(0, at), noise, bytes.subarray(at)])
  },
  (bytes, random) => {
    const at = random(bytes.length)
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random(8))])
  },
  (bytes, random) => {
    const [from, to] = [random(bytes.length), random(bytes.length)]
    return Buffer.concat([bytes, bytes.subarray(Math.min(from, to), Math.max(from, to))])
  },
  (bytes, random, others) => {
    const other = others[random(others.length)] ?? bytes
    return Buffer.concat([bytes.subarray(0, random(bytes.length)), other.subarray(random(other.length))])
  },
]

function set(bytes: Buffer, at: number, value: number): Buffer {
  const copy = Buffer.from(bytes)
  if (copy.length > 0) copy[at] = value
  return copy
}

/** Real packets with one to four injuries: random bytes would hardly get past the first field. The same for the same seed. */
export function* mutants(seed: number, count: number, of: readonly Buffer[]): Generator<Buffer> {
  const random = randomFrom(seed)
  for (let made = 0; made < count; made += 1) {
    let bytes = of[random(of.length)] ?? Buffer.alloc(0)
    for (let left = 1 + random(4); left > 0; left -= 1)
      bytes = DAMAGES[random(DAMAGES.length)]?.(bytes, random, of) ?? bytes
    yield bytes
  }
}
