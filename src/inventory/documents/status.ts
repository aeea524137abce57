import { type Static, type TObject, type TProperties, Type } from 'typebox'
import { oneOf } from '../../lib/schema.ts'
import { STATES } from '../lifecycle.ts'
import { Cidr4, Ip, Label, Line, Mac, Timestamp } from './fields.ts'
import { KINDS, type Kind } from './kinds.ts'
import { NETWORK_PURPOSES } from './networks.ts'
import { ARCHITECTURES, TIERS } from './services.ts'

const CONDITIONS = ['ok', 'maintenance', 'hold', 'broken'] as const
const POWER_STATES = ['on', 'off', 'transitioning', 'unknown'] as const

/** What a machine is at present: four axes, never one word. Nobody sets these by a document. */
const MachineStatus = {
  id: Type.Integer(),
  lifecycle: oneOf(STATES),
  condition: Type.Object({
    state: oneOf(CONDITIONS),
    reason: Type.Optional(Type.String()),
    until: Type.Optional(Timestamp),
    detail: Type.Optional(Type.Unknown()),
  }),
  power: Type.Object({ state: oneOf(POWER_STATES), observedAt: Type.Optional(Timestamp) }),
  activeJob: Type.Optional(Type.Integer()),
  bmcPasswordSet: Type.Boolean(),
}

const Meta = { revision: Type.Integer(), createdAt: Timestamp, updatedAt: Timestamp }

/** A document as the API shows it: the document, its version, and for a machine what it is at present. */
export type View<K extends Kind = Kind> = Static<(typeof KINDS)[K]['schema']> & {
  revision: number
  createdAt: string
  updatedAt: string
} & (K extends 'machine' ? Static<TObject<typeof MachineStatus>> : unknown)

export function viewSchema<K extends Kind>(kind: K) {
  const properties: TProperties = {
    ...KINDS[kind].schema.properties,
    ...Meta,
    ...(kind === 'machine' && MachineStatus),
  }
  return Type.Unsafe<View<K>>(Type.Object(properties))
}

/** By what a list can be narrowed. All given filters must hold. */
export const FILTERS = {
  datacenter: {},
  room: { datacenter: Label },
  rack: { datacenter: Label, room: Label },
  network: { datacenter: Label, purpose: oneOf(NETWORK_PURPOSES), address: Ip, cidr4: Cidr4 },
  profile: {},
  service: { tier: oneOf(TIERS), developerOwner: Label, operationsOwner: Label },
  image: { os: Line, architecture: oneOf(ARCHITECTURES) },
  window: { datacenter: Label },
  freeze: { datacenter: Label },
  machine: {
    datacenter: Label,
    rack: Label,
    profile: Label,
    service: Label,
    lifecycle: oneOf(STATES),
    condition: oneOf(CONDITIONS),
    power: oneOf(POWER_STATES),
    serial: Line,
    hostname: Line,
    mac: Mac,
    address: Ip,
    label: Type.String({
      pattern: '^[a-z0-9]([a-z0-9._-]*[a-z0-9])?(=[^\\u0000-\\u001f\\u007f]*)?$',
      maxLength: 300,
      description: 'a label such as "rail=2", or its name alone',
    }),
    /** Part of a name, serial or host name; or a whole MAC, address or UUID. */
    q: Line,
  },
} as const satisfies Record<Kind, TProperties>

export type Filter<K extends Kind = Kind> = { [F in keyof (typeof FILTERS)[K]]?: string }

/** By what a list can be sorted; a leading "-" turns it round. `place` is rack and position. */
export const SORTS = {
  datacenter: ['name', 'createdAt', 'updatedAt'],
  room: ['name', 'createdAt', 'updatedAt'],
  rack: ['name', 'createdAt', 'updatedAt'],
  network: ['name', 'createdAt', 'updatedAt'],
  profile: ['name', 'createdAt', 'updatedAt'],
  service: ['name', 'createdAt', 'updatedAt'],
  image: ['name', 'createdAt', 'updatedAt'],
  window: ['name', 'createdAt', 'updatedAt'],
  freeze: ['name', 'createdAt', 'updatedAt'],
  machine: ['name', 'createdAt', 'updatedAt', 'place'],
} as const satisfies Record<Kind, readonly string[]>

export type SortKey = (typeof SORTS)[Kind][number]
