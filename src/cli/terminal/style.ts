import { styleText } from 'node:util'

type Style = Parameters<typeof styleText>[0]

/** Words that a person looks for in a list at night. All else is plain. */
const STYLES: Record<string, Style> = {
  broken: 'red',
  hold: 'red',
  maintenance: 'yellow',
  transitioning: 'yellow',
  commissioning: 'cyan',
  installing: 'cyan',
  recycling: 'cyan',
  rescuing: 'cyan',
  available: 'green',
  retired: 'gray',
}

/** Colours only for a terminal, and not where NO_COLOR is set: `styleText` looks at both. */
export class Styler {
  readonly stream: NodeJS.WriteStream
  constructor(stream: NodeJS.WriteStream) {
    this.stream = stream
  }
  paint(style: Style, text: string): string {
    return styleText(style, text, { stream: this.stream })
  }
  word(text: string): string {
    const style = STYLES[text]
    return style ? this.paint(style, text) : text
  }
}
