import type { Limits } from './limits.ts'
import type { OptionPairs, Request } from './packets.ts'
import { windowsAhead } from './window.ts'

export interface Terms {
  blksize: number
  windowsize: number
  /** The longest wait until a repetition, if the client asked for one. */
  timeoutMs: number | undefined
  /** What is agreed, in the client's own spelling; empty if nothing is, and then no OACK is sent (RFC 2347). */
  oack: OptionPairs
}

/** The bytes of a transfer, if they are known before it begins. */
type Size = number | undefined
type Field = 'blksize' | 'windowsize' | 'timeoutMs'

interface Row {
  /** The value to agree on; undefined leaves the option out, as if it had not been sent. */
  accept(asked: number, limits: Limits, size: Size): number | undefined
  sets?: Field
  factor?: number
  ref: string
}
const within = (value: number, min: number, max: number): boolean => value >= min && value <= max

const OPTIONS: Readonly<Record<string, Row>> = {
  blksize: {
    // More than there can be is answered with what there can be; less than 8 is no block.
    accept: (asked, { blksize }) => (asked >= 8 ? Math.min(asked, blksize) : undefined),
    sets: 'blksize',
    ref: 'RFC 2348',
  },
  windowsize: {
    accept: (asked, { windowsize }) => (within(asked, 1, 65_535) ? Math.min(asked, windowsize) : undefined),
    sets: 'windowsize',
    ref: 'RFC 7440 §3',
  },
  timeout: {
    accept: asked => (within(asked, 1, 255) ? asked : undefined),
    sets: 'timeoutMs',
    factor: 1000,
    ref: 'RFC 2349',
  },
  // Of an empty file it is left out: curl (7.88) ends a transfer whose size is told to be 0.
  tsize: { accept: (_, __, size) => size || undefined, ref: 'RFC 2349' },
}

/** RFC 1350 §2. */
const BLKSIZE = 512

/** What server and client agree on; a text if the request contradicts itself, for an error 8 (RFC 2347). */
export function negotiate(request: Request, size: Size, limits: Limits): Terms | string {
  const asked = new Map<string, readonly [name: string, value: string]>()
  for (const pair of request.options) {
    const name = pair[0].toLowerCase()
    const before = asked.get(name)
    if (before && before[1] !== pair[1]) return `option ${name} is given twice`
    asked.set(name, before ?? pair)
  }
  const terms: Record<Field, number | undefined> = { blksize: BLKSIZE, windowsize: 1, timeoutMs: undefined }
  const agreed = agree(asked, size, limits)
  for (const { row, value } of agreed) if (row.sets) terms[row.sets] = value * (row.factor ?? 1)
  const blksize = terms.blksize ?? BLKSIZE
  const most = Math.floor(limits.windowBytes / (blksize * windowsAhead(2)))
  const windowsize = Math.max(1, Math.min(terms.windowsize ?? 1, most))
  const oack = agreed.map(
    ({ row, name, value }) => [name, String(row.sets === 'windowsize' ? windowsize : value)] as const,
  )
  return { blksize, windowsize, timeoutMs: terms.timeoutMs, oack }
}

/** Options that no row knows and values that make no sense are left out: they are the client's wish, not its condition. */
function agree(asked: ReadonlyMap<string, readonly [string, string]>, size: Size, limits: Limits) {
  return [...asked].flatMap(([key, [name, text]]) => {
    const row = Object.hasOwn(OPTIONS, key) ? OPTIONS[key] : undefined
    const value = row && /^\d{1,10}$/.test(text) ? row.accept(Number(text), limits, size) : undefined
    return row && value !== undefined ? [{ row, name, value }] : []
  })
}
