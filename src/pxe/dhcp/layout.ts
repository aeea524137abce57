import { CodecError } from '../../lib/errors.ts'
import { OPTIONS, type OptionName, type Overload } from './options.ts'
import { type Entry, tlv } from './space.ts'

/** The fixed fields that can hold options, in the order in which they are read (RFC 3396 §5). */
export const FIELD_BYTES = { file: 128, sname: 64 } as const
type Field = keyof typeof FIELD_BYTES

const END = Buffer.of(255)

/** Boot firmware looks for these first, and understands no message without them: never left out, and in this order. */
const FIRST: readonly OptionName[] = [
  'messageType',
  'serverId',
  'leaseSeconds',
  'renewalSeconds',
  'rebindingSeconds',
  'subnetMask',
  'routers',
  'clientId',
  'requestedAddress',
  'vendorClass',
  'vendorOptions',
  'tftpServerName',
  'bootFile',
  'machineUuid',
]
const RANK = new Map<number, number>(FIRST.map((name, index) => [OPTIONS[name].code, index]))
const LAST = 1000
const { overload, messageType, relayAgent } = OPTIONS

/** Of what is left, what the client asked for first is first (RFC 2132 §9.8); relay agents look for theirs at the end. */
export function inOrder(entries: readonly Entry[], requested: readonly number[]): Entry[] {
  const rank = ({ code }: Entry): number => {
    if (code === relayAgent.code) return LAST
    const index = requested.indexOf(code)
    return RANK.get(code) ?? FIRST.length + (index === -1 ? requested.length : index)
  }
  return entries.toSorted((a, b) => rank(a) - rank(b) || a.code - b.code)
}

export interface Layout {
  main: Buffer
  file: Buffer
  sname: Buffer
  /** Codes that found no place. */
  omitted: number[]
}

/** The two names as text in bytes, '' if there is none. */
export interface Names {
  file: Buffer
  sname: Buffer
}

/**
 * Finds a place for all of `entries` (in order) in `mainBytes` and, when that is too little, in the fields of the names
 * as well (RFC 2131 §4.1): first in the empty ones, then by moving names into options 67 and 66. If that does not
 * do, options are left out from the last on. @throws CodecError if even those that are needed do not fit.
 */
export function layOut(entries: readonly Entry[], names: Names, mainBytes: number): Layout {
  const kept = [...entries]
  const omitted: number[] = []
  for (;;) {
    for (const plan of plans(kept, names)) {
      const layout = pack(plan, mainBytes)
      if (layout) return { ...layout, omitted }
    }
    const last = kept.findLastIndex(({ code }) => !RANK.has(code) && code !== relayAgent.code)
    if (last === -1) throw new CodecError(`the options that the client needs do not fit in ${mainBytes} bytes`)
    omitted.push(...kept.splice(last, 1).map(({ code }) => code))
  }
}

interface Plan extends Names {
  entries: readonly Entry[]
  fields: readonly Field[]
}

const FIELDS = Object.keys(FIELD_BYTES) as Field[]
const FIELD_SETS: readonly (readonly Field[])[] = [[], ['sname'], ['file'], ['file', 'sname']]

/** Names stay in their fields as long as that will do. One that is too long for its field, such as a URL, cannot. */
function* plans(entries: readonly Entry[], names: Names): Generator<Plan> {
  const mustMove = (field: Field): boolean => names[field].length >= FIELD_BYTES[field]
  const choices = FIELD_SETS.map(fields => ({
    fields,
    moved: FIELDS.filter(field => names[field].length > 0 && (fields.includes(field) || mustMove(field))),
  }))
  for (const { fields, moved } of choices.toSorted((a, b) => a.moved.length - b.moved.length))
    yield {
      fields,
      entries: withNames(entries, names, moved),
      file: moved.includes('file') ? Buffer.alloc(0) : names.file,
      sname: moved.includes('sname') ? Buffer.alloc(0) : names.sname,
    }
}

const NAME_OPTIONS = { file: OPTIONS.bootFile.code, sname: OPTIONS.tftpServerName.code } as const

/** An option that is there already says more than the field. */
function withNames(entries: readonly Entry[], names: Names, moved: readonly Field[]): readonly Entry[] {
  const missing = moved
    .map(field => ({ code: NAME_OPTIONS[field], bytes: names[field] }))
    .filter(({ code }) => entries.every(entry => entry.code !== code))
  const rest = entries.findIndex(({ code }) => !RANK.has(code))
  return missing.length > 0 ? entries.toSpliced(rest === -1 ? entries.length : rest, 0, ...missing) : entries
}

/** First fit; undefined if something fits nowhere. */
function pack({ entries, fields, file, sname }: Plan, mainBytes: number): Omit<Layout, 'omitted'> | undefined {
  const areas = {
    main: new Area(mainBytes),
    file: new Area(FIELD_BYTES.file),
    sname: new Area(FIELD_BYTES.sname),
  }
  const word = overloadOf(fields)
  const all = word ? withOverload(entries, word) : entries
  const placed = new Map<Entry, Area>()
  for (const entry of all.toSorted((a, b) => roomRank(a) - roomRank(b))) {
    const choice = belongsInMain(entry) ? [] : fields.map(field => areas[field])
    const area = [areas.main, ...choice].find(each => each.reserve(entry))
    if (!area) return undefined
    placed.set(entry, area)
  }
  for (const entry of all) placed.get(entry)?.parts.push(tlv(entry))
  return {
    main: areas.main.close(),
    file: fields.includes('file') ? areas.file.close() : file,
    sname: fields.includes('sname') ? areas.sname.close() : sname,
  }
}

/** Who takes room first: what has no choice, then what is needed, then the large, for which few places do. */
function roomRank(entry: Entry): number {
  if (belongsInMain(entry)) return -Infinity
  return RANK.has(entry.code) ? -65_536 : -entry.bytes.length
}

/** Split options stay whole there, and relay agents look nowhere else. */
const MAIN_ONLY: ReadonlySet<number> = new Set([messageType.code, overload.code, relayAgent.code])
const belongsInMain = ({ code, bytes }: Entry): boolean => MAIN_ONLY.has(code) || bytes.length > 255

function overloadOf(fields: readonly Field[]): Overload | undefined {
  return fields.length === 2 ? 'both' : fields[0]
}

function withOverload(entries: readonly Entry[], word: Overload): Entry[] {
  const [first, ...rest] = entries
  const entry = { code: overload.code, bytes: overload.codec.encode(word) }
  // The message type stays first: firmware has been seen to look only there.
  return first?.code === messageType.code ? [first, entry, ...rest] : [entry, ...entries]
}

class Area {
  readonly parts: Buffer[] = []
  #left: number
  constructor(bytes: number) {
    this.#left = bytes - END.length
  }
  reserve(entry: Entry): boolean {
    const size = entry.bytes.length + 2 * Math.max(1, Math.ceil(entry.bytes.length / 255))
    if (size > this.#left) return false
    this.#left -= size
    return true
  }
  close(): Buffer {
    return Buffer.concat([...this.parts, END])
  }
}
