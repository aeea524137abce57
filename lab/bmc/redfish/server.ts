import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createHttps } from 'node:https'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Certificate } from './certificate.ts'
import { type Effect, type Fault, FaultScript } from './faults.ts'
import type { VirtualMachine } from '../machine.ts'
import { SimulatedMachine } from '../simulated-machine.ts'
import { frontOf, type Machine } from './machine.ts'
import { answer } from './service.ts'
import { LabSessions } from './sessions.ts'
import { SHAPES, type ShapeName } from './shapes.ts'
import { newState, type State } from './state.ts'

export interface VirtualRedfishOptions {
  readonly shape: ShapeName
  readonly login: { readonly user: string; readonly password: string }
  /** Absent: a simulated one. */
  readonly machine?: VirtualMachine
  /** Absent: plain HTTP. */
  readonly tls?: Certificate
  readonly port?: number
}

export interface VirtualRedfish {
  readonly port: number
  readonly state: State
  readonly machine: Machine
  readonly sessions: LabSessions
  /** Method and path of each request, in order. */
  readonly requests: string[]
  /** From now on this goes wrong; [] ends it. */
  readonly fail: (script: readonly Fault[]) => void
  /** After a reset the BMC may come back with another certificate. */
  readonly useCertificate: (tls: Certificate) => void
  readonly close: () => Promise<void>
}

const MOST_BODY_BYTES = 1024 * 1024

/** A Redfish service of some maker's kind in front of a machine, on 127.0.0.1. */
export async function startVirtualRedfish(options: VirtualRedfishOptions): Promise<VirtualRedfish> {
  const machine = frontOf(options.machine ?? new SimulatedMachine())
  const state = newState(SHAPES[options.shape], machine, options.login)
  const sessions = new LabSessions(state)
  const script = new FaultScript()
  const requests: string[] = []

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname: path, search: query } = new URL(request.url ?? '/', 'http://lab')
    const method = request.method ?? 'GET'
    requests.push(`${method} ${path}`)
    const body = await bodyOf(request)
    const effects = script.take(method, path)
    for (const effect of effects) if (await befall(effect, response, sessions)) return
    const reply = answer(state, sessions, { method, path, query, headers: request.headers, body }, effects)
    response.writeHead(reply.status, { 'odata-version': '4.0', 'content-type': 'application/json', ...reply.headers })
    const text = reply.body === undefined ? '' : JSON.stringify(reply.body)
    const changes = method === 'GET' ? effects.flatMap(effect => (effect.kind === 'mutate' ? [effect.change] : [])) : []
    response.end(changes.reduce((left, change) => change(left), text))
  }

  const listener = (request: IncomingMessage, response: ServerResponse) => {
    handle(request, response).catch(() => response.destroy())
  }
  const https = options.tls && createHttps(options.tls, listener)
  const server = https ?? createHttp(listener)
  await new Promise<void>((listening, failed) => {
    server.once('error', failed)
    server.listen(options.port ?? 0, '127.0.0.1', listening)
  })
  return {
    port: (server.address() as AddressInfo).port,
    state,
    machine,
    sessions,
    requests,
    fail: rows => script.set(rows),
    useCertificate: tls => https?.setSecureContext(tls),
    close: () => {
      const closed = new Promise<void>(end => server.close(() => end()))
      server.closeAllConnections()
      return closed
    },
  }
}

/** True if the request has its answer by that, or gets none. */
async function befall(effect: Effect, response: ServerResponse, sessions: LabSessions): Promise<boolean> {
  switch (effect.kind) {
    case 'delay':
      await sleep(effect.ms)
      return false
    case 'expire':
      sessions.expireAll()
      return false
    case 'drop':
      response.destroy()
      return true
    case 'silence':
      return true
    case 'answer':
      response.writeHead(effect.status, effect.headers)
      response.end(effect.body === undefined ? undefined : JSON.stringify(effect.body))
      return true
    case 'raw':
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(effect.text)
      return true
    case 'huge':
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ PowerState: 'On', padding: ' '.repeat(effect.bytes) }))
      return true
    case 'lie':
    case 'mutate':
    case 'ignore-boot':
    case 'fail-task':
      return false
  }
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MOST_BODY_BYTES) throw new Error('the request is too long')
    chunks.push(chunk)
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString()) as unknown
  } catch {
    return undefined
  }
}
