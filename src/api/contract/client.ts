import { AppError, type ErrorCode, ERRORS, type Fault, messageOf } from '../../lib/errors.ts'
import type { BodyOf, Endpoint, ParamsOf, Problem, QueryOf, ReplyOf } from './endpoint.ts'

export interface ClientOptions {
  /** Of the controller, e.g. http://127.0.0.1:7480. */
  url: string
  token?: string | undefined
  /** The whole call, answer included. */
  timeoutMs?: number
}

const CALL_TIMEOUT_MS = 60_000

type Given<E extends Endpoint> = (E['params'] extends object ? { params: ParamsOf<E> } : unknown) &
  (E['query'] extends object ? { query?: Partial<QueryOf<E>> } : unknown) &
  (E['body'] extends object ? { body: BodyOf<E> } : unknown) & {
    /** The version that the caller has read: refused as `stale` if there is a newer one. */
    ifMatch?: string
    /** Makes a repeated call the same call. */
    idempotencyKey?: string
    signal?: AbortSignal
  }

/** The problem that the controller answered with. `code` is its code, `requestId` finds it in the log. */
export class ProblemError extends Error {
  readonly problem: Problem
  constructor(problem: Problem) {
    super(problem.detail)
    this.name = 'ProblemError'
    this.problem = problem
  }
  get faults(): readonly Fault[] {
    return this.problem.faults ?? []
  }
  get code(): ErrorCode | undefined {
    return this.problem.code in ERRORS ? (this.problem.code as ErrorCode) : undefined
  }
}

/**
 * Calls endpoints of the contract with their types. Uses `fetch`, so it runs in Node and in browsers.
 * @throws ProblemError what the controller refused; AppError `not_running` when nothing answers.
 */
export class Client {
  readonly options: ClientOptions
  constructor(options: ClientOptions) {
    this.options = options
  }

  async call<E extends Endpoint>(endpoint: E, given: Given<E>): Promise<ReplyOf<E>> {
    const response = await this.open(endpoint, given)
    if (response.status === 204) return undefined as ReplyOf<E>
    return (endpoint.contentType === 'text/plain' ? await response.text() : await response.json()) as ReplyOf<E>
  }

  /** For answers that are read as they come: an event stream. No time limit; end it with `signal`. */
  async stream<E extends Endpoint>(endpoint: E, given: Given<E>): Promise<Response> {
    return this.open(endpoint, given, { accept: 'text/event-stream' })
  }

  async open(endpoint: Endpoint, given: object, headers: Record<string, string> = {}): Promise<Response> {
    const { params, query, body, ifMatch, idempotencyKey, signal } = given as Partial<Request>
    const url = `${this.options.url.replace(/\/$/, '')}${pathOf(endpoint.path, params)}${queryOf(query)}`
    const streams = headers.accept === 'text/event-stream'
    const limits = [
      ...(signal ? [signal] : []),
      ...(streams ? [] : [AbortSignal.timeout(this.options.timeoutMs ?? CALL_TIMEOUT_MS)]),
    ]
    const response = await this.fetch(url, {
      method: endpoint.method,
      headers: {
        accept: 'application/json',
        ...(this.options.token && { authorization: `Bearer ${this.options.token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(ifMatch && { 'if-match': ifMatch }),
        ...(idempotencyKey && { 'idempotency-key': idempotencyKey }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.any(limits),
    })
    if (!response.ok) throw await problemOf(response)
    return response
  }

  async fetch(url: string, init: RequestInit): Promise<Response> {
    try {
      return await fetch(url, init)
    } catch (error) {
      if (init.signal?.aborted && (init.signal.reason as Error | undefined)?.name === 'AbortError') throw error
      const cause = error instanceof Error && error.cause ? messageOf(error.cause) : messageOf(error)
      throw new AppError('not_running', `The controller at ${this.options.url} does not answer (${cause})`, {
        cause: error,
      })
    }
  }
}

interface Request {
  params: Record<string, string>
  query: Record<string, string | number | boolean | undefined>
  body: unknown
  ifMatch: string
  idempotencyKey: string
  signal: AbortSignal
}

function pathOf(path: string, params: Record<string, string> = {}): string {
  return path.replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''))
}

function queryOf(query: Record<string, string | number | boolean | undefined> = {}): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as [string, string]],
  )
  return pairs.length > 0 ? `?${new URLSearchParams(pairs).toString()}` : ''
}

async function problemOf(response: Response): Promise<ProblemError> {
  const text = await response.text()
  try {
    const problem = JSON.parse(text) as Problem
    if (typeof problem.detail === 'string' && typeof problem.code === 'string') return new ProblemError(problem)
  } catch {
    // Not ours: a proxy in between, or another program on that port.
  }
  const detail = `The answer is ${response.status} ${response.statusText} and no problem document: is this a Rackwright controller?`
  return new ProblemError({
    type: 'about:blank',
    title: response.statusText,
    status: response.status,
    detail,
    code: '',
    requestId: '',
  })
}
