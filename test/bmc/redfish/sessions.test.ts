import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { SimulatedMachine } from '../../../lab/bmc/simulated-machine.ts'
import { Password } from '../../../src/bmc/password.ts'
import { end, type Lab, LOGIN, openLab, openTo, soon } from './support.ts'

const labs: Lab[] = []
afterEach(() => Promise.all(labs.splice(0).map(lab => end(lab))))

async function open(...args: Parameters<typeof openLab>): Promise<Lab> {
  const lab = await openLab(...args)
  labs.push(lab)
  return lab
}

const PLAIN = { plainHttp: true } as const

describe('sessions', () => {
  test('one serves many calls at once', async () => {
    const { driver, service } = await open({ shape: 'openbmc-like' })
    await Promise.all(Array.from({ length: 20 }, () => driver.readPower(soon())))
    expect(service.sessions.counters.made).toBe(1)
    await driver.close()
    expect(service.sessions.open).toBe(0)
    await expect(driver.readPower(soon())).rejects.toMatchObject({ code: 'bmc_unreachable' })
    expect(service.sessions.counters.made).toBe(1)
  })

  test('an exhausted service is used without one', async () => {
    const { driver, service } = await open({ shape: 'hpe-like' })
    service.sessions.limit = 0
    await driver.sendPower('on', soon())
    expect(service.machine.starts).toHaveLength(1)
    expect(service.sessions.counters.made).toBe(0)
  })

  test('none is left by callers who leave during login', async () => {
    const { driver, service } = await open({ shape: 'openbmc-like' })
    service.fail([{ path: /\/Sessions$/, effect: { kind: 'delay', ms: 60 } }])
    const leaving = new AbortController()
    const asked = driver.readPower(leaving.signal)
    await sleep(40)
    leaving.abort(new Error('gone'))
    await expect(asked).rejects.toThrow('gone')
    await driver.close()
    expect(service.sessions.counters.made).toBe(1)
    expect(service.sessions.open).toBe(0)
  })

  test('none is left by a close in the middle of work, nor by a test of a password that was left', async () => {
    const { driver, service } = await open({ shape: 'openbmc-like' })
    const [own] = await driver.listAccounts(soon())
    service.fail([{ effect: { kind: 'delay', ms: 30 } }])
    const leaving = new AbortController()
    const tested = driver.testPassword(own?.id ?? '', new Password(LOGIN.password), leaving.signal)
    const read = driver.readSensors(soon())
    const outcomes = Promise.allSettled([tested, read])
    await sleep(100)
    leaving.abort(new Error('gone'))
    await driver.close()
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(service.sessions.open).toBe(0)
  })

  test('a wrong password is tried once, by one way', async () => {
    const { service } = await open({ shape: 'dell-like' })
    const wrong = openTo(service, { ...PLAIN, password: new Password('Wrong-Secret-9') })
    const error: unknown = await wrong.readPower(soon()).catch((thrown: unknown) => thrown)
    await wrong.close()
    expect(error).toMatchObject({ code: 'bmc_auth' })
    expect(String(error)).not.toContain('Wrong-Secret-9')
    expect(service.sessions.counters.refusedLogins).toBe(1)
  })

  test('a token that ran out is replaced once for all who used it', async () => {
    const { driver, service } = await open({ shape: 'openbmc-like' })
    await driver.readPower(soon())
    service.sessions.expireAll()
    await Promise.all([driver.readPower(soon()), driver.readBoot(soon()), driver.readWatts(soon())])
    expect(service.sessions.counters.made).toBe(2)
  })
})

describe('power changes', () => {
  test('states on the way are told as such, and a lie is only what the service says', async () => {
    const { driver } = await open({ shape: 'hpe-like', machine: new SimulatedMachine({ settleMs: 80 }) })
    await driver.sendPower('on', soon())
    expect(await driver.readPower(soon())).toBe('transitioning')
    await sleep(90)
    expect(await driver.readPower(soon())).toBe('on')
  })

  test('the reset window of a BMC is silence, and then it answers again with a new session', async () => {
    const { driver, service } = await open({ shape: 'openbmc-like' })
    await driver.resetBmc(soon())
    service.sessions.expireAll()
    service.fail([{ effect: { kind: 'drop' } }])
    await expect(driver.readPower(soon())).rejects.toMatchObject({ code: 'bmc_unreachable' })
    service.fail([])
    expect(await driver.readPower(soon())).toBe('off')
  })

  test('another system than the one that is meant is refused', async () => {
    const { service } = await open({ shape: 'dell-like' })
    for (const [system, code] of [
      [{ serial: '7xq4pz3' }, undefined],
      [{ uuid: '44454C4C-5800-1051-8034-B7C04F505A33' }, undefined],
      [{ uuid: '4c4c4544-0058-5110-8034-b7c04f505a34' }, 'bmc_unsupported'],
      [{ serial: 'iDRAC.Embedded.1' }, 'bmc_unsupported'],
    ] as const) {
      const driver = openTo(service, { ...PLAIN, system })
      const outcome: unknown = await driver.readPower(soon()).catch((error: unknown) => error)
      await driver.close()
      if (code === undefined) expect(outcome).toBe('off')
      else expect(outcome).toMatchObject({ code })
    }
  })

  test('secrets stand in no error, whatever the service writes into its own', async () => {
    const { driver } = await open({ shape: 'openbmc-like' })
    const [own] = await driver.listAccounts(soon())
    const asked = driver.changeAccount(own?.id ?? '', { password: new Password('Sh0rt!') }, soon())
    const error: unknown = await asked.catch((thrown: unknown) => thrown)
    expect(String(error)).toContain('[secret]')
    expect(String(error)).not.toContain('Sh0rt!')
  })
})
