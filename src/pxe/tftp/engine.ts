import { CodecError, messageOf } from '../../lib/errors.ts'
import { type Drop, noDrops } from './drops.ts'
import { type Client, FAILURES, type TftpEvent, type TransferEvent } from './events.ts'
import { closeFile, type TftpFile } from './file.ts'
import type { Limits } from './limits.ts'
import { negotiate } from './negotiate.ts'
import { netasciiBytes } from './netascii.ts'
import { decodePacket, encodeError, type Request } from './packets.ts'
import { Places } from './places.ts'
import { type Refusal, readRequest, refusal } from './refusal.ts'
import { type Outcome, Transfer } from './transfer.ts'

/** The virtual tree: what stands under a name (see `normalizeName`) for this client. Undefined: there is no such file. */
export type Resolve = (name: string, client: Client) => Promise<TftpFile | undefined>

/** What comes from one client, for its transfer. */
export interface Session {
  client: Client
  receive(packet: Buffer): void
  /** Nobody listens on the client's port. */
  refused(): void
}
/** The way to that client. */
export interface Channel {
  send(packet: Buffer): void
  /** May be called more than once. */
  close(): void
}
/** Where a request came in. */
export interface Door {
  reply(packet: Buffer, client: Client): void
  open(session: Session): Promise<Channel>
}

export interface EngineOptions {
  resolve: Resolve
  limits: Limits
  now: () => number
  onEvent: (event: TftpEvent) => void
}

interface Entry {
  id: number
  client: Client
  request: Request
  door: Door
  session: Session
  sinceMs: number
  toldMs: number
  size: number | undefined
  channel?: Channel
  transfer?: Transfer
}

/** All transfers of a server: takes requests, holds the limits, tells events. Knows no socket and no clock. */
export class TftpEngine {
  readonly drops = noDrops()
  readonly #options: EngineOptions
  readonly #places: Places<Entry>
  #lastId = 0
  #stopping = false
  #onIdle: (() => void) | undefined

  constructor(options: EngineOptions) {
    this.#options = options
    this.#places = new Places(options.limits)
  }

  /** Transfers under way, and requests being looked up. */
  get active(): number {
    return this.#places.size
  }

  /** The session of a client, for a server with one port for all. */
  session(client: Client): Session | undefined {
    return this.#places.at(client)?.session
  }

  /** A packet on the port for requests. Only requests are ever answered: so two servers cannot be made to talk. */
  request(packet: Buffer, client: Client, door: Door): void {
    this.guarded(() => {
      const request = this.#admit(packet, client)
      if (request) this.#begin(this.#newEntry(client, request, door))
    })
  }

