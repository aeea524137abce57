import { isIPv4 } from 'node:net'
import { AppError } from '../../../lib/errors.ts'
import { command, CompletionError, nothing, type Run } from '../command.ts'
import type { Reader } from '../wire/reader.ts'

/** Where a BMC has its address from (table 23-4, parameter 4). */
export const ADDRESS_SOURCES = ['unspecified', 'static', 'dhcp', 'bios', 'other'] as const
export type AddressSource = (typeof ADDRESS_SOURCES)[number]

interface Parameter<Value> {
  readonly code: number
  readonly decode: (data: Reader) => Value
  readonly encode?: (value: Value) => readonly number[]
}
const parameter = <Value>(row: Parameter<Value>) => row

const readIp = (data: Reader) => [...data.bytes(4)].join('.')
const writeIp = (address: string) => {
  if (!isIPv4(address)) throw new AppError('invalid_input', `'${address}' is not an IPv4 address`)
  return address.split('.').map(Number)
}
const readMac = (data: Reader) =>
  data
    .bytes(6)
    .toString('hex')
    .replace(/..(?=.)/g, '$&:')

/** LAN configuration parameters (table 23-4). */
export const LAN_PARAMETERS = {
  setInProgress: parameter({ code: 0, decode: data => data.u8() & 0x03, encode: (state: number) => [state] }),
  address: parameter({ code: 3, decode: readIp, encode: writeIp }),
  addressSource: parameter({
    code: 4,
    decode: (data): AddressSource => ADDRESS_SOURCES[data.u8() & 0x0f] ?? 'other',
    encode: source => [ADDRESS_SOURCES.indexOf(source)],
  }),
  mac: parameter({ code: 5, decode: readMac }),
  netmask: parameter({ code: 6, decode: readIp, encode: writeIp }),
  gateway: parameter({ code: 12, decode: readIp, encode: writeIp }),
  gatewayMac: parameter({ code: 13, decode: readMac }),
  backupGateway: parameter({ code: 14, decode: readIp, encode: writeIp }),
  /** undefined: no VLAN. */
  vlan: parameter({
    code: 20,
    decode: (data): number | undefined => readVlan(data.u16()),
    encode: vlan => (vlan === undefined ? [0, 0] : [vlan & 0xff, 0x80 | (vlan >> 8)]),
  }),
  vlanPriority: parameter({ code: 21, decode: data => data.u8() & 0x07, encode: priority => [priority] }),
} as const

const readVlan = (bits: number) => ((bits & 0x8000) === 0 ? undefined : bits & 0x0fff)

export type LanParameter = keyof typeof LAN_PARAMETERS
export type LanValue<Name extends LanParameter> = ReturnType<(typeof LAN_PARAMETERS)[Name]['decode']>
/** Addresses of hardware are as they are. */
type Settable = Exclude<LanParameter, 'mac' | 'gatewayMac'>
export type LanConfig = { readonly [N in Exclude<LanParameter, 'setInProgress'>]?: LanValue<N> }
export type LanChange = { readonly [N in Exclude<Settable, 'setInProgress'>]?: LanValue<N> }

const CODES = {
  0x80: { words: 'this parameter is not supported', code: 'bmc_unsupported' },
  0x81: { words: 'somebody else is setting parameters', code: 'bmc_busy' },
  0x82: { words: 'this parameter cannot be written', code: 'bmc_unsupported' },
  0x83: { words: 'this parameter cannot be read', code: 'bmc_unsupported' },
} as const

export const getLanParameter = command({
  name: 'Get LAN Configuration Parameters',
  ref: '§23.2',
  netFn: 'transport',
  command: 0x02,
  codes: CODES,
  encode: (channel: number, name: LanParameter) => [channel, LAN_PARAMETERS[name].code, 0, 0],
  decode: (reply, _channel, name): LanValue<LanParameter> => LAN_PARAMETERS[name].decode(onlyValue(reply)),
})

/** After the parameter's revision. */
const onlyValue = (reply: Reader) => reply.skip(1)

export const setLanParameter = command({
  name: 'Set LAN Configuration Parameters',
  ref: '§23.1',
  netFn: 'transport',
  command: 0x01,
  codes: CODES,
  encode: (channel: number, name: Settable, data: readonly number[]) => [channel, LAN_PARAMETERS[name].code, ...data],
  decode: nothing,
})

/** @public What the BMC tells of its network; parameters that it does not have are left out. */
export async function readLanConfig(run: Run, channel: number): Promise<LanConfig> {
  const config: Record<string, unknown> = {}
  for (const name of Object.keys(LAN_PARAMETERS) as LanParameter[]) {
    if (name === 'setInProgress') continue
    const value = await ifSupported(run(getLanParameter, channel, name))
    if (value !== undefined) config[name] = value
  }
  return config
}

/** @public Sets what is given. The BMC may be out of reach after that: under its old address, or its old VLAN. */
export async function writeLanConfig(run: Run, channel: number, change: LanChange): Promise<void> {
  const [complete, inProgress] = [[0], [1]]
  await ifSupported(run(setLanParameter, channel, 'setInProgress', inProgress))
  try {
    for (const [name, data] of encodeChange(change)) await run(setLanParameter, channel, name, data)
  } finally {
    await ifSupported(run(setLanParameter, channel, 'setInProgress', complete))
  }
}

/** In the order of the table, but the source of the address first: some firmware refuses addresses while it is DHCP. */
function encodeChange(change: LanChange): [Settable, readonly number[]][] {
  const order: (keyof LanChange)[] = [
    'addressSource',
    'address',
    'netmask',
    'gateway',
    'backupGateway',
    'vlan',
    'vlanPriority',
  ]
  return order.filter(name => name in change).map(name => [name, encodeOne(name, change[name])])
}

/** A row's own type of value is known to whoever wrote the change, and lost in a loop over names. */
function encodeOne(name: keyof LanChange, value: unknown): readonly number[] {
  const { encode } = LAN_PARAMETERS[name] as Parameter<unknown>
  return encode?.(value) ?? []
}

async function ifSupported<T>(done: Promise<T>): Promise<T | undefined> {
  try {
    return await done
  } catch (error) {
    if (error instanceof CompletionError && error.code === 'bmc_unsupported') return undefined
    throw error
  }
}
