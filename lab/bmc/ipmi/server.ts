import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { isIPv6 } from 'node:net'
import type { VirtualBmc } from './bmc.ts'

export interface Served {
  readonly address: string
  /** 0: any free one. */
  readonly port: number
  readonly bmc: VirtualBmc
}

export interface BmcServer {
  /** Where the BMCs listen, in their order. */
  readonly ports: readonly number[]
  readonly close: () => Promise<void>
}

/**
 * Gives each BMC a socket at its own address or port. One socket for all would not do: Node does not tell to which address
 * a packet came, and answers from whatever address the kernel chooses.
 */
export async function serveBmcs(served: readonly Served[]): Promise<BmcServer> {
  const sockets: Socket[] = []
  try {
    for (const one of served) sockets.push(await open(one))
  } catch (error) {
    await closeAll(sockets)
    throw error
  }
  return { ports: sockets.map(socket => socket.address().port), close: () => closeAll(sockets) }
}

async function open({ address, port, bmc }: Served): Promise<Socket> {
  const family = isIPv6(address) ? 6 : 4
  const lookup = (ip: string, _options: unknown, done: (error: null, ip: string, family: number) => void) =>
    done(null, ip, family)
  const socket = createSocket({ type: `udp${family}`, lookup } as Parameters<typeof createSocket>[0])
  socket.on('message', (packet, from) => {
    bmc.receive(packet, answer => {
      // A delayed answer may come when all is over.
      if (!closed.has(socket)) socket.send(answer, from.port, from.address)
    })
  })
  // Without a look-up it may listen at once, before anybody could wait for that.
  const listening = once(socket, 'listening')
  socket.bind(port, address)
  await listening
  bmc.port = socket.address().port
  return socket
}

const closed = new WeakSet<Socket>()

async function closeAll(sockets: readonly Socket[]): Promise<void> {
  for (const socket of sockets) closed.add(socket)
  await Promise.all(sockets.map(socket => new Promise<void>(done => socket.close(() => done()))))
}
