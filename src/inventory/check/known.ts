import type { Fault } from '../../lib/errors.ts'
import type { AnyDocument, Document, Kind } from '../documents/kinds.ts'
import type { World } from './world.ts'

/** A document on its way in. `at` is the JSON pointer to it in what was sent, '' for a single one. */
export type Incoming = AnyDocument & { at: string }

/** `taken`: right in itself, but another has it. */
export interface SaveFault extends Fault {
  taken?: boolean
}

/** A fault at `path` of the document in hand, where there is a message. */
export type Wrong = (path: string, message: string | false | undefined) => SaveFault[]

export interface Named {
  kind: Kind
  name: string
}

export const idOf = ({ kind, name }: Named): string => `${kind} ${name}`

/** What exists once these documents are saved: the file's own first, then the database's. */
export class Known {
  readonly incoming: ReadonlyMap<string, Incoming>
  readonly world: World
  readonly broken: ReadonlySet<string>
  constructor(incoming: readonly Incoming[], world: World, broken: readonly Named[]) {
    this.broken = new Set(broken.map(idOf))
    this.incoming = new Map(incoming.map(one => [`${one.kind} ${one.document.name}`, one]))
    this.world = world
  }
  has(kind: Kind, name: string): boolean {
    const id = idOf({ kind, name })
    return this.incoming.has(id) || this.broken.has(id) || (this.world.names.get(kind)?.has(name) ?? false)
  }
  get(kind: 'rack', name: string): Document<'rack'> | undefined
  get(kind: 'room', name: string): Document<'room'> | undefined
  get(kind: 'network', name: string): Document<'network'> | undefined
  get(kind: 'rack' | 'room' | 'network', name: string) {
    const stored = { rack: this.world.racks, room: this.world.rooms, network: this.world.networks }[kind]
    return this.incoming.get(`${kind} ${name}`)?.document ?? stored.get(name)
  }
}
