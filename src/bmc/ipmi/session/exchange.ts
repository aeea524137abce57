import { type KeyObject, randomBytes, timingSafeEqual } from 'node:crypto'
import { PRIVILEGE } from '../commands/session.ts'
import type { Quirk } from '../quirks.ts'
import {
  type KeyExchange,
  keyFrom,
  rakp2Code,
  rakp3Code,
  rakp4Code,
  sessionIntegrityKey,
  type SessionKeys,
  sessionKeys,
} from '../wire/keys.ts'
import { NAME_ONLY_LOOKUP, type Rakp1, type Rakp2 } from '../wire/rakp.ts'
import type { Algorithms, Authentication } from '../wire/suites.ts'
import type { SessionIds, SetupOptions } from './options.ts'

const RANDOM_BYTES = 16
const NAME_BYTES = 16
const SHORT_PASSWORD_BYTES = 16
/** The authentication algorithm whose hash an integrity algorithm has. */
const HASH_OF_INTEGRITY = {
  none: 'none',
  'hmac-sha1-96': 'hmac-sha1',
  'hmac-md5-128': 'hmac-md5',
  'md5-128': 'hmac-md5',
  'hmac-sha256-128': 'hmac-sha256',
} as const satisfies Record<Algorithms['integrity'], Authentication>

/** The key exchange of one set-up: what was said so far, and what follows from it. No I/O. */
export class Exchange {
  readonly ids: SessionIds
  readonly user: string
  readonly suite: number
  readonly quirks: Set<Quirk>
  readonly #options: SetupOptions
  readonly #algorithms: Algorithms
  readonly #consoleRandom = randomBytes(RANDOM_BYTES)
  #bmc: Pick<Rakp2, 'bmcRandom' | 'bmcGuid'> = { bmcRandom: Buffer.alloc(0), bmcGuid: Buffer.alloc(0) }

  constructor(options: SetupOptions, algorithms: Algorithms, ids: SessionIds) {
    this.ids = ids
    this.user = options.user
    this.suite = options.suite
    this.quirks = new Set(options.quirks)
    this.#options = options
    this.#algorithms = algorithms
  }

  rakp1(tag: number): Rakp1 {
    const { bmc: bmcSession } = this.ids
    return { tag, bmcSession, consoleRandom: this.#consoleRandom, role: this.#role(), userName: this.#userName() }
  }

  /** Takes what RAKP 2 tells of the BMC. */
  learn({ bmcRandom, bmcGuid }: Rakp2): void {
    this.#bmc = { bmcRandom, bmcGuid }
  }

  /** Whether the code of RAKP 2 fits with these quirks added; if so they hold from now on. */
  fits(code: Buffer, added: readonly Quirk[]): boolean {
    const quirks = new Set([...this.quirks, ...added])
    const expected = rakp2Code(this.#authentication(quirks), this.#userKey(quirks), this.#exchange(quirks))
    if (code.length !== expected.length || !timingSafeEqual(code, expected)) return false
    for (const quirk of added) this.quirks.add(quirk)
    return true
  }

  get found(): readonly Quirk[] {
    return [...this.quirks].filter(quirk => !this.#options.quirks.has(quirk))
  }

  rakp3Code(): Buffer {
    const bare = new Set<Quirk>(this.quirks.has('rakp3-bare-role') ? [...this.quirks, 'bare-role'] : this.quirks)
    return rakp3Code(this.#authentication(), this.#userKey(), this.#exchange(bare))
  }

  rakp4Code(): Buffer {
    const authentication = this.quirks.has('rakp4-by-integrity')
      ? HASH_OF_INTEGRITY[this.#algorithms.integrity]
      : this.#authentication()
    return rakp4Code(authentication, this.#integrityKey(), this.#exchange())
  }

  keys(): SessionKeys {
    return sessionKeys(this.#authentication(), this.#integrityKey(), this.#userKey(), this.quirks.has('signs-with-sik'))
  }

  #integrityKey(): KeyObject {
    const { bmcKey } = this.#options
    const key = bmcKey ? keyFrom(Buffer.from(bmcKey.reveal())) : this.#userKey()
    return sessionIntegrityKey(this.#authentication(), key, this.#exchange())
  }

  #authentication(quirks: ReadonlySet<Quirk> = this.quirks): Authentication {
    return quirks.has('sha1-codes') ? 'hmac-sha1' : this.#algorithms.authentication
  }

  #userKey(quirks: ReadonlySet<Quirk> = this.quirks): KeyObject {
    const password = Buffer.from(this.#options.password.reveal())
    return keyFrom(quirks.has('password-16') ? password.subarray(0, SHORT_PASSWORD_BYTES) : password)
  }

  #exchange(quirks: ReadonlySet<Quirk> = this.quirks): KeyExchange {
    const role = quirks.has('bare-role') ? this.#role() & ~NAME_ONLY_LOOKUP : this.#role()
    return {
      consoleSession: this.ids.console,
      bmcSession: this.ids.bmc,
      consoleRandom: this.#consoleRandom,
      ...this.#bmc,
      role,
      userName: this.#userName(),
    }
  }

  #role(): number {
    const privilege = PRIVILEGE[this.#options.privilege]
    return this.quirks.has('lookup-by-role') ? privilege : privilege | NAME_ONLY_LOOKUP
  }

  #userName(): Buffer {
    const name = Buffer.from(this.user).subarray(0, NAME_BYTES)
    return this.quirks.has('padded-name') ? Buffer.concat([name], NAME_BYTES) : name
  }
}
