import { randomUUID } from 'node:crypto'
import { Client, ProblemError } from '../../../src/api/contract/client.ts'
import { apply, inventory } from '../../../src/api/contract/inventory.ts'
import type { Entry, Ledger, Machine, Reply, Write } from './ledger.ts'
import { DATACENTER, inventoryOf, machineOf, moreNics } from './machines.ts'

/** Longer than any wait inside the controller; a call that takes this long is itself a fault. */
const CALL_TIMEOUT_MS = 20_000

export interface WriterOptions {
  name: string
  token: string
  ledger: Ledger
  random: () => number
  /** Of the controller, whichever it is just then. */
  url: string
}

/** Creates, changes and removes machines of its own, one after the other, and keeps the ledger of what was acknowledged. */
export class Writer {
  readonly options: WriterOptions
  /** Refusals: nothing that a writer asks for is wrong, so each is a fault of the controller. */
  readonly refusals: string[] = []
  #made = 0

  constructor(options: WriterOptions) {
    this.options = options
  }

  /** What all machines refer to. */
  async begin(): Promise<void> {
    await this.#client().call(apply, { body: inventoryOf(DATACENTER) })
  }

  /** Writes until `stopped`, or until something goes wrong. */
  async run(stopped: AbortSignal): Promise<void> {
    while (!stopped.aborted) {
      const write = this.next()
      this.options.ledger.sent(write)
      if (!(await this.send(write))) return
    }
  }

  /** True when it was acknowledged. Without an answer it stays unknown. */
  async send(write: Write): Promise<boolean> {
    try {
      this.options.ledger.acknowledge(write, await this.ask(write))
      return true
    } catch (error) {
      if (error instanceof ProblemError && error.problem.status < 500)
        this.refusals.push(`${write.endpoint.method} ${write.endpoint.path} ${write.key}: ${error.problem.detail}`)
      return false
    }
  }

  async ask({ endpoint, given, key }: Write): Promise<Reply> {
    const response = await this.#client().open(endpoint, { ...given, idempotencyKey: key })
    const text = await response.text()
    return { status: response.status, etag: response.headers.get('etag'), body: text === '' ? null : JSON.parse(text) }
  }

  #client(): Client {
    return new Client({ url: this.options.url, token: this.options.token, timeoutMs: CALL_TIMEOUT_MS })
  }

  /** The next write: mostly new machines and changes of those that are there. */
  next(): Write {
    const { random } = this.options
    const mine = this.#mine()
    const [name, entry] = mine[Math.floor(random() * mine.length)] ?? []
    const dice = random()
    if (!name || !entry?.document || dice < 0.35) return this.create()
    if (dice < 0.8) return this.#change(name, entry.document)
    if (dice < 0.9) return this.#apply(entry.document)
    return this.#remove(name)
  }

  create(): Write {
    const key = randomUUID()
    const machine = this.#machine(key)
    return {
      ...this.#common(key),
      endpoint: inventory.machine.create,
      given: { body: machine },
      effects: [{ name: machine.name, after: machine }],
    }
  }

  #change(name: string, before: Machine): Write {
    const key = randomUUID()
    const patch = { labels: { op: key }, ...(this.options.random() < 0.5 && { nics: moreNics(before) }) }
    const after = { ...before, ...patch, labels: { ...before.labels, ...patch.labels } }
    const given = { params: { name }, body: patch }
    return { ...this.#common(key), endpoint: inventory.machine.change, given, effects: [{ name, after }] }
  }

  /** Two new machines and a changed one in one go: all three or none. */
  #apply(before: Machine): Write {
    const key = randomUUID()
    const changed = { ...before, labels: { ...before.labels, op: key } }
    const machines = [this.#machine(key), this.#machine(key), changed]
    const effects = machines.map(after => ({ name: after.name, after }))
    return { ...this.#common(key), endpoint: apply, given: { body: { machines } }, effects }
  }

  #remove(name: string): Write {
    const effects = [{ name, after: undefined }]
    return { ...this.#common(randomUUID()), endpoint: inventory.machine.remove, given: { params: { name } }, effects }
  }

  #common(key: string) {
    return { key, actor: this.options.name }
  }

  #machine(op: string): Machine {
    this.#made += 1
    return machineOf(`${this.options.name}-${this.#made}`, op)
  }

  #mine(): [string, Entry][] {
    const { ledger, name } = this.options
    return [...ledger.machines].filter(([, entry]) => entry.actor === name && entry.document)
  }
}
