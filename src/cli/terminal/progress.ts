const QUIET_MS = 2_000
const REDRAW_MS = 250
/** ECMA-48: erase from the cursor to the end of the line. */
const ERASE_LINE = '\r\u001b[K'

/**
 * A line on standard error that says what takes so long, from two seconds on, on a terminal only. `end` wipes it away.
 */
export class Progress {
  readonly stream: NodeJS.WriteStream
  readonly enabled: boolean
  readonly startedAt = Date.now()
  readonly timer: NodeJS.Timeout | undefined
  text: string
  shown = false
  constructor(stream: NodeJS.WriteStream, enabled: boolean, text: string) {
    this.stream = stream
    this.enabled = enabled && stream.isTTY
    this.text = text
    if (this.enabled) this.timer = setInterval(() => this.draw(), REDRAW_MS).unref()
  }

  say(text: string): void {
    this.text = text
  }

  /** Before what computes without a pause for long: no timer runs then. */
  sayNow(text: string): void {
    this.text = text
    if (this.enabled) this.#write(text)
  }

  draw(): void {
    const elapsedMs = Date.now() - this.startedAt
    if (elapsedMs >= QUIET_MS) this.#write(`${this.text} … ${Math.floor(elapsedMs / 1_000)} s`)
  }

  end(): void {
    clearInterval(this.timer)
    if (this.shown) this.stream.write(ERASE_LINE)
    this.shown = false
  }

  #write(text: string): void {
    this.shown = true
    this.stream.write(`${ERASE_LINE}${text}`)
  }
}
