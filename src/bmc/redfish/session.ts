import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '../../lib/errors.ts'
import type { Password } from '../password.ts'
import { type Credentials, headersOf, type Login, logIn } from './login.ts'
import { type Limits, LIMITS } from './limits.ts'
import { oneLine, toldBy } from './messages.ts'
import { pathOf } from './path.ts'
import { codeOf, RedfishRefusal, retryAfterMs } from './refusal.ts'
import { Secrets } from './secrets.ts'
import type { Trust } from './trust.ts'
import { isBroken, type Method, Wire, type WireReply } from './wire.ts'

export interface SessionOptions {
  /** IP address or name, and port. */
  readonly address: string
  readonly port?: number
  readonly credentials: Credentials
  readonly trust: Trust
  readonly limits?: Partial<Limits>
}

export interface Asked {
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** In the body, and not to be told in errors. */
  readonly secret?: Password
}

const SESSIONS = '/redfish/v1/SessionService/Sessions'
const REDIRECTS = new Set([301, 302, 307, 308])
const BUSY = new Set([429, 503])

/** One login at one service, made at the first request that needs it, and taken back by `close`. */
export class RedfishSession {
  readonly host: string
  readonly limits: Limits
  readonly #origin: string
  readonly #wire: Wire
  readonly #secrets = new Secrets()
  readonly #closing = new AbortController()
  #credentials: Credentials
  #sessionsPath = SESSIONS
  #login: Promise<Login> | undefined
  #closed: Promise<void> | undefined
  /** Logins that are being taken back: the connection stays until they are. */
  readonly #leaving = new Set<Promise<unknown>>()
  #powerChangedAt = Number.NEGATIVE_INFINITY

  constructor({ address, port, credentials, trust, limits }: SessionOptions) {
    this.host = address
    this.limits = { ...LIMITS, ...limits }
    this.#credentials = credentials
    this.#secrets.add(credentials.password.reveal())
    const name = address.includes(':') ? `[${address}]` : address
    this.#origin = `${trust.kind === 'plain' ? 'http' : 'https'}://${name}${port === undefined ? '' : `:${port}`}`
    this.#wire = new Wire(address, this.#origin, trust, this.limits, words => this.hide(words))
  }

  get user(): string {
    return this.#credentials.user
  }

  /** Refusals of the next minutes are the machine's settling. */
  notePowerChange(): void {
    this.#powerChangedAt = performance.now()
  }

  hide(words: string): string {
    return this.#secrets.hide(words)
  }

  /** Logs in by this password from now on. */
  async usePassword(password: Password): Promise<void> {
    this.#secrets.add(password.reveal())
    const login = this.#login
    this.#credentials = { ...this.#credentials, password }
    this.#login = undefined
    await this.#logOut(login)
  }

  /** As the service root says (DSP2046 ServiceRoot, Links.Sessions). */
  useSessionsPath(link: string): void {
    this.#sessionsPath = this.#path(link)
  }

