import type { BmcConsole } from '../../../../src/bmc/driver.ts'

/** Collects what a console says. */
export function listen({ stream }: BmcConsole): {
  text: () => string
  until: (wanted: string | number) => Promise<string>
} {
  let text = ''
  const waiting = new Set<() => void>()
  stream.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1')
    for (const look of waiting) look()
  })
  return {
    text: () => text,
    /** Resolves when that text has come, or so many characters. */
    until: wanted =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (typeof wanted === 'string' ? !text.includes(wanted) : text.length < wanted) return
          waiting.delete(look)
          clearTimeout(timer)
          resolve(text)
        }
        const timer = setTimeout(() => {
          waiting.delete(look)
          reject(new Error(`the console said only ${text.length} characters: ${JSON.stringify(text.slice(-200))}`))
        }, 8_000)
        waiting.add(look)
        look()
      }),
  }
}
