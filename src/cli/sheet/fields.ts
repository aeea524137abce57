/** What a column of a sheet can mean. `nic` and `bmc` columns are told by patterns below. */
const ALIASES = {
  name: [
    'name',
    'machine',
    'machine name',
    'server',
    'server name',
    'device',
    'device name',
    'asset',
    'asset tag',
    'asset no',
    'asset number',
    'asset id',
    'inventory number',
    'node',
  ],
  serial: [
    'serial',
    'serial number',
    'serial no',
    'sn',
    's n',
    'service tag',
    'servicetag',
    'chassis serial',
    'system serial',
    'product serial',
  ],
  systemUuid: ['uuid', 'system uuid', 'smbios uuid'],
  hostname: ['hostname', 'host name', 'host', 'fqdn'],
  datacenter: ['datacenter', 'data center', 'datacentre', 'dc', 'site', 'location'],
  rack: ['rack', 'rack name', 'rack id', 'cabinet'],
  position: ['u', 'ru', 'unit', 'rack unit', 'position', 'rack position', 'u position', 'pos', 'start u', 'slot'],
  height: ['height', 'height u', 'u height', 'size', 'size u', 'rack units', 'units', 'form factor'],
  vendor: ['vendor', 'manufacturer', 'make', 'brand'],
  model: ['model', 'model name', 'product', 'product name'],
  profile: ['profile', 'hardware profile', 'hw profile'],
  service: ['service'],
  'bmc.ip': [],
  'bmc.mac': [],
  'bmc.user': [],
  'bmc.password': [],
  'bmc.protocol': [],
  'bmc.network': [],
} as const satisfies Record<string, readonly string[]>

type Plain = keyof typeof ALIASES
/** `nic1.mac`, `nic1.ip`, `nic1.switch`, `nic1.port` and so on to 8; `label:rail`. */
export type Field = Plain | `nic${number}.${'mac' | 'ip' | 'switch' | 'port'}` | `label:${string}`

export const FIELD_HELP = `${Object.keys(ALIASES).join(', ')}, nic1.mac, nic1.ip, nic1.switch, nic1.port (to nic8), label:NAME`

const NIC = /^(?:nic|eth|ethernet|lan|port)? ?([0-8])? ?(mac|ip|switch port|switch|port) ?([0-8])?$/
const BMC = /^(?:bmc|i ?lo ?\d?|(?:i ?)?drac ?\d?|ipmi|oob|xcc|imm2?|i ?rmc|out of band|management|mgmt)(?: (.*))?$/
const BMC_PARTS: Record<string, Plain> = {
  '': 'bmc.ip',
  ip: 'bmc.ip',
  mac: 'bmc.mac',
  user: 'bmc.user',
  username: 'bmc.user',
  'user name': 'bmc.user',
  login: 'bmc.user',
  password: 'bmc.password',
  pass: 'bmc.password',
  pw: 'bmc.password',
  pwd: 'bmc.password',
  protocol: 'bmc.protocol',
  type: 'bmc.protocol',
  network: 'bmc.network',
  subnet: 'bmc.network',
}

/** What a column named like this means; undefined if it means nothing to us. Case, punctuation and "address" do not count. */
export function fieldOf(header: string): Field | undefined {
  const label = /^label[: ]\s*([a-z0-9._-]+)$/i.exec(header)
  if (label?.[1]) return `label:${label[1].toLowerCase()}`
  const words = normalize(header)
  const plain = Object.entries(ALIASES).find(([, aliases]) => (aliases as readonly string[]).includes(words))
  if (plain) return plain[0] as Plain
  const bmc = BMC.exec(words)
  if (bmc) return BMC_PARTS[bmc[1] ?? '']
  return nicField(words)
}

/** A field by the name that `--map` uses. */
export function fieldNamed(name: string): Field | undefined {
  if (name in ALIASES) return name as Plain
  return /^nic[1-8]\.(mac|ip|switch|port)$/.test(name) || /^label:[a-z0-9._-]+$/.test(name)
    ? (name as Field)
    : undefined
}

/** How well a name fits, the better the lower: "name" before "asset tag", where a sheet has both. */
export function rankOf(header: string, field: Field): number {
  const aliases: readonly string[] = field in ALIASES ? ALIASES[field as Plain] : []
  const at = aliases.indexOf(normalize(header))
  return at < 0 ? aliases.length : at
}

function nicField(words: string): Field | undefined {
  const [, before, part = '', after] = NIC.exec(words) ?? []
  if (part === '' || (part === 'port' && before === undefined && after === undefined)) return undefined
  const number = Number(before ?? after ?? 1)
  const what = part === 'switch port' ? 'port' : (part as 'mac' | 'ip' | 'switch' | 'port')
  // Linux counts from eth0.
  return `nic${Math.max(1, words.startsWith('eth') && !words.startsWith('ethernet') ? number + 1 : number)}.${what}`
}

function normalize(header: string): string {
  return header
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, ' ')
    .replaceAll(/\b(address|addr)\b/g, ' ')
    .replaceAll(/\b(mac|nic|eth|ip|port)(\d)\b/g, '$1 $2')
    .replaceAll(/\s+/g, ' ')
    .trim()
}
