import { randomBytes } from 'node:crypto'
import { pathsOf } from './documents.ts'
import { done, message, missing, type Reply } from './reply.ts'
import type { State } from './state.ts'

export interface SessionCounters {
  made: number
  /** The most that were open at once. */
  most: number
  refusedLogins: number
}

/** The sessions of one service: counted, and not more than the shape allows. */
export class LabSessions {
  readonly counters: SessionCounters = { made: 0, most: 0, refusedLogins: 0 }
  readonly #state: State
  readonly #byId = new Map<string, { token: string; user: string }>()
  limit: number

  constructor(state: State) {
    this.#state = state
    this.limit = state.shape.sessionLimit
  }

  get open(): number {
    return this.#byId.size
  }

  expireAll(): void {
    this.#byId.clear()
  }

  login(body: Readonly<Record<string, unknown>>): Reply {
    const { UserName: user, Password: password } = body
    if (!this.#isRight(user, password)) return this.#unauthorized()
    if (this.#byId.size >= this.limit) return message(503, 'SessionLimitExceeded', 'The session limit was exceeded.')
    const [id, token] = [String((this.counters.made += 1)), randomBytes(16).toString('hex')]
    this.#byId.set(id, { token, user: String(user) })
    this.counters.most = Math.max(this.counters.most, this.#byId.size)
    const path = `${pathsOf(this.#state.shape).sessions}/${id}`
    return {
      status: 201,
      headers: { 'x-auth-token': token, location: path },
      body: { '@odata.id': path, Id: id, UserName: user },
    }
  }

  logout(path: string): Reply {
    const id = path.split('/').at(-1) ?? ''
    return this.#byId.delete(id) ? done : missing(path)
  }

  /** By token or by name and password. undefined: welcome. */
  check(headers: Readonly<Record<string, string | string[] | undefined>>): Reply | undefined {
    const { 'x-auth-token': token, authorization } = headers
    if (typeof token === 'string') {
      const known = [...this.#byId.values()].some(session => session.token === token)
      return known ? undefined : message(401, 'NoValidSession', `There is no valid session for the token ${token}.`)
    }
    const [kind, code = ''] = (typeof authorization === 'string' ? authorization : '').split(' ')
    const [, user, password] = /^([^:]*):(.*)$/s.exec(Buffer.from(code, 'base64').toString()) ?? []
    if (kind === 'Basic' && this.#isRight(user, password)) return undefined
    return this.#unauthorized()
  }

  #unauthorized(): Reply {
    this.counters.refusedLogins += 1
    return message(401, 'ResourceAtUriUnauthorized', 'The user name or the password is wrong.')
  }

  #isRight(user: unknown, password: unknown): boolean {
    return this.#state.accounts.some(
      one => one.Enabled && one.UserName !== '' && one.UserName === user && one.Password === password,
    )
  }
}
