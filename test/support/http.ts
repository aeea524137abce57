import { Agent, type IncomingHttpHeaders, request } from 'node:http'

/** A request as it goes over the wire: nothing of it is checked, encoded or put right. */
export interface RawRequest {
  method: string
  /** Path and query, as they are sent. */
  path: string
  headers?: Record<string, string | string[]>
  /** A text is sent as it is; anything else as JSON. */
  body?: unknown
  token?: string | undefined
}

export interface RawReply {
  status: number
  headers: IncomingHttpHeaders
  text: string
  /** The body as JSON; undefined if it is none. */
  json: unknown
}

const REPLY_TIMEOUT_MS = 15_000
const agent = new Agent({ keepAlive: true, maxSockets: 64 })

/** Sends a request of any shape and reads the whole answer. JSON is declared as such unless `headers` says otherwise. */
export function sendRaw(url: string, { method, path, headers = {}, body, token }: RawRequest): Promise<RawReply> {
  const payload = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
  const { promise, resolve, reject } = Promise.withResolvers<RawReply>()
  const sent = request(url, {
    agent,
    method,
    path,
    timeout: REPLY_TIMEOUT_MS,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(payload !== undefined && {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(payload),
      }),
      ...headers,
    },
  })
  sent.on('timeout', () => sent.destroy(new Error(`no answer to ${method} ${path.slice(0, 200)}`)))
  sent.on('error', reject)
  sent.on('response', response => {
    const chunks: Buffer[] = []
    response.on('data', (chunk: Buffer) => chunks.push(chunk))
    response.on('error', reject)
    response.on('end', () => {
      const text = Buffer.concat(chunks).toString()
      resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json: parsed(text) })
    })
  })
  sent.end(payload)
  return promise
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
