import type { Static } from 'typebox'
import { Freeze, Window } from './calendar.ts'
import { Machine, MachineInput } from './machines.ts'
import { Network } from './networks.ts'
import { Datacenter, Rack, Room } from './places.ts'
import { Image, Profile, Service } from './services.ts'

/**
 * The kinds of inventory document, each before those that refer to it. `plural` is the key in an inventory file and
 * the path in the API. `schema` is the document as it is kept and shown; `input` what may be sent, where fields with a
 * default may be left out.
 */
export const KINDS = {
  datacenter: { plural: 'datacenters', schema: Datacenter, input: Datacenter },
  room: { plural: 'rooms', schema: Room, input: Room },
  rack: { plural: 'racks', schema: Rack, input: Rack },
  network: { plural: 'networks', schema: Network, input: Network },
  profile: { plural: 'profiles', schema: Profile, input: Profile },
  service: { plural: 'services', schema: Service, input: Service },
  image: { plural: 'images', schema: Image, input: Image },
  window: { plural: 'windows', schema: Window, input: Window },
  freeze: { plural: 'freezes', schema: Freeze, input: Freeze },
  machine: { plural: 'machines', schema: Machine, input: MachineInput },
} as const

export type Kind = keyof typeof KINDS
export type Document<K extends Kind = Kind> = Static<(typeof KINDS)[K]['schema']>
export const KIND_NAMES = Object.keys(KINDS) as readonly Kind[]

/** A document with its kind, as it travels through apply. */
export type AnyDocument = { [K in Kind]: { kind: K; document: Document<K> } }[Kind]
