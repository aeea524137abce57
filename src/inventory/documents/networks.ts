import { Type } from 'typebox'
import { oneOf } from '../../lib/schema.ts'
import { Cidr4, Cidr6, Ip, Label, list } from './fields.ts'

export const NETWORK_PURPOSES = ['provision', 'data', 'oob'] as const
/** pool: leased to unknown machines; static: where addresses are given from; reserved: never given. */
const RANGE_USES = ['pool', 'static', 'reserved'] as const

export const Network = Type.Object(
  {
    name: Label,
    datacenter: Label,
    purpose: oneOf(NETWORK_PURPOSES),
    vlan: Type.Optional(Type.Integer({ minimum: 1, maximum: 4094, description: 'a VLAN from 1 to 4094' })),
    cidr4: Type.Optional(Cidr4),
    cidr6: Type.Optional(Cidr6),
    gateway4: Type.Optional(Ip),
    gateway6: Type.Optional(Ip),
    resolvers: list(Ip, 8),
    ranges: list(Type.Object({ first: Ip, last: Ip, use: oneOf(RANGE_USES) }, { additionalProperties: false }), 64),
  },
  { additionalProperties: false },
)
