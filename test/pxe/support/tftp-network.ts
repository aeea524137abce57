import type { TftpFile } from '../../../src/pxe/tftp/file.ts'
import { LIMITS } from '../../../src/pxe/tftp/limits.ts'
import type { Terms } from '../../../src/pxe/tftp/negotiate.ts'
import { decodePacket, encodePacket } from '../../../src/pxe/tftp/packets.ts'
import { type Outcome, Transfer } from '../../../src/pxe/tftp/transfer.ts'
import { randomFrom } from './mutants.ts'

/** A clock that stands still until told, and what was planned for later. */
class FakeTime {
  nowMs = 0
  readonly #plans: { atMs: number; act: () => void }[] = []
  readonly now = (): number => this.nowMs
  plan(ms: number, act: () => void): void {
    this.#plans.push({ atMs: this.nowMs + ms, act })
  }
  /** Goes on to the next plan and does it; false if there is none. */
  step(): boolean {
    const next = this.#plans.reduce((best, plan) => (plan.atMs < best.atMs ? plan : best), this.#plans[0] ?? NEVER)
    if (next === NEVER) return false
    this.#plans.splice(this.#plans.indexOf(next), 1)
    this.nowMs = next.atMs
    next.act()
    return true
  }
}
const NEVER = { atMs: Infinity, act: (): void => {} }

/** Receives as RFC 1350 and RFC 7440 say: confirms a whole window, and once what it has when a block is missing. */
export class FakeClient {
  readonly parts: Buffer[] = []
  complete = false
  readonly #terms: { blksize: number; windowsize: number }
  readonly #send: (packet: Buffer) => void
  readonly #nervous: boolean
  #received = 0
  #inWindow = 0
  #gapTold = false

  /** `nervous`: confirms at once whatever it does not expect, as some clients do. */
  constructor(terms: { blksize: number; windowsize: number }, send: (packet: Buffer) => void, nervous: boolean) {
    this.#terms = terms
    this.#send = send
    this.#nervous = nervous
  }
  receive(bytes: Buffer): void {
    const packet = decodePacket(bytes)
    if (packet.kind === 'oack') return this.#acknowledge()
    if (packet.kind !== 'data') return
    const distance = (packet.block - this.#received + 65_536) % 65_536
    if (distance === 1 && !this.complete) this.#take(packet.data)
    else if (this.#nervous || (distance === 0 && this.#inWindow === 0)) this.#acknowledge()
    else if (distance > 0 && distance <= this.#terms.windowsize && !this.#gapTold) {
      this.#acknowledge()
      this.#gapTold = true
    }
  }
  /** To be called when nothing new came for a while. */
  stalled(): void {
    if (!this.complete) this.#acknowledge()
  }
  #take(data: Buffer): void {
    this.parts.push(Buffer.from(data))
    this.#received += 1
    this.#inWindow += 1
    this.#gapTold = false
    this.complete = data.length < this.#terms.blksize
    if (this.complete || this.#inWindow === this.#terms.windowsize) this.#acknowledge()
  }
  #acknowledge(): void {
    this.#inWindow = 0
    this.#send(encodePacket({ kind: 'ack', block: this.#received % 65_536 }))
  }
}

export interface Conditions {
  seed?: number
  /** Of a hundred packets, either way. */
  loss?: number
  doubled?: number
  /** Each packet takes from 1 ms to this. More than the gap between packets: they overtake each other. */
  delayMs?: number
  nervous?: boolean
  /** The network is dead from here on. */
  cutAtMs?: number
}

export interface Run {
  outcome: Outcome | undefined
  bytes: Buffer
  ms: number
  sent: number
  retransmissions: number
}

const CLIENT_TIMEOUT_MS = 1000
const TERMS: Terms = { blksize: 512, windowsize: 1, timeoutMs: undefined, oack: [] }

/** Plays a whole transfer over a bad network, in no time. */
export async function playTransfer(
  file: TftpFile,
  terms: Partial<Terms> = {},
  { seed = 1, loss = 0, doubled = 0, delayMs = 1, cutAtMs = Infinity, nervous = false }: Conditions = {},
  { netascii = false } = {},
): Promise<Run> {
  const time = new FakeTime()
  const random = randomFrom(seed)
  const agreed = { ...TERMS, ...terms }
  let outcome: Outcome | undefined
  let sent = 0
  const carry = (packet: Buffer, arrive: (packet: Buffer) => void): void => {
    const copies = random(100) < loss || time.nowMs > cutAtMs ? 0 : random(100) < doubled ? 2 : 1
    // A copy: the sender uses its buffers again.
    for (let copy = 0; copy < copies; copy += 1) {
      const bytes = Buffer.from(packet)
      time.plan(1 + random(delayMs), () => arrive(bytes))
    }
  }
  const client = new FakeClient(agreed, packet => carry(packet, bytes => transfer.receive(bytes)), nervous)
  const send = (packet: Buffer): void => {
    sent += 1
    carry(packet, bytes => client.receive(bytes))
  }
  const onEnd = (end: Outcome): void => {
    outcome = end
  }
  const transfer = new Transfer({ file, netascii, terms: agreed, limits: LIMITS, now: time.now, send, onEnd })
  const tick = (): void => {
    transfer.tick(time.nowMs)
    if (!outcome) time.plan(10, tick)
  }
  const clientTick = (before: number): void => {
    if (client.parts.length === before) client.stalled()
    time.plan(CLIENT_TIMEOUT_MS, () => clientTick(client.parts.length))
  }
  transfer.start()
  tick()
  time.plan(CLIENT_TIMEOUT_MS, () => clientTick(client.parts.length))
  while (!outcome && time.step()) await Promise.resolve()
  const { retransmissions } = transfer.figures
  return { outcome, bytes: Buffer.concat(client.parts), ms: time.nowMs, sent, retransmissions }
}
