import { isDeepStrictEqual } from 'node:util'
import type { Endpoint } from '../../../src/api/contract/endpoint.ts'
import { canonical } from '../../../src/inventory/documents/canonical.ts'
import type { Document } from '../../../src/inventory/documents/kinds.ts'

export type Machine = Document<'machine'>

/** A change as it is sent. Every machine it leaves behind carries its key as the label `op`. */
export interface Write {
  /** The Idempotency-Key, and so the name of this write. */
  key: string
  actor: string
  endpoint: Endpoint
  given: { params?: Record<string, string>; body?: unknown }
  /** All of these, or none. `after` is undefined for a machine that is gone then. */
  effects: readonly { name: string; after: Machine | undefined }[]
}

export interface Reply {
  status: number
  etag: string | null
  body: unknown
}

export interface Entry {
  actor: string
  /** undefined: removed. Addresses without `ip` are given by the controller. */
  document: Machine | undefined
  /** The op of each version there was, oldest first. */
  ops: string[]
  /** Of its events, oldest first. */
  kinds: string[]
}

/** What must be in the database, from nothing but the replies that came. */
export class Ledger {
  readonly machines = new Map<string, Entry>()
  readonly acknowledged: { write: Write; reply: Reply }[] = []
  /** Sent, and no answer came: done or not, nobody knows yet. */
  readonly unknown = new Set<Write>()
  /** Keys of writes that turned out not to be done. */
  readonly undone = new Set<string>()
  readonly #justUndone: Write[] = []

  sent(write: Write): void {
    this.unknown.add(write)
  }

  acknowledge(write: Write, reply: Reply): void {
    this.acknowledged.push({ write, reply })
    if (this.unknown.delete(write)) this.#take(write)
  }

  /** What the database says of a write that had no answer. */
  settle(write: Write, done: boolean): void {
    if (done) this.#take(write)
    else {
      this.undone.add(write.key)
      this.#justUndone.push(write)
    }
    this.unknown.delete(write)
  }

  /**
   * Of the writes that were found not done since the last time, those that are to be sent again with the keys they had. The
   * others are given up: later, when the world has gone on, they may rightly be refused.
   */
  takeUndone(chosen: () => boolean): Write[] {
    const again = this.#justUndone.splice(0).filter(chosen)
    for (const write of again) {
      this.undone.delete(write.key)
      this.unknown.add(write)
    }
    return again
  }

  #take({ key, actor, effects }: Write): void {
    for (const { name, after } of effects) {
      const entry = this.machines.get(name) ?? { actor, document: undefined, ops: [], kinds: [] }
      entry.kinds.push(after ? (entry.kinds.length === 0 ? 'machine.created' : 'machine.changed') : 'machine.removed')
      if (after) entry.ops.push(key)
      entry.document = after
      this.machines.set(name, entry)
    }
  }
}

/** Whether a machine is as it was sent, whole, each address that was left to the controller being there. */
export function isAsSent(sent: Machine, found: Machine): boolean {
  const wanted = structuredClone(sent)
  for (const nic of wanted.nics) {
    const had = found.nics.find(({ mac }) => mac === nic.mac)?.addresses ?? []
    for (const address of nic.addresses) address.ip ??= had.find(one => one.network === address.network)?.ip ?? 'none'
  }
  if (wanted.bmc) wanted.bmc.address ??= found.bmc?.address ?? 'none'
  if (JSON.stringify(wanted).includes('"none"')) return false
  return isDeepStrictEqual(canonical('machine', wanted), found)
}