  #newEntry(client: Client, request: Request, door: Door): Entry {
    this.#lastId += 1
    const now = this.#options.now()
    const session: Session = {
      client,
      receive: packet =>
        this.guarded(() => {
          const drop = entry.transfer ? entry.transfer.receive(packet) : 'unexpected'
          if (drop) this.drop(drop)
        }),
      refused: () => this.guarded(() => entry.transfer?.refused()),
    }
    const entry: Entry = {
      id: this.#lastId,
      client,
      request,
      door,
      session,
      sinceMs: now,
      toldMs: now,
      size: undefined,
    }
    return entry
  }

  #admit(packet: Buffer, client: Client): Request | undefined {
    if (packet.length > this.#options.limits.requestBytes) return this.drop('oversized')
    const request = decodePacket(packet)
    if ((request.kind !== 'rrq' && request.kind !== 'wrq') || client.port === 0) return this.drop('unexpected')
    if (this.#stopping) return this.drop('stopping')
    const before = this.#places.at(client)
    if (before && isRepeated(before, request)) return this.drop('repeated')
    // Boot ROMs use a port again: the last ACK was lost, or the machine was reset.
    if (before?.transfer) before.transfer.abandon('replaced', FAILURES.replaced)
    else if (before) this.#remove(before)
    const full = this.#places.full(client)
    return full ? this.drop(full) : request
  }

  #begin(entry: Entry): void {
    const wanted = readRequest(entry.request)
    if ('reason' in wanted) return this.#refuse(entry, wanted)
    this.#places.add(entry)
    void this.#serve(entry, wanted.name, wanted.netascii)
  }

  async #serve(entry: Entry, name: string, netascii: boolean): Promise<void> {
    const file = await this.#lookUp(entry, name)
    if (!file) return
    const channel = await this.#open(entry)
    if (channel && this.#places.holds(entry)) this.guarded(() => this.#start(entry, file, channel, netascii))
    else {
      channel?.close()
      await closeFile(file)
    }
  }

  async #lookUp(entry: Entry, name: string): Promise<TftpFile | undefined> {
    try {
      const file = await this.#options.resolve(name, entry.client)
      if (!file && this.#places.holds(entry))
        this.#refuse(entry, refusal('not-found', 'notFound', `there is no file '${name}'`))
      return file
    } catch (error) {
      if (this.#places.holds(entry))
        this.#refuse(entry, { ...refusal('lookup-failed', 'other'), details: messageOf(error) })
      return undefined
    }
  }

  async #open(entry: Entry): Promise<Channel | undefined> {
    try {
      return await entry.door.open(entry.session)
    } catch {
      // Out of ports or file handles: the client asks again.
      this.drop('unsent')
      this.#remove(entry)
      return undefined
    }
  }

  #start(entry: Entry, file: TftpFile, channel: Channel, netascii: boolean): void {
    const { limits, now } = this.#options
    entry.channel = channel
    entry.size = sizeOf(file, netascii, limits)
    const terms = negotiate(entry.request, entry.size, limits)
    if (typeof terms === 'string') {
      this.#refuse(entry, refusal('bad-request', 'optionRefused', terms))
      void closeFile(file)
      return
    }
    const send = (packet: Buffer): void => channel.send(packet)
    entry.transfer = new Transfer({ file, netascii, terms, limits, now, send, onEnd: end => this.#end(entry, end) })
    const { blksize, windowsize } = terms
    this.#tell(entry, { kind: 'started', mode: netascii ? 'netascii' : 'octet', blksize, windowsize })
    entry.transfer.start()
  }

  #end(entry: Entry, outcome: Outcome): void {
    this.#remove(entry)
    if (entry.transfer) this.#tell(entry, { ...outcome, ...entry.transfer.figures })
  }

  /** To be called every few milliseconds while there are transfers. */
  tick(): void {
    const now = this.#options.now()
    for (const entry of this.#places.values()) this.guarded(() => this.#tickOne(entry, now))
  }

  #tickOne(entry: Entry, now: number): void {
    const { idleMs, progressMs } = this.#options.limits
    // A tree that does not answer holds no place for ever.
    if (!entry.transfer && now - entry.sinceMs > idleMs)
      return this.#refuse(entry, { ...refusal('lookup-failed', 'other'), details: `no answer for ${idleMs / 1000} s` })
    entry.transfer?.tick(now)
    if (!entry.transfer || now - entry.toldMs < progressMs || !this.#places.holds(entry)) return
    entry.toldMs = now
    this.#tell(entry, { kind: 'progress', ...entry.transfer.figures })
  }

  /** Takes no more requests, and resolves when the last transfer has ended. */
  async stop(): Promise<void> {
    this.#stopping = true
    if (this.#places.size === 0) return
    await new Promise<void>(resolve => {
      this.#onIdle = resolve
    })
  }

  /** Ends all transfers now. */
  abort(): void {
    for (const entry of this.#places.values())
      if (entry.transfer) entry.transfer.fail('stopping', 'other', FAILURES.stopping)
      else this.#refuse(entry, refusal('stopping', 'other'))
  }

  #refuse(entry: Entry, { reason, code, words, details }: Refusal): void {
    this.guarded(() => entry.door.reply(encodeError(code, words), entry.client))
    this.#remove(entry)
    const none = { bytes: 0, ms: this.#options.now() - entry.sinceMs, retransmissions: 0, blksize: 0, windowsize: 0 }
    this.#tell(entry, { kind: 'failed', reason, words: details ? `${words}: ${details}` : words, ...none })
  }

  #remove(entry: Entry): void {
    entry.channel?.close()
    this.#places.remove(entry)
    if (this.#places.size === 0) this.#onIdle?.()
  }

  #tell({ id, client, request, size }: Entry, event: TransferEvent): void {
    this.guarded(() => this.#options.onEvent({ id, client, file: request.file, size, ...event }))
  }

  drop(reason: Drop): undefined {
    this.drops[reason] += 1
  }

  /** Nothing that a packet causes gets past here. */
  guarded(act: () => unknown): void {
    try {
      act()
    } catch (error) {
      this.drop(error instanceof CodecError ? 'malformed' : 'internal')
    }
  }
}

/** The client got no answer yet, and asks the same again. */
function isRepeated({ request, transfer }: Entry, again: Request): boolean {
  return (transfer?.untouched ?? true) && JSON.stringify(request) === JSON.stringify(again)
}

/** What `tsize` is answered with. Netascii makes a file longer, which is counted only of what is small and at hand. */
function sizeOf(file: TftpFile, netascii: boolean, { readBytes }: Limits): number | undefined {
  if (!netascii) return 'bytes' in file ? file.bytes.length : file.size
  return 'bytes' in file && file.bytes.length <= readBytes ? netasciiBytes(file.bytes) : undefined
}
