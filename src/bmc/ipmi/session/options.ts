import type { Password } from '../../password.ts'
import type { Privilege } from '../commands/session.ts'
import type { Quirk } from '../quirks.ts'
import type { SuiteId } from '../wire/suites.ts'

export interface SetupOptions {
  readonly user: string
  readonly password: Password
  /** KG: a second secret that some BMCs want (§13.33). */
  readonly bmcKey?: Password
  readonly suite: SuiteId
  readonly privilege: Privilege
  readonly quirks: ReadonlySet<Quirk>
}

export interface SessionIds {
  readonly console: number
  readonly bmc: number
}
