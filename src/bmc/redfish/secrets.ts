const HIDDEN = '[secret]'
/** Shorter ones would be found in every word, and tell more by their absence. */
const SHORTEST = 4

/** What must not stand in any error of one service: passwords and tokens, also in the forms in which HTTP carries them. */
export class Secrets {
  readonly #texts = new Set<string>()

  add(text: string): void {
    if (text.length < SHORTEST) return
    const json = JSON.stringify(text).slice(1, -1)
    for (const form of [text, json, encodeURIComponent(text), Buffer.from(text).toString('base64')])
      this.#texts.add(form)
  }

  hide(words: string): string {
    return [...this.#texts].reduce((left, text) => left.replaceAll(text, HIDDEN), words)
  }
}
