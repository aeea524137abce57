/** Text on a terminal: how wide it is, and how to show what others wrote without letting it command the terminal. */

/**
 * Control characters, line separators, and the marks that turn the direction of writing: data that holds them could clear
 * the screen, retitle the window or hide what it says (CWE-150).
 */
const UNSAFE = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\ufeff]/gu
const NAMED: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** One line that shows what cannot be printed as an escape: a line feed as `\n`, escape as `\u001b`. */
export function printable(text: string): string {
  return text.replaceAll(UNSAFE, char => NAMED[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

const PLAIN = /^[\u0020-\u007e]*$/
/** Two columns each: Unicode Standard Annex #11 (wide and full-width), and pictures. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u
const ZERO = /[\p{Mn}\p{Me}\p{Cf}]/u

/** How many columns of a terminal a printable text takes. */
export function displayWidth(text: string): number {
  if (PLAIN.test(text)) return text.length
  let width = 0
  for (const char of text) width += widthOf(char)
  return width
}

const widthOf = (char: string): number => (ZERO.test(char) ? 0 : WIDE.test(char) ? 2 : 1)

/** The text cut to `columns`, with an ellipsis where something is left out. */
export function truncate(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text
  let kept = ''
  let width = 0
  for (const char of text) {
    width += widthOf(char)
    if (width > columns - 1) break
    kept += char
  }
  return `${kept.trimEnd()}…`
}

export function pad(text: string, columns: number, side: 'left' | 'right'): string {
  const space = ' '.repeat(Math.max(0, columns - displayWidth(text)))
  return side === 'left' ? text + space : space + text
}