  /** A reply of 2xx. Without a login: only the service root needs none. @throws AppError */
  async ask(method: Method, link: string, signal: AbortSignal, asked: Asked = {}): Promise<WireReply> {
    if (asked.secret) this.#secrets.add(asked.secret.reveal())
    const both = AbortSignal.any([signal, this.#closing.signal])
    let path = this.#path(link)
    let [redirects, busy, brokenOnce, renewed] = [0, 0, false, false]
    for (;;) {
      both.throwIfAborted()
      const used = this.#signIn()
      const reply = await this.#send(method, path, await waited(used, both), asked, both).catch((error: unknown) => {
        if (method !== 'GET' || brokenOnce || !isBroken(error)) throw error
        brokenOnce = true
      })
      if (!reply) continue
      if (reply.status >= 200 && reply.status < 300) return this.#usable(reply, method, path)
      if (reply.status === 401 && !renewed) {
        renewed = true
        if (await this.#renew(used)) continue
      }
      if (REDIRECTS.has(reply.status) && (method === 'GET' || reply.status > 302)) {
        redirects += 1
        path = this.#redirected(reply, path, redirects)
        continue
      }
      const refusal = this.#refusal(method, path, reply)
      if (!BUSY.has(reply.status) || busy >= this.limits.busyAttempts || refusal.code === 'bmc_auth') throw refusal
      await this.#pause(refusal, busy, both)
      busy += 1
    }
  }

  /** Reads without logging in, as clients do before they know where sessions are (DSP0266 §13.3.2). */
  async askOpenly(path: string, signal: AbortSignal): Promise<WireReply> {
    const both = AbortSignal.any([signal, this.#closing.signal])
    let at = path
    for (let redirects = 1; ; redirects++) {
      const reply = await this.#wire.send({ method: 'GET', path: at }, both)
      if (!REDIRECTS.has(reply.status)) return reply
      at = this.#redirected(reply, at, redirects)
    }
  }

  /** True if these open a session, which is ended at once. @throws AppError for anything but a refused password */
  async accepts(credentials: Credentials, signal: AbortSignal): Promise<boolean> {
    this.#secrets.add(credentials.password.reveal())
    try {
      const tried = this.#tryOut(credentials)
      this.#leaving.add(tried)
      tried.catch(() => undefined).finally(() => this.#leaving.delete(tried))
      await waited(tried, AbortSignal.any([signal, this.#closing.signal]))
      return true
    } catch (error) {
      if (error instanceof RedfishRefusal && error.code === 'bmc_auth') return false
      throw error
    }
  }

  /** Ends the session. Always resolves. What is under way fails. */
  close(): Promise<void> {
    this.#closed ??= this.#end()
    return this.#closed
  }

  async #end(): Promise<void> {
    this.#closing.abort(new AppError('bmc_unreachable', `${this.host}: the session was closed meanwhile`))
    await this.#logOut(this.#login)
    await Promise.allSettled(this.#leaving)
    await this.#wire.close()
  }

  #signIn(): Promise<Login> {
    if (!this.#login) {
      // Not by the caller's signal: a session that the BMC made for someone who left would never be ended.
      const login = logIn(this.#wire, this.#where(), this.#credentials, AbortSignal.timeout(this.limits.loginMs))
      login.then(
        done => done.kind === 'session' && this.#secrets.add(done.token),
        () => {
          if (this.#login === login) this.#login = undefined
        },
      )
      this.#login = login
    }
    return this.#login
  }

  #where() {
    const { host, limits } = this
    const hide = (words: string) => this.hide(words)
    return { host, origin: this.#origin, sessions: this.#sessionsPath, wordsLength: limits.wordsLength, hide }
  }

  async #send(method: Method, path: string, login: Login, { body, headers }: Asked, signal: AbortSignal) {
    const all = { ...headers, ...headersOf(login, this.#credentials) }
    return this.#wire.send({ method, path, headers: all, ...(body !== undefined && { body }) }, signal)
  }

  /** A token that ran out is replaced once. False: there is nothing to replace. */
  async #renew(used: Promise<Login>): Promise<boolean> {
    if (this.#login !== used) return true
    if ((await used).kind === 'basic') return false
    this.#login = undefined
    await this.#logOut(used)
    return true
  }

  async #logOut(login: Promise<Login> | undefined, by: Credentials = this.#credentials): Promise<void> {
    const done = await login?.catch(() => undefined)
    if (done?.kind !== 'session' || done.location === undefined) return
    const request = { method: 'DELETE', path: done.location, headers: headersOf(done, by) } as const
    const gone = this.#wire.send(request, AbortSignal.timeout(this.limits.logoutMs)).catch(() => undefined)
    this.#leaving.add(gone)
    await gone
    this.#leaving.delete(gone)
  }

  async #tryOut(credentials: Credentials): Promise<void> {
    const signal = AbortSignal.timeout(this.limits.loginMs)
    const login = logIn(this.#wire, this.#where(), credentials, signal)
    try {
      if ((await login).kind === 'basic') await this.#checkBasic(credentials, signal)
    } finally {
      await this.#logOut(login, credentials)
    }
  }

  /** Where sessions are refused, the answer to a request with the password tells whether it is right. */
  async #checkBasic(by: Credentials, signal: AbortSignal): Promise<void> {
    const path = this.#sessionsPath
    const reply = await this.#wire.send({ method: 'GET', path, headers: headersOf({ kind: 'basic' }, by) }, signal)
    if (reply.status >= 400) throw this.#refusal('GET', path, reply)
  }

  #usable(reply: WireReply, method: Method, path: string): WireReply {
    if (reply.bodyIs !== 'not-json') return reply
    // What was done is done, whatever words came with it; what was read is not.
    if (method !== 'GET') return reply
    throw new AppError('bmc_bad_reply', `${this.host}: ${this.#shown(method, path)}: the answer is not JSON`)
  }

  #path(link: string): string {
    const path = pathOf(link, this.#origin)
    if (path !== undefined) return path
    const shown = this.hide(oneLine(link.slice(0, 100), this.limits.wordsLength))
    throw new AppError('bmc_bad_reply', `${this.host}: a link leads away from the service: '${shown}'`)
  }

  #redirected(reply: WireReply, from: string, redirects: number): string {
    const link = reply.headers.location ?? ''
    const path = pathOf(link, this.#origin)
    if (path !== undefined && redirects <= this.limits.redirects) return path
    const why =
      path === undefined ? `to '${oneLine(link, 100)}', away from this service` : `for the ${redirects}th time`
    throw new AppError('bmc_bad_reply', `${this.host}: ${this.#shown('GET', from)}: redirected ${this.hide(why)}`)
  }

  #refusal(method: Method, path: string, reply: WireReply): RedfishRefusal {
    const told = toldBy(reply.body, this.limits.wordsLength)
    const settling = performance.now() - this.#powerChangedAt < this.limits.settlingMs
    const words = told.words === '' ? '' : `: ${this.hide(told.words)}`
    const what = `${this.host}: ${this.#shown(method, path)} was refused (HTTP ${reply.status})${words}`
    const waitMs = retryAfterMs(reply.headers['retry-after'], Date.now())
    return new RedfishRefusal(codeOf(reply.status, told, settling), what, {
      status: reply.status,
      told,
      retryAfterMs: waitMs,
    })
  }

  #shown(method: Method, path: string): string {
    return this.hide(oneLine(`${method} ${path}`, this.limits.wordsLength))
  }

  async #pause(refusal: RedfishRefusal, attempt: number, signal: AbortSignal): Promise<void> {
    const waitMs = Math.min(refusal.retryAfterMs ?? 500 * 2 ** attempt, this.limits.busyWaitMs)
    try {
      await sleep(waitMs, undefined, { signal })
    } catch {
      // Who gives up waiting wants to know what for.
      throw isDeadline(signal.reason) ? refusal : signal.reason
    }
  }
}

const isDeadline = (reason: unknown): boolean => reason instanceof DOMException && reason.name === 'TimeoutError'

/** The result, or the signal's reason if that comes first; `promise` goes on by itself. */
async function waited<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  const left = Promise.withResolvers<never>()
  const leave = () => left.reject(signal.reason as Error)
  signal.addEventListener('abort', leave, { once: true })
  try {
    return await Promise.race([promise, left.promise])
  } finally {
    signal.removeEventListener('abort', leave)
  }
}
