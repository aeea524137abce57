import { Type } from 'typebox'
import { oneOf } from '../../lib/schema.ts'
import { Bytes, Label, Line, list, Port } from './fields.ts'

export const TIERS = ['core', 'important', 'can-wait'] as const
export const ARCHITECTURES = ['x86_64', 'arm64'] as const
const IMAGE_FORMATS = ['raw', 'raw.zst', 'tar.zst', 'iso'] as const

/** What a rule may look at, as inspection reports it (see `factsOf` in match.ts), and what a rule may ask. */
const NUMBER_FACTS = [
  'cpu.sockets',
  'cpu.cores',
  'memory.gib',
  'disks.count',
  'disks.nvme',
  'disks.totalGb',
  'nics.count',
  'nics.maxMbps',
  'gpus.count',
] as const
const TEXT_FACTS = ['vendor', 'model', 'cpu.model', 'cpu.architecture'] as const

const NumberRule = Type.Object(
  { fact: oneOf(NUMBER_FACTS), min: Type.Optional(Type.Number()), max: Type.Optional(Type.Number()) },
  { additionalProperties: false, minProperties: 2 },
)
const TextRule = Type.Object(
  {
    fact: oneOf(TEXT_FACTS),
    like: Type.String({ ...Line, description: 'a pattern with * and ?' }),
  },
  { additionalProperties: false },
)

export const Profile = Type.Object(
  {
    name: Label,
    summary: Type.String({ default: '', maxLength: 200, pattern: '^[^\\u0000-\\u001f\\u007f]*$' }),
    match: list(
      Type.Union([NumberRule, TextRule], {
        description: `a rule {fact, min and/or max} of ${NUMBER_FACTS.join(', ')}, or {fact, like} of ${TEXT_FACTS.join(', ')}`,
      }),
      32,
    ),
  },
  { additionalProperties: false },
)

export const Service = Type.Object(
  {
    name: Label,
    tier: oneOf(TIERS),
    developerOwner: Label,
    operationsOwner: Label,
    protocol: Type.Optional(oneOf(['tcp', 'udp'])),
    port: Type.Optional(Port),
    maxUnavailable: Type.String({
      default: '1',
      pattern: '^[0-9]{1,6}%?$',
      description: 'a number of machines such as "2", or a share such as "10%"',
    }),
    hostnamePattern: Type.String({
      pattern: '^[a-z0-9-]*(\\{(n|nn|nnn|datacenter|service)\\}[a-z0-9.-]*)+$',
      maxLength: 100,
      description: 'a pattern with {n}, {nn} or {nnn} and perhaps {service}, {datacenter}, such as "{service}-{nn}"',
    }),
  },
  { additionalProperties: false },
)

export const Image = Type.Object(
  {
    name: Label,
    os: Line,
    version: Line,
    architecture: oneOf(ARCHITECTURES),
    format: oneOf(IMAGE_FORMATS),
    url: Type.String({
      pattern: '^(https?|file)://[^\\s\\u0000]+$',
      maxLength: 1000,
      description: 'an http, https or file URL',
    }),
    sha256: Type.String({ pattern: '^[0-9a-f]{64}$', description: 'a SHA-256 of 64 hexadecimal digits' }),
    sizeBytes: Type.Optional(Bytes),
  },
  { additionalProperties: false },
)
