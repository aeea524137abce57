import { architectureOf } from './architectures.ts'
import type { DhcpMessage } from './message.ts'
import { type OptionName, optionName } from './options.ts'
import { pxeOptions } from './pxe-options.ts'
import { relayAgent } from './relay-agent.ts'

/** The vendor classes of PXE and of UEFI's HTTP boot begin so (RFC 4578 §2.4; UEFI 2.10 §24.7.3.1). */
const PXE_CLASS = /^PXEClient/

/** Some options as a person reads them; the rest are told as they are. */
const VIEWS: { readonly [N in OptionName]?: (value: never, message: DhcpMessage) => unknown } = {
  clientArch: (codes: number[]) => codes.map(code => architectureOf(code)?.words ?? `unknown architecture ${code}`),
  parameterRequestList: (codes: number[]) => codes.map(code => optionName(code) ?? code),
  relayAgent: (bytes: Buffer) => tried(() => relayAgent.decode(bytes)) ?? bytes,
  vendorOptions: (bytes: Buffer, { options }) =>
    (PXE_CLASS.test(options.vendorClass ?? '') ? tried(() => pxeOptions.decode(bytes)) : undefined) ?? bytes,
}

/** The message for the timeline and for people: plain JSON with words for codes and '0x…' for bytes. */
export function describeMessage(message: DhcpMessage): unknown {
  const options = Object.entries(message.options).map(([name, value]) => {
    const view = VIEWS[name as OptionName] as ((value: unknown, message: DhcpMessage) => unknown) | undefined
    return [name, view ? view(value, message) : value]
  })
  return plain({ ...message, options: Object.fromEntries(options) })
}

function tried<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

/** JSON's types only. PostgreSQL holds no NUL in its JSON, and a text option has none (`text` in values.ts). */
function plain(value: unknown): unknown {
  if (Buffer.isBuffer(value)) return `0x${value.toString('hex')}`
  if (value instanceof Map) return plain(Object.fromEntries(value))
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value).filter(([, field]) => field !== undefined)
  return Object.fromEntries(fields.map(([name, field]) => [name, plain(field)]))
}
