import { Type } from 'typebox'
import { oneOf } from '../../lib/schema.ts'
import { Bytes, HeightU, Hostname, Ip, LABEL_PATTERN, Label, Line, list, Mac, Port, RackUnit, Uuid } from './fields.ts'

const MEDIA = ['nvme', 'ssd', 'hdd'] as const
const BMC_PROTOCOLS = ['ipmi', 'redfish', 'ssh'] as const

const Nic = Type.Object(
  {
    mac: Mac,
    name: Type.Optional(Line),
    switch: Type.Optional(Line),
    switchPort: Type.Optional(Line),
    speedMbps: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000_000, description: 'a speed in Mbit/s' })),
    /** Without `ip` the lowest free address of the network is given, and kept. */
    addresses: list(Type.Object({ network: Label, ip: Type.Optional(Ip) }, { additionalProperties: false }), 16),
  },
  { additionalProperties: false },
)

const Disk = Type.Object(
  {
    serial: Line,
    wwn: Type.Optional(Line),
    model: Type.Optional(Line),
    medium: Type.Optional(oneOf(MEDIA)),
    sizeBytes: Type.Optional(Bytes),
  },
  { additionalProperties: false },
)

const Bmc = Type.Object(
  {
    protocol: oneOf(BMC_PROTOCOLS),
    network: Label,
    address: Type.Optional(Ip),
    port: Type.Optional(Port),
    mac: Type.Optional(Mac),
    username: Type.Optional(Line),
    vendor: Type.Optional(Line),
    model: Type.Optional(Line),
    firmware: Type.Optional(Line),
    quirks: list(Label, 32),
    cipherSuite: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 255, description: 'an IPMI cipher suite id, 0 to 255' }),
    ),
  },
  { additionalProperties: false },
)

const Labels = Type.Record(
  Type.String({ pattern: LABEL_PATTERN }),
  Type.String({
    maxLength: 200,
    pattern: '^[^\\u0000-\\u001f\\u007f]*$',
    description: 'one line of at most 200 characters',
  }),
  {
    default: {},
    additionalProperties: false,
    description: 'labels: names to short texts',
  },
)

/** As it comes in: the password is sealed at once and never read back. It counts only while the BMC has none yet. */
const BmcInput = Type.Object(
  {
    ...Bmc.properties,
    initialPassword: Type.Optional(
      Type.String({ minLength: 1, maxLength: 256, writeOnly: true, description: 'a password' }),
    ),
  },
  { additionalProperties: false },
)

/** What people want a machine to be. What it is at present (lifecycle, condition, power, job) is not in here. */
export const Machine = Type.Object(
  {
    name: Label,
    datacenter: Label,
    rack: Type.Optional(Label),
    positionU: Type.Optional(RackUnit),
    heightU: Type.Number({ ...HeightU, default: 1 }),
    serial: Type.Optional(Line),
    systemUuid: Type.Optional(Uuid),
    vendor: Type.Optional(Line),
    model: Type.Optional(Line),
    profile: Type.Optional(Label),
    service: Type.Optional(Label),
    hostname: Type.Optional(Hostname),
    labels: Labels,
    nics: list(Nic, 64),
    disks: list(Disk, 256),
    bmc: Type.Optional(Bmc),
  },
  { additionalProperties: false },
)

export const MachineInput = Type.Object(
  { ...Machine.properties, bmc: Type.Optional(BmcInput) },
  { additionalProperties: false },
)
