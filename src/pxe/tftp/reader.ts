import { closeFile, type TftpFile, type TftpSource } from './file.ts'
import { toNetascii } from './netascii.ts'

export interface ReaderOptions {
  file: TftpFile
  netascii: boolean
  /** The size of a piece; two are held at most. */
  readBytes: number
  /** There is more to take, or all was read. */
  onReady: () => void
  onError: (error: unknown) => void
}

const NOTHING = Buffer.alloc(0)

/** A file from front to back, in large pieces, one read ahead: taking what is there costs no promise. */
export class Reader {
  readonly #options: ReaderOptions
  readonly #source: TftpSource | undefined
  readonly #bytes: Uint8Array | undefined
  readonly #size: number
  #piece: Uint8Array = NOTHING
  #at = 0
  #ahead: Uint8Array | undefined
  #offset = 0
  #loading = false
  #closed = false

  constructor(options: ReaderOptions) {
    this.#options = options
    const { file } = options
    this.#bytes = 'bytes' in file ? file.bytes : undefined
    this.#source = 'bytes' in file ? undefined : file
    this.#size = 'bytes' in file ? file.bytes.length : file.size
  }

  /** Copies up to `max` bytes to `target` and returns how many. Fewer: the rest is not there yet, or the file has ended. */
  take(target: Uint8Array, at: number, max: number): number {
    let taken = 0
    while (taken < max && (this.#at < this.#piece.length || this.#turn())) {
      const end = Math.min(this.#at + max - taken, this.#piece.length)
      target.set(this.#piece.subarray(this.#at, end), at + taken)
      taken += end - this.#at
      this.#at = end
    }
    this.#load()
    return taken
  }

  /** Nothing is left to take. */
  get ended(): boolean {
    return this.#at === this.#piece.length && this.#ahead === undefined && this.#offset === this.#size
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#piece = NOTHING
    this.#ahead = undefined
    void closeFile(this.#options.file)
  }

  /** Goes on to the next piece, if it is there. */
  #turn(): boolean {
    const piece = this.#bytes ? this.#cut(this.#bytes) : this.#ahead
    if (piece === undefined || piece.length === 0) return false
    this.#piece = piece
    this.#ahead = undefined
    this.#at = 0
    return true
  }

  /** What is in memory is served from there; converted text takes room, so only a piece of it is. */
  #cut(bytes: Uint8Array): Uint8Array {
    const start = this.#offset
    const { netascii, readBytes } = this.#options
    this.#offset = netascii ? Math.min(start + readBytes, bytes.length) : bytes.length
    const cut = bytes.subarray(start, this.#offset)
    return netascii ? toNetascii(cut) : cut
  }

  #load(): void {
    const left = this.#size - this.#offset
    if (!this.#source || this.#loading || this.#ahead !== undefined || left === 0 || this.#closed) return
    this.#loading = true
    void this.#read(this.#source, Math.min(this.#options.readBytes, left))
  }

  async #read(source: TftpSource, length: number): Promise<void> {
    try {
      const bytes = await source.read(this.#offset, length)
      if (this.#closed) return
      if (bytes.length !== length) throw new Error(`the file ended at byte ${this.#offset + bytes.length}`)
      this.#offset += length
      this.#ahead = this.#options.netascii ? toNetascii(bytes) : bytes
      this.#loading = false
      this.#options.onReady()
    } catch (error) {
      if (!this.#closed) this.#options.onError(error)
    }
  }
}
