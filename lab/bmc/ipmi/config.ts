import { randomBytes } from 'node:crypto'
import type { Privilege } from '../../../src/bmc/ipmi/commands/session.ts'
import type { SuiteId } from '../../../src/bmc/ipmi/wire/suites.ts'
import type { VirtualMachine } from '../machine.ts'
import type { FaultScript } from './faults.ts'

export interface UserConfig {
  name: string
  password: string
  /** How many bytes of a password are kept. */
  passwordSize: 16 | 20
  enabled: boolean
  /** undefined: no access. */
  privilege: Privilege | undefined
  ipmiMessaging: boolean
}

export interface BmcConfig {
  readonly machine: VirtualMachine
  readonly guid: Buffer
  readonly serialNumber: string
  readonly manufacturerId: number
  readonly productId: number
  readonly firmware: { readonly major: number; readonly minor: number }
  readonly suites: readonly SuiteId[]
  /** KG; undefined: none is set. */
  readonly bmcKey: string | undefined
  /** By id, from 1 on. */
  readonly users: readonly UserConfig[]
  readonly sessionLimit: number
  readonly sessionTimeoutMs: number
  /** How long a session that is being set up is kept. */
  readonly setupTimeoutMs: number
  readonly faults: FaultScript
  /** Of the faults' chances. */
  readonly seed: number
}

export const user = (name: string, password: string, change: Partial<UserConfig> = {}): UserConfig => ({
  name,
  password,
  passwordSize: 20,
  enabled: true,
  privilege: 'administrator',
  ipmiMessaging: true,
  ...change,
})

/** A whole configuration from the little that matters; the first user of a BMC has no name (§6.9.2). */
export function bmcConfig(change: Partial<BmcConfig> & Pick<BmcConfig, 'machine'>): BmcConfig {
  return {
    guid: randomBytes(16),
    serialNumber: 'VB000001',
    manufacturerId: 7154,
    productId: 1,
    firmware: { major: 1, minor: 42 },
    suites: [3, 8, 12, 17],
    bmcKey: undefined,
    users: [user('', '', { enabled: false, privilege: undefined }), user('admin', 'secret')],
    sessionLimit: 8,
    sessionTimeoutMs: 60_000,
    setupTimeoutMs: 20_000,
    faults: {},
    seed: 1,
    ...change,
  }
}
