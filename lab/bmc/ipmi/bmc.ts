import { CodecError } from '../../../src/lib/errors.ts'
import { encodeAsf, decodeAsf } from '../../../src/bmc/ipmi/wire/asf.ts'
import { decodeMessage, encodeResponse, type Message } from '../../../src/bmc/ipmi/wire/message.ts'
import {
  AUTH_TYPE_RMCP_PLUS,
  decodePacket,
  encodePlain,
  encodeSealed,
  openPacket,
  type PayloadType,
  type SealedPacket,
} from '../../../src/bmc/ipmi/wire/packet.ts'
import { decodeRmcp } from '../../../src/bmc/ipmi/wire/rmcp.ts'
import { decodeSessionless, encodeSessionless } from '../../../src/bmc/ipmi/wire/session15.ts'
import type { BmcConfig } from './config.ts'
import { Content } from './content/content.ts'
import type { BmcContext } from './context.ts'
import { keyOf, readerOf, runHandler } from './handler.ts'
import { HANDLERS } from './handlers/all.ts'
import { Mishaps } from './mishaps.ts'
import { network, type Network } from './network.ts'
import { Power } from './power.ts'
import { seeded } from './random.ts'
import { type BmcSession, Sessions } from './sessions.ts'
import { SetupServer } from './setup-server.ts'
import { SolServer } from './sol-server.ts'

type Reply = (packet: Buffer) => void

/** A BMC that speaks IPMI 2.0 over LAN, without a socket: `receive` gets packets, and the answers go to `reply`. */
export class VirtualBmc implements BmcContext {
  readonly config: BmcConfig
  port = 623
  readonly content: Content
  readonly power: Power
  readonly sessions: Sessions
  readonly sol: SolServer
  readonly mishaps: Mishaps
  /** Packets that came and went, and those that were dropped as damaged or old. */
  readonly counters = { received: 0, sent: 0, dropped: 0 }
  readonly #setup: SetupServer
  readonly #inwards: Network
  readonly #outwards: Network
  #silentUntil = 0

  constructor(config: BmcConfig) {
    this.config = config
    this.content = new Content(config)
    this.mishaps = new Mishaps(config.faults.commands ?? [])
    this.power = new Power(config.machine, config.faults, this.mishaps)
    this.sol = new SolServer(this)
    this.sessions = new Sessions(
      config.sessionLimit,
      { opening: config.setupTimeoutMs, active: config.sessionTimeoutMs },
      session => this.sol.end(session),
    )
    this.#setup = new SetupServer(this)
    const random = seeded(config.seed)
    this.#inwards = network(config.faults.network, random)
    this.#outwards = network(config.faults.network, random)
  }

  receive(packet: Buffer, reply: Reply): void {
    this.counters.received += 1
    if (performance.now() < this.#silentUntil) return
    const send = (answer: Buffer) =>
      this.#outwards(answer, arrived => {
        this.counters.sent += 1
        reply(arrived)
      })
    this.#inwards(packet, arrived => this.#handle(arrived, send))
  }

  /** A reset: sessions are gone, and nothing is answered for a while. */
  reset(): void {
    this.#silentUntil = performance.now() + (this.config.faults.resetMs ?? 0)
    this.sessions.clear()
  }

  /** Sends a payload in a session. */
  send(session: BmcSession, type: PayloadType, payload: Buffer): void {
    const header = { type, session: session.consoleId, sequence: session.nextSequence() }
    session.reply(session.protection ? encodeSealed(header, payload, session.protection) : encodePlain(header, payload))
  }

  #handle(packet: Buffer, reply: Reply): void {
    try {
      const { kind, body } = decodeRmcp(packet)
      if (kind === 'asf') this.#pong(body, reply)
      else if (body[0] === AUTH_TYPE_RMCP_PLUS) this.#handlePacket(decodePacket(body), reply)
      else this.#answer(decodeSessionless(body), undefined, message => reply(encodeSessionless(message)))
    } catch (error) {
      if (!(error instanceof CodecError)) throw error
      this.counters.dropped += 1
    }
  }

  #pong(body: Buffer, reply: Reply): void {
    const { type, tag } = decodeAsf(body)
    if (type === 'ping') reply(encodeAsf({ type: 'pong', tag, supportsIpmi: true }))
  }

  #handlePacket(packet: SealedPacket, reply: Reply): void {
    if (packet.session !== 0) return this.#handleInSession(packet, reply)
    const plain = (type: PayloadType) => (payload: Buffer) =>
      reply(encodePlain({ type, session: 0, sequence: 0 }, payload))
    if (packet.type === 'ipmi') return this.#answer(packet.payload, undefined, plain('ipmi'))
    this.#setup.handle(packet, plain, reply)
  }

  #handleInSession(packet: SealedPacket, reply: Reply): void {
    const session = this.sessions.get(packet.session)
    if (!session?.protection || session.state !== 'active') throw new CodecError('a session that is not active')
    const payload = openPacket(packet, session.protection)
    if (session.protection.codeBytes > 0 && !session.window.accept(packet.sequence))
      throw new CodecError(`sequence number ${packet.sequence} came before, or is too old`)
    session.usedAt = performance.now()
    session.reply = reply
    if (packet.type === 'sol') this.sol.receive(session, payload)
    else this.#answer(payload, session, message => this.send(session, 'ipmi', message))
  }

  #answer(bytes: Buffer, session: BmcSession | undefined, send: (message: Buffer) => void): void {
    const request = decodeMessage(bytes)
    const respond = (data: Buffer) => send(encodeResponse({ ...request, netFn: request.netFn | 1, data }))
    void this.#run(request, session, respond)
  }

  async #run(request: Message, session: BmcSession | undefined, respond: (data: Buffer) => void): Promise<void> {
    const handler = HANDLERS.get(keyOf(request))
    const mishap = handler && this.mishaps.of(handler.name)
    if (mishap === 'silent') return
    if (mishap) return respond(Buffer.from([mishap.code]))
    respond(await runHandler(handler, { bmc: this, session, data: readerOf(request.data) }))
  }
}
