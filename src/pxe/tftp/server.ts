import type { RemoteInfo, Socket } from 'node:dgram'
import { once } from 'node:events'
import { onePort, openSocket, ownPorts } from './doors.ts'
import type { DropCounts } from './drops.ts'
import { type Resolve, TftpEngine } from './engine.ts'
import type { TftpEvent } from './events.ts'
import { LIMITS, type Limits } from './limits.ts'
import { OPCODES } from './packets.ts'

export interface TftpServerOptions {
  resolve: Resolve
  /** Sockets that are bound already (by systemd, to a device), or where to bind one. Port 0: any. */
  listen: readonly Socket[] | { address: string; port: number }
  /** All answers come from the port for requests, for networks that let nothing else through. Else a port a transfer. */
  singlePort?: boolean
  limits?: Partial<Limits>
  onEvent?: (event: TftpEvent) => void
}

export interface TftpServer {
  /** Of the sockets for requests. */
  readonly addresses: readonly { address: string; port: number }[]
  /** Transfers under way. */
  readonly active: number
  /** How many packets were dropped, and why. */
  readonly drops: Readonly<DropCounts>
  /** Takes no more requests, lets transfers end for so long, ends them, and closes all sockets, those given too. */
  stop(options?: { graceMs?: number }): Promise<void>
}

/** How often waits are looked at. */
const TICK_MS = 5
/** Asked for; the system gives what it allows. A rack that boots at once sends its requests in one burst. */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024

/** Read-only: serves what `resolve` gives. Resolves when it listens. @throws what bind throws */
export async function openTftpServer(options: TftpServerOptions): Promise<TftpServer> {
  const { listen, resolve, singlePort = false, onEvent = () => {} } = options
  const sockets = 'port' in listen ? [await bind(listen.address, listen.port)] : [...listen]
  const limits = { ...LIMITS, ...options.limits }
  const engine = new TftpEngine({ resolve, limits, onEvent, now: () => performance.now() })
  const clock = tickWhileActive(engine)
  for (const socket of sockets) {
    const door = singlePort ? onePort(socket) : ownPorts(socket, () => engine.drop('stranger'))
    socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES)
    // An answer that could not be sent; the client asks again.
    socket.on('error', () => engine.drop('unsent'))
    socket.on('message', (packet, from) => {
      const { address, port } = from
      if (!singlePort || isRequest(packet)) engine.request(packet, { address, port }, door)
      else receive(engine, packet, from)
      clock.start()
    })
  }
  let stopped: Promise<void> | undefined
  async function stop(graceMs: number): Promise<void> {
    const grace = setTimeout(() => engine.abort(), graceMs)
    await engine.stop()
    clearTimeout(grace)
    clock.stop()
    await Promise.all(sockets.map(close))
  }
  return {
    addresses: sockets.map(socket => socket.address()),
    get active() {
      return engine.active
    },
    drops: engine.drops,
    stop: ({ graceMs = 0 } = {}) => (stopped ??= stop(graceMs)),
  }
}

async function bind(address: string, port: number): Promise<Socket> {
  const socket = openSocket(address)
  try {
    // Asked for before: without a lookup it comes at once.
    const listening = once(socket, 'listening')
    socket.bind({ address, port, exclusive: true })
    await listening
    return socket
  } catch (error) {
    socket.close()
    throw error
  }
}

const isRequest = (packet: Buffer): boolean =>
  packet.length < 2 || packet.readUInt16BE() === OPCODES.rrq || packet.readUInt16BE() === OPCODES.wrq

function receive(engine: TftpEngine, packet: Buffer, from: RemoteInfo): void {
  const session = engine.session(from)
  if (session) session.receive(packet)
  else engine.drop('unexpected')
}

/** A server at rest wakes nobody. */
function tickWhileActive(engine: TftpEngine): { start(): void; stop(): void } {
  let timer: NodeJS.Timeout | undefined
  function stop(): void {
    clearInterval(timer)
    timer = undefined
  }
  function tick(): void {
    engine.tick()
    if (engine.active === 0) stop()
  }
  // What has arrived is read first: after a pause of ours, nothing is repeated whose ACK is already here.
  return { start: () => (timer ??= setInterval(() => setImmediate(tick), TICK_MS)), stop }
}

async function close(socket: Socket): Promise<void> {
  await new Promise<void>(resolve => socket.close(() => resolve()))
}
