import { type Codec, Cursor, readAll } from '../../lib/bytes.ts'
import { CodecError } from '../../lib/errors.ts'

/** RFC 1035 §2.3.4. */
const LABEL_MAX_BYTES = 63
const NAME_MAX_BYTES = 255
/** More names than any resolver searches: a hostile option could make few bytes into many names. */
const NAMES_MAX = 64
const POINTER = 0xc0

/** Names as in a zone file, without the last dot; compressed as in DNS, from the first byte of the option (RFC 3397 §2). */
export const domainNames: Codec<string[]> = {
  decode(bytes) {
    let names = 0
    return readAll(bytes, cursor => {
      names += 1
      if (names > NAMES_MAX) throw new CodecError(`more than ${NAMES_MAX} domain names`)
      return readLabels(bytes, cursor).join('.')
    })
  },
  encode(names) {
    const known = new Map<string, number>()
    return names.reduce((area, name) => Buffer.concat([area, compress(name, area.length, known)]), Buffer.alloc(0))
  },
}

/** Labels up to the root, following pointers, which must lead backwards: so there is no loop. */
function readLabels(area: Buffer, cursor: Cursor): string[] {
  const labels: string[] = []
  let here = cursor
  let bytes = 0
  for (let lowest = cursor.at; ; ) {
    const length = here.u8('label')
    if (length === 0) return labels
    if (length >= POINTER) {
      const target = (length - POINTER) * 256 + here.u8('pointer')
      if (target >= lowest) throw new CodecError(`a name's pointer to byte ${target} does not lead backwards`)
      here = new Cursor(area)
      here.at = lowest = target
      continue
    }
    if (length > LABEL_MAX_BYTES) throw new CodecError(`a label of type ${length >> 6}`)
    bytes += length + 1
    if (bytes >= NAME_MAX_BYTES) throw new CodecError(`a domain name of more than ${NAME_MAX_BYTES} bytes`)
    labels.push(escapeLabel(here.take(length, 'label')))
  }
}

/** The name at byte `at`, with a pointer for the longest end that stands before it. */
function compress(name: string, at: number, known: Map<string, number>): Buffer {
  const labels = splitName(name)
  const parts: Buffer[] = []
  let length = 0
  for (const [index, label] of labels.entries()) {
    const end = labels.slice(index).join('.')
    const target = known.get(end)
    if (target !== undefined) return Buffer.concat([...parts, Buffer.of(POINTER + (target >> 8), target & 0xff)])
    // A pointer has 14 bits (RFC 1035 §4.1.4).
    if (at + length < 0x4000) known.set(end, at + length)
    const bytes = unescapeLabel(label)
    parts.push(Buffer.of(bytes.length), bytes)
    length += 1 + bytes.length
  }
  return Buffer.concat([...parts, Buffer.of(0)])
}

/** One name without compression; with `root`, its end is told (RFC 4702 §2.3.1 knows names without). */
export function encodeName(name: string, { root }: { root: boolean }): Buffer {
  const labels = splitName(name).map(unescapeLabel)
  return Buffer.concat([...labels.flatMap(bytes => [Buffer.of(bytes.length), bytes]), Buffer.alloc(root ? 1 : 0)])
}

/** The reverse of `encodeName`: the labels, and whether the root's followed. */
export function decodeName(bytes: Buffer): { name: string; root: boolean } {
  const root = bytes.at(-1) === 0
  const whole = root ? bytes : Buffer.concat([bytes, Buffer.alloc(1)])
  const cursor = new Cursor(whole)
  const name = readLabels(whole, cursor).join('.')
  if (cursor.left > 0) throw new CodecError(`${cursor.left} bytes after a domain name`)
  return { name, root }
}

/** At the dots that are not escaped. The root, '' or '.', has no labels; a last dot says nothing here. */
function splitName(name: string): string[] {
  const labels = ['']
  for (const token of name.match(/\\(\d{3}|.)|[^]/gs) ?? [])
    if (token === '.') labels.push('')
    else labels.push(`${labels.pop()}${token}`)
  if (labels.at(-1) === '') labels.pop()
  const sizes = labels.map(label => unescapeLabel(label).length)
  const tooLong = sizes.reduce((sum, size) => sum + size + 1, 1) > NAME_MAX_BYTES
  if (tooLong || /[^!-~]/.test(name) || sizes.some(size => size === 0 || size > LABEL_MAX_BYTES))
    throw new CodecError(`'${name}' is no domain name`)
  return labels
}

/** RFC 1035 §5.1: a dot or a backslash in a label has a backslash, what is not printable three digits. */
function escapeLabel(label: Buffer): string {
  return label
    .toString('latin1')
    .replaceAll(/[.\\]/g, '\\$&')
    .replaceAll(/[^!-~]/g, char => `\\${String(char.charCodeAt(0)).padStart(3, '0')}`)
}

function unescapeLabel(label: string): Buffer {
  const bytes = label.replaceAll(/\\(\d{3}|.)/gs, (_, escaped: string) =>
    escaped.length === 3 ? String.fromCharCode(Number(escaped) & 0xff) : escaped,
  )
  return Buffer.from(bytes, 'latin1')
}
