import { type Channel, type Door, type EngineOptions, type Session, TftpEngine } from '../../../src/pxe/tftp/engine.ts'
import type { Client, TftpEvent } from '../../../src/pxe/tftp/events.ts'
import { LIMITS, type Limits } from '../../../src/pxe/tftp/limits.ts'
import { decodePacket, encodePacket, type OptionPairs, type Packet } from '../../../src/pxe/tftp/packets.ts'

const FILES: Readonly<Record<string, Buffer>> = {
  'boot.bin': Buffer.alloc(2000, 'boot'),
  empty: Buffer.alloc(0),
  'a/b.txt': Buffer.from('a\nb\n'),
}

/** An engine between fake sockets: what it answers is there to be looked at, and time goes on when told. */
export class EngineBench {
  nowMs = 0
  readonly events: TftpEvent[] = []
  /** From the port for requests. */
  readonly replies: Packet[] = []
  /** From the port of the last transfer. */
  sent: Packet[] = []
  opened = 0
  closed = 0
  lastSession: Session | undefined
  readonly engine: TftpEngine
  readonly door: Door = {
    reply: packet => void this.replies.push(decodePacket(packet)),
    open: async session => this.#open(session),
  }

  constructor(limits: Partial<Limits> = {}, options: Partial<EngineOptions> = {}) {
    this.engine = new TftpEngine({
      resolve: async name => (Object.hasOwn(FILES, name) ? { bytes: FILES[name] ?? Buffer.alloc(0) } : undefined),
      limits: { ...LIMITS, ...limits },
      now: () => this.nowMs,
      onEvent: event => void this.events.push(event),
      ...options,
    })
  }

  #open(session: Session): Channel {
    this.opened += 1
    this.lastSession = session
    this.sent = []
    let open = true
    return {
      send: packet => void this.sent.push(decodePacket(Buffer.from(packet))),
      close: () => {
        if (open) this.closed += 1
        open = false
      },
    }
  }

  /** A read request, and what follows of it at once. */
  async ask(file: string, { client = CLIENT, options = [], mode = 'octet' }: Asking = {}): Promise<void> {
    this.engine.request(encodePacket({ kind: 'rrq', file, mode, options }), client, this.door)
    await settle()
  }
  say(packet: Packet): void {
    this.lastSession?.receive(encodePacket(packet))
  }
  /** In steps, as the server's clock does. */
  wait(ms: number): void {
    for (let step = 0; step < ms; step += 10) {
      this.nowMs += 10
      this.engine.tick()
    }
  }
}

interface Asking {
  client?: Client
  options?: OptionPairs
  mode?: string
}
export const CLIENT: Client = { address: '10.0.0.9', port: 2070 }

/** Lets everything go on that waits for nothing but its turn. */
export const settle = async (): Promise<void> => await new Promise(resolve => setImmediate(resolve))
