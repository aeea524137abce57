import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { messageOf } from '../../lib/errors.ts'
import { damaged, END_OF_ROWS, isFooter } from './format.ts'

const NEWLINE = 0x0a
/** PostgreSQL's own limit of one row in COPY. */
const MAX_LINE_BYTES = 1024 ** 3

/** Reads a backup from its begin to its end, with only one row in memory at a time, and hashes what it read. */
export class BackupReader {
  readonly #chunks: AsyncIterator<Buffer>
  readonly #hash = createHash('sha256')
  #buffer: Buffer = Buffer.alloc(0)

  constructor(file: string) {
    const text = createGunzip()
    // The iterator throws what goes wrong; a callback has to be there, or `pipeline` would not take errors along.
    pipeline(createReadStream(file), text, () => undefined)
    this.#chunks = text[Symbol.asyncIterator]()
  }

  /** Of everything read so far, without the footer. */
  get sha256(): string {
    return this.#hash.copy().digest('hex')
  }

  /** The next line without its end; undefined at the end of the file. */
  async line(): Promise<string | undefined> {
    for (;;) {
      const end = this.#buffer.indexOf(NEWLINE)
      if (end >= 0) {
        const line = this.#buffer.toString('utf8', 0, end)
        this.#take(end + 1, !isFooter(line))
        return line
      }
      if (await this.#fill()) continue
      if (this.#buffer.length > 0) throw damaged('it ends inside a line')
      return undefined
    }
  }

  /** Everything up to the line that ends the rows of a table, in pieces of whole lines. */
  async *rows(): AsyncGenerator<Buffer> {
    for (;;) {
      const end = endOfRows(this.#buffer)
      if (end !== undefined) {
        if (end > 0) yield this.#take(end, true)
        this.#take(END_OF_ROWS.length, true)
        return
      }
      const whole = this.#buffer.lastIndexOf(NEWLINE) + 1
      if (whole > 0) yield this.#take(whole, true)
      if (!(await this.#fill())) throw damaged('it ends inside a table')
    }
  }

  /** Frees the file when reading ends early. */
  async close(): Promise<void> {
    await this.#chunks.return?.()
  }

  #take(bytes: number, sealed: boolean): Buffer {
    const taken = this.#buffer.subarray(0, bytes)
    this.#buffer = this.#buffer.subarray(bytes)
    if (sealed) this.#hash.update(taken)
    return taken
  }

  async #fill(): Promise<boolean> {
    if (this.#buffer.length > MAX_LINE_BYTES) throw damaged('it has a row larger than PostgreSQL allows')
    const { value, done } = await this.#next()
    if (done) return false
    this.#buffer = this.#buffer.length > 0 ? Buffer.concat([this.#buffer, value]) : value
    return true
  }

  async #next(): Promise<IteratorResult<Buffer>> {
    try {
      return await this.#chunks.next()
    } catch (error) {
      throw damaged(messageOf(error), error) // zlib's words, or those of the file system
    }
  }
}

/** Where the line `\.` begins. The buffer always begins at a line, and COPY writes a backslash in a value as two. */
function endOfRows(buffer: Buffer): number | undefined {
  if (buffer.subarray(0, END_OF_ROWS.length).equals(Buffer.from(END_OF_ROWS))) return 0
  const at = buffer.indexOf(`\n${END_OF_ROWS}`)
  return at < 0 ? undefined : at + 1
}

/** How many rows a piece of whole lines has: COPY writes a line break in a value as `\n`. */
export function countLines(piece: Buffer): number {
  let lines = 0
  for (let at = piece.indexOf(NEWLINE); at >= 0; at = piece.indexOf(NEWLINE, at + 1)) lines += 1
  return lines
}
