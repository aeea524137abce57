import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = join(import.meta.dirname, '../../captures')

/** The names of what was recorded, without `.hex`. test/captures/README.md tells where each comes from. */
export function captureNames(protocol: 'dhcp' | 'tftp'): string[] {
  return readdirSync(join(folder, protocol))
    .filter(file => file.endsWith('.hex'))
    .map(file => file.slice(0, -'.hex'.length))
}

/** The payload of one UDP datagram. */
export function readCapture(protocol: 'dhcp' | 'tftp', name: string): Buffer {
  return Buffer.from(readFileSync(join(folder, protocol, `${name}.hex`), 'utf8').replaceAll(/\s/g, ''), 'hex')
}

export const readCaptures = (protocol: 'dhcp' | 'tftp'): Buffer[] =>
  captureNames(protocol).map(name => readCapture(protocol, name))
