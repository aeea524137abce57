import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Packet } from './relay.ts'

export const CAPTURES = join(import.meta.dirname, '..', '..', '..', 'captures', 'ipmi')

/** Names of the recorded conversations. */
export const captureNames = (): string[] =>
  readdirSync(CAPTURES)
    .filter(name => name.endsWith('.hex'))
    .map(name => name.slice(0, -'.hex'.length))

/** A packet a line: its direction, and its bytes in hexadecimal. Lines with `#` say where it comes from. */
export function readCapture(name: string): Packet[] {
  const lines = readFileSync(join(CAPTURES, `${name}.hex`), 'utf8').split('\n')
  return lines
    .filter(line => /^[<>] /.test(line))
    .map(line => {
      return { direction: line[0] === '>' ? '>' : '<', bytes: Buffer.from(line.slice(2), 'hex') }
    })
}

export const writeCapture = (packets: readonly Packet[], notes: readonly string[]): string =>
  [...notes.map(note => `# ${note}`), ...packets.map(({ direction, bytes }) => `${direction} ${bytes.toString('hex')}`)]
    .join('\n')
    .concat('\n')
