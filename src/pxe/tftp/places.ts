import type { Client } from './events.ts'
import type { Limits } from './limits.ts'

/** The transfers under way, one a client's port, and how many there may be. */
export class Places<T extends { client: Client }> {
  readonly #limits: Limits
  readonly #taken = new Map<string, T>()
  readonly #perAddress = new Map<string, number>()

  constructor(limits: Limits) {
    this.#limits = limits
  }

  get size(): number {
    return this.#taken.size
  }
  values(): Iterable<T> {
    return this.#taken.values()
  }
  at(client: Client): T | undefined {
    return this.#taken.get(keyOf(client))
  }
  holds(item: T): boolean {
    return this.at(item.client) === item
  }

  /** What keeps one more from being added, if anything does. */
  full({ address }: Client): 'busy' | 'clientBusy' | undefined {
    if (this.#taken.size >= this.#limits.transfers) return 'busy'
    return (this.#perAddress.get(address) ?? 0) >= this.#limits.transfersPerClient ? 'clientBusy' : undefined
  }

  add(item: T): void {
    const { address } = item.client
    this.#taken.set(keyOf(item.client), item)
    this.#perAddress.set(address, (this.#perAddress.get(address) ?? 0) + 1)
  }

  remove(item: T): void {
    if (!this.holds(item)) return
    const { address } = item.client
    this.#taken.delete(keyOf(item.client))
    const left = (this.#perAddress.get(address) ?? 1) - 1
    if (left > 0) this.#perAddress.set(address, left)
    else this.#perAddress.delete(address)
  }
}

const keyOf = ({ address, port }: Client): string => `${address} ${port}`
