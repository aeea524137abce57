/** One after the other: a BMC works on one command at a time, and many lose those that come meanwhile. */
export class Turns {
  #busy = false
  readonly #waiting: (() => void)[] = []

  /** Resolves when it is one's turn, with how to end it. @throws the signal's reason */
  async take(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted()
    if (this.#busy) await this.#wait(signal)
    this.#busy = true
    return () => this.#end()
  }

  #end(): void {
    const next = this.#waiting.shift()
    if (next) next()
    else this.#busy = false
  }

  /** The turn is handed over, so nobody who comes later gets in between. */
  #wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const start = () => {
        signal.removeEventListener('abort', abort)
        resolve()
      }
      const abort = () => {
        this.#waiting.splice(this.#waiting.indexOf(start), 1)
        reject(signal.reason as Error)
      }
      signal.addEventListener('abort', abort, { once: true })
      this.#waiting.push(start)
    })
  }
}
