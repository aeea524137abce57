import { createSocket, type Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import type { ConnectUdp } from './io.ts'

/** So that the answers of a thousand BMCs at once fit; the kernel may grant less (net.core.rmem_max). */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024

export interface UdpPool {
  readonly connect: ConnectUdp
  readonly counters: { sent: number; received: number }
  readonly close: () => Promise<void>
}

interface Shared {
  readonly socket: Socket
  readonly family: 'udp4' | 'udp6'
  /** By address and port of the BMC. */
  readonly receivers: Map<string, (packet: Buffer) => void>
}

/**
 * A few sockets for any number of BMCs (docs/decisions/010): packets are sorted by their sender. A BMC that is opened twice
 * at once gets two sockets, so each of its wires sees only its own packets.
 */
export function openUdpPool({ sockets = 4 }: { sockets?: number } = {}): UdpPool {
  const pool: Shared[] = []
  const counters = { sent: 0, received: 0 }

  function open(family: Shared['family']): Shared {
    // Addresses need no look-up: Node's own would cost a turn of the event loop a packet.
    const lookup = (address: string, _options: unknown, done: (e: null, address: string, family: number) => void) =>
      done(null, address, family === 'udp6' ? 6 : 4)
    const socket = createSocket({ type: family, recvBufferSize: RECEIVE_BUFFER_BYTES, lookup } as Parameters<
      typeof createSocket
    >[0])
    const shared: Shared = { socket, family, receivers: new Map() }
    socket.on('message', (packet, { address, port }) => {
      counters.received += 1
      shared.receivers.get(`${address} ${port}`)?.(packet)
    })
    socket.on('error', () => undefined) // as 'host unreachable': what was sent is lost, and will be sent again
    socket.bind(0)
    pool.push(shared)
    return shared
  }

  function choose(family: Shared['family'], key: string): Shared {
    const candidates = pool.filter(shared => shared.family === family && !shared.receivers.has(key))
    if (candidates.length === 0 || pool.filter(shared => shared.family === family).length < sockets) return open(family)
    return candidates.reduce((least, next) => (next.receivers.size < least.receivers.size ? next : least))
  }

  return {
    counters,
    connect: (address, port, receive) => {
      const key = keyOf(address, port)
      const { socket, receivers } = choose(isIPv6(address) ? 'udp6' : 'udp4', key)
      receivers.set(key, receive)
      return {
        send: packet => {
          counters.sent += 1
          socket.send(packet, port, address)
        },
        close: () => void receivers.delete(key),
      }
    },
    close: async () => {
      await Promise.all(pool.splice(0).map(({ socket }) => new Promise<void>(done => socket.close(() => done()))))
    },
  }
}

/** IPv6 addresses have many spellings; sockets tell the shortest one, so what they tell needs no second look. */
const keyOf = (address: string, port: number) => `${isIPv6(address) ? shortest(address) : address} ${port}`
const shortest = (address: string) => new URL(`http://[${address.replace(/%.*/, '')}]`).hostname.slice(1, -1)
