import { afterAll, describe, expect, test } from 'vitest'
import { FAULT_SCRIPTS, type FaultName } from '../../../lab/bmc/redfish/faults.ts'
import type { RedfishDriver } from '../../../src/bmc/redfish/driver.ts'
import { AppError, type ErrorCode } from '../../../src/lib/errors.ts'
import { end, LOGIN, openLab, soon } from './support.ts'

const ASKS = {
  power: (driver: RedfishDriver) => driver.readPower(soon(2_000)),
  on: (driver: RedfishDriver) => driver.sendPower('on', soon(2_000)),
  boot: async (driver: RedfishDriver) => {
    await driver.setBoot({ device: 'pxe', mode: 'uefi', persistent: false }, soon(2_000))
    return driver.readBoot(soon(2_000))
  },
} as const

interface Expected {
  readonly ask: keyof typeof ASKS
  readonly shape?: 'supermicro-like'
  /** It fails with this, or answers that. */
  readonly code?: ErrorCode
  readonly answer?: unknown
  /** The machine was started by it. */
  readonly starts?: number
}

/** Every script of the virtual service, and what it must look like from here. */
const EXPECTED: Record<FaultName, Expected> = {
  slow: { ask: 'power', answer: 'off' },
  'busy-for-a-moment': { ask: 'power', answer: 'off' },
  'busy-for-ever': { ask: 'power', code: 'bmc_busy' },
  'no-sessions': { ask: 'power', answer: 'off' },
  'conflict-on-power': { ask: 'on', code: 'bmc_transitional' },
  'busy-on-power': { ask: 'on', code: 'bmc_transitional' },
  'power-is-Reset': { ask: 'power', answer: 'transitioning' },
  'power-is-unheard-of': { ask: 'power', answer: 'unknown' },
  'power-is-null': { ask: 'power', answer: 'unknown' },
  'power-lies': { ask: 'on', answer: undefined, starts: 1 },
  'boot-ignored': { ask: 'boot', answer: undefined },
  'task-fails': { ask: 'on', shape: 'supermicro-like', code: 'bmc_bad_reply' },
  'token-expires': { ask: 'on', answer: undefined, starts: 1 },
  'token-never-valid': { ask: 'power', code: 'bmc_auth' },
  silence: { ask: 'power', code: 'bmc_unreachable' },
  drops: { ask: 'power', code: 'bmc_unreachable' },
  'drops-once': { ask: 'power', answer: 'off' },
  'broken-json': { ask: 'power', code: 'bmc_bad_reply' },
  html: { ask: 'power', code: 'bmc_bad_reply' },
  empty: { ask: 'power', code: 'bmc_bad_reply' },
  'wrong-types': { ask: 'on', code: 'bmc_bad_reply' },
  huge: { ask: 'power', code: 'bmc_bad_reply' },
  deep: { ask: 'power', answer: 'unknown' },
  'redirect-loop': { ask: 'power', code: 'bmc_bad_reply' },
  'redirect-away': { ask: 'power', code: 'bmc_bad_reply' },
  'links-away': { ask: 'power', code: 'bmc_bad_reply' },
  'endless-collection': { ask: 'power', code: 'bmc_bad_reply' },
  'no-systems': { ask: 'power', code: 'bmc_transitional' },
}

const LIMITS = { requestMs: 400, loginMs: 1_000, logoutMs: 1_000, busyWaitMs: 20, taskPollMs: 5 }

describe.each(Object.entries(EXPECTED) as [FaultName, Expected][])('%s', (name, expected) => {
  const lab = openLab({ shape: expected.shape ?? 'openbmc-like' }, { limits: LIMITS })
  afterAll(() => end(lab))

  test(`ends in ${expected.code ?? 'an answer'}`, async () => {
    const { driver, service } = await lab
    service.fail(FAULT_SCRIPTS[name])
    const outcome = await ASKS[expected.ask](driver).catch((error: unknown) => error)
    if (expected.code === undefined) expect(outcome).toEqual(expected.answer)
    else {
      expect(outcome).toBeInstanceOf(AppError)
      expect(outcome).toMatchObject({ code: expected.code })
      expect(String(outcome)).not.toContain(LOGIN.password)
    }
    expect(service.machine.starts).toHaveLength(expected.starts ?? 0)
    service.fail([])
    expect(['on', 'off']).toContain(await driver.readPower(soon()))
  })
})
