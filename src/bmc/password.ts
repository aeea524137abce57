import { inspect } from 'node:util'

const HIDDEN = '[password]'

/** A password that no log, error, JSON or inspection shows. Whoever needs the text asks for it by name: `reveal`. */
export class Password {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  reveal(): string {
    return this.#text
  }

  toString(): string {
    return HIDDEN
  }

  toJSON(): string {
    return HIDDEN
  }

  [inspect.custom](): string {
    return HIDDEN
  }
}
