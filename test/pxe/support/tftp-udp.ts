import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { decodePacket, encodePacket, type OptionPairs, type Packet } from '../../../src/pxe/tftp/packets.ts'
import { FakeClient } from './tftp-network.ts'

export interface UdpClient {
  socket: Socket
  port: number
  send(packet: Packet | Buffer, port: number): void
  /** The next packet that comes, and from which port. */
  next(): Promise<{ packet: Packet; from: number }>
  close(): void
}

/** A client on loopback that does what the test says. */
export async function openClient(): Promise<UdpClient> {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  let open = true
  return {
    socket,
    port: socket.address().port,
    send(packet, port) {
      if (open) socket.send(Buffer.isBuffer(packet) ? packet : encodePacket(packet), port, '127.0.0.1')
    },
    async next() {
      const [bytes, from] = (await once(socket, 'message')) as [Buffer, { port: number }]
      return { packet: decodePacket(bytes), from: from.port }
    },
    close() {
      open = false
      socket.close()
    },
  }
}

interface Fetching {
  blksize?: number
  windowsize?: number
  /** Between a block and its ACK. */
  slowMs?: number
}

/** Fetches a whole file. The options that are given are asked for, and taken as agreed. */
export async function fetchFile(
  file: string,
  port: number,
  { blksize, windowsize, slowMs = 0 }: Fetching = {},
): Promise<Buffer> {
  const client = await openClient()
  const asked: OptionPairs = Object.entries({ blksize, windowsize }).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as const],
  )
  let from = port
  const receiver = new FakeClient(
    { blksize: blksize ?? 512, windowsize: windowsize ?? 1 },
    ack => setTimeout(() => client.send(ack, from), slowMs),
    false,
  )
  client.send({ kind: 'rrq', file, mode: 'octet', options: asked }, port)
  try {
    return await new Promise((resolve, reject) => {
      client.socket.on('message', (bytes, sender) => {
        from = sender.port
        const packet = decodePacket(bytes)
        if (packet.kind === 'error') reject(new Error(packet.words))
        else receiver.receive(bytes)
        // After the last ACK went out.
        if (receiver.complete) setTimeout(() => resolve(Buffer.concat(receiver.parts)), slowMs + 5)
      })
    })
  } finally {
    client.close()
  }
}
