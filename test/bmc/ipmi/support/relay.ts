import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'

/** One packet: `>` to the BMC, `<` from it. */
export interface Packet {
  readonly direction: '>' | '<'
  readonly bytes: Buffer
}

export interface Relay {
  readonly packets: Packet[]
  readonly close: () => Promise<void>
}

/** Consoles reach the relay here, under the BMC's own port: serial over LAN tells them that port. */
export const RELAY_ADDRESS = '127.0.0.2'

/** Stands between a console and a BMC, and keeps what passes. One console at a time. */
export async function startRelay(bmcPort: number): Promise<Relay> {
  const [front, back] = [createSocket('udp4'), createSocket('udp4')]
  const packets: Packet[] = []
  let console: RemoteInfo | undefined
  front.on('message', (bytes, from) => {
    console = from
    packets.push({ direction: '>', bytes })
    back.send(bytes, bmcPort, '127.0.0.1')
  })
  back.on('message', bytes => {
    packets.push({ direction: '<', bytes })
    if (console) front.send(bytes, console.port, console.address)
  })
  await bind(front, bmcPort, RELAY_ADDRESS)
  await bind(back, 0, '127.0.0.1')
  return {
    packets,
    close: async () => {
      await Promise.all([front, back].map(socket => new Promise<void>(done => socket.close(done))))
    },
  }
}

async function bind(socket: Socket, port: number, address: string): Promise<void> {
  socket.bind(port, address)
  await once(socket, 'listening')
}
