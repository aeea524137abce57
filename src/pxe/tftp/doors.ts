import { createSocket, type Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import type { Channel, Door, Session } from './engine.ts'

/** Addresses are numbers already: no name is looked up, so sending is done when the call returns. */
export function openSocket(address: string): Socket {
  const type = isIPv6(address) ? 'udp6' : 'udp4'
  return createSocket({ type, lookup: (name, _options, done) => done(null, name, type === 'udp6' ? 6 : 4) })
}

/** RFC 1350 §4: each transfer has a port of its own. Being connected, its socket hears nobody but the client. */
export function ownPorts(main: Socket, onStranger: () => void): Door {
  const { address } = main.address()
  return {
    reply: (packet, client) => main.send(packet, client.port, client.address),
    open: session => openConnected(address, session, onStranger),
  }
}

async function openConnected(address: string, session: Session, onStranger: () => void): Promise<Channel> {
  const { client } = session
  const socket = openSocket(client.address)
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject)
      socket.bind({ address, port: 0, exclusive: true }, () => socket.connect(client.port, client.address, resolve))
    })
  } catch (error) {
    socket.close()
    throw error
  }
  socket.removeAllListeners('error')
  // With a connected socket that is what ICMP says of the client: its port is closed, or there is no way to it.
  socket.on('error', () => session.refused())
  socket.on('message', (packet, from) => {
    // What came between bind and connect may be anybody's.
    if (from.port === client.port && from.address === client.address) session.receive(packet)
    else onStranger()
  })
  let open = true
  return {
    send(packet) {
      if (open) socket.send(packet)
    },
    close() {
      if (open) socket.close()
      open = false
    },
  }
}

/** All from one port; the client's address and port tell whose packet it is. */
export function onePort(main: Socket): Door {
  return {
    reply: (packet, client) => main.send(packet, client.port, client.address),
    async open({ client }) {
      let open = true
      return {
        send(packet) {
          if (open) main.send(packet, client.port, client.address)
        },
        close() {
          open = false
        },
      }
    },
  }
}
