import { type Column, TablePrinter } from './table.ts'
import { Styler } from './style.ts'

export interface Streams {
  stdout: NodeJS.WriteStream
  stderr: NodeJS.WriteStream
}

/**
 * Where answers and remarks go: answers to standard output, all else to standard error. A reader that closes the pipe
 * (`| head`) ends the printing, not the work: what a command changes, it changes for all it was told.
 */
export class Output {
  readonly streams: Streams
  readonly json: boolean
  readonly style: Styler
  readonly #gone = new AbortController()
  constructor(streams: Streams, json: boolean) {
    this.streams = streams
    this.json = json
    this.style = new Styler(streams.stdout)
    streams.stdout.on('error', error => ignoreClosed(error, () => this.#gone.abort()))
    streams.stderr.on('error', error => ignoreClosed(error))
  }

  /** Aborts when nobody reads any more. */
  get gone(): AbortSignal {
    return this.#gone.signal
  }

  line(text: string): void {
    this.lines([text])
  }

  lines(texts: readonly string[]): void {
    if (texts.length > 0) this.write(`${texts.join('\n')}\n`)
  }

  write(text: string): void {
    if (!this.gone.aborted) this.streams.stdout.write(text)
  }

  /** For programs: one value, complete. */
  value(value: unknown): void {
    this.line(JSON.stringify(value, null, 2))
  }

  /** For people only: programs asked for JSON and get nothing else. */
  note(text: string): void {
    if (!this.json) this.error(text)
  }

  error(text: string): void {
    this.streams.stderr.write(`${text}\n`)
  }

  /** A table that may come in batches. */
  table<Row>(columns: readonly Column<Row>[], headers = true): TablePrinter<Row> {
    return new TablePrinter(columns, { headers, width: this.width, style: text => this.style.word(text) })
  }

  get width(): number | undefined {
    return this.streams.stdout.isTTY ? this.streams.stdout.columns : undefined
  }
}

function ignoreClosed(error: NodeJS.ErrnoException, onClosed: () => void = () => undefined): void {
  if (error.code !== 'EPIPE') throw error
  onClosed()
}
