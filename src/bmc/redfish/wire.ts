import { Client, errors, type Dispatcher } from 'undici'
import { AppError, messageOf } from '../../lib/errors.ts'
import type { Limits } from './limits.ts'
import { oneLine } from './messages.ts'
import { connector, type Trust } from './trust.ts'

export type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'

export interface WireReply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** The parsed JSON; undefined: none came, or it was no JSON (`bodyIs` tells). */
  readonly body: unknown
  readonly bodyIs: 'json' | 'empty' | 'not-json'
}

export interface WireRequest {
  readonly method: Method
  /** A path on this service. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

/** HTTP to one service over one connection; limits in time and size on everything that comes. */
export class Wire {
  readonly #host: string
  readonly #client: Client
  readonly #limits: Limits
  readonly #hide: (words: string) => string

  /** `hide` takes secrets out of words: a service decides what stands in its links, and may put ours there. */
  constructor(host: string, origin: string, trust: Trust, limits: Limits, hide: (words: string) => string) {
    this.#host = host
    this.#limits = limits
    this.#hide = hide
    this.#client = new Client(origin, {
      connect: connector(host, trust),
      headersTimeout: limits.requestMs,
      bodyTimeout: limits.requestMs,
      maxHeaderSize: 32 * 1024,
      maxResponseSize: limits.replyBytes,
      keepAliveMaxTimeout: 30_000,
    })
  }

  /** @throws AppError `bmc_unreachable`, `bmc_bad_reply`, `bmc_auth` (certificate); the signal's reason */
  async send(request: WireRequest, signal: AbortSignal): Promise<WireReply> {
    const deadline = AbortSignal.timeout(this.#limits.requestMs)
    try {
      return await this.#exchange(request, AbortSignal.any([signal, deadline]))
    } catch (error) {
      if (signal.aborted) throw signal.reason
      throw this.#explain(error, `${request.method} ${request.path}`, deadline.aborted)
    }
  }

  async close(): Promise<void> {
    await this.#client.destroy().catch(() => undefined)
  }

  async #exchange({ method, path, headers, body }: WireRequest, signal: AbortSignal): Promise<WireReply> {
    const reply = await this.#client.request({
      method,
      path,
      headers: { ...FIXED_HEADERS, ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal,
    })
    const text = await reply.body.text()
    return { status: reply.statusCode, headers: single(reply.headers), ...read(text) }
  }

  #explain(error: unknown, what: string, late: boolean): AppError {
    if (error instanceof AppError) return error
    const at = this.#hide(`${this.#host}: ${oneLine(what, this.#limits.wordsLength)}`)
    if (late) return new AppError('bmc_unreachable', `${at}: no whole answer within ${this.#limits.requestMs / 1000} s`)
    if (error instanceof errors.ResponseExceededMaxSizeError)
      return new AppError('bmc_bad_reply', `${at}: the answer is longer than ${this.#limits.replyBytes} bytes`)
    if (error instanceof errors.HTTPParserError || error instanceof errors.HeadersOverflowError)
      return new AppError('bmc_bad_reply', `${at}: the answer is not HTTP (${error.code})`)
    return new AppError('bmc_unreachable', `${at}: ${reasonOf(error)}`, { cause: error })
  }
}

/** DSP0266 §8.2: services may refuse without these; iDRAC 7 answers 404 to those that name no language or encoding. */
const FIXED_HEADERS = {
  accept: 'application/json',
  'accept-encoding': 'identity',
  'accept-language': 'en',
  'odata-version': '4.0',
}

function read(text: string): Pick<WireReply, 'body' | 'bodyIs'> {
  if (text.trim() === '') return { body: undefined, bodyIs: 'empty' }
  try {
    return { body: JSON.parse(text) as unknown, bodyIs: 'json' }
  } catch {
    return { body: undefined, bodyIs: 'not-json' }
  }
}

function single(headers: Dispatcher.ResponseData['headers']): Record<string, string> {
  const one = (value: string | string[] | undefined) => (Array.isArray(value) ? (value[0] ?? '') : (value ?? ''))
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), one(value)]))
}

function reasonOf(error: unknown): string {
  const { code } = error as { code?: unknown }
  return typeof code === 'string' ? `${messageOf(error)} (${code})` : messageOf(error)
}

/** True if the connection broke: a GET may be sent again at once, as idle connections are closed by either end. */
export function isBroken(error: unknown): boolean {
  const cause = error instanceof AppError ? error.cause : undefined
  const code = (cause as { code?: unknown } | undefined)?.code
  return code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE'
}
