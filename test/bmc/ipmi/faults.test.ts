import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { FaultScript } from '../../../lab/bmc/ipmi/faults.ts'
import { IpmiClient } from '../../../src/bmc/ipmi/client.ts'
import { getDeviceId } from '../../../src/bmc/ipmi/commands/device.ts'
import { chassisControl, getChassisStatus } from '../../../src/bmc/ipmi/commands/chassis.ts'
import { Password } from '../../../src/bmc/password.ts'
import { FAST, HASTY, soon, useLab } from './support/lab.ts'

const lab = useLab()
const known = { cipherSuite: 17 }
const withFaults = (faults: FaultScript) => lab.start({ faults, seed: 7 })

function openClient(port: number, timing = FAST): IpmiClient {
  const target = { address: '127.0.0.1', port, user: 'admin', password: new Password('secret'), known }
  return new IpmiClient(target, { connectUdp: lab.pool.connect, onLearned: () => undefined }, { timing })
}

describe('on a bad network', () => {
  test.each<{ name: string; faults: FaultScript; counted: 'resent' | 'damaged' | 'stray' | 'replayed' }>([
    { name: 'lossy', faults: { network: { loss: 0.1 } }, counted: 'resent' },
    { name: 'damaging', faults: { network: { damage: 0.1 } }, counted: 'damaged' },
    { name: 'doubling', faults: { network: { duplicate: 0.3 } }, counted: 'replayed' },
    { name: 'reordering', faults: { network: { reorder: 0.1 } }, counted: 'resent' },
    { name: 'replaying', faults: { network: { replay: 0.3 } }, counted: 'replayed' },
    { name: 'slow', faults: { network: { delayMs: 10, jitterMs: 40 } }, counted: 'stray' },
    {
      name: 'thoroughly bad',
      faults: { network: { loss: 0.05, damage: 0.05, duplicate: 0.1, reorder: 0.05, replay: 0.1, jitterMs: 5 } },
      counted: 'damaged',
    },
  ])('every answer is right, or there is none: $name', async ({ faults, counted }) => {
    const { machine, port } = await withFaults(faults)
    const client = openClient(port)
    const run = client.runner(soon())
    for (let count = 0; count < 25; count++) {
      machine.power = count % 3 === 0 ? 'off' : 'on'
      expect((await run(getChassisStatus)).powered).toBe(machine.power === 'on')
      if (count % 5 === 0) expect(await run(getDeviceId)).toMatchObject({ manufacturerId: 7154 })
    }
    expect(client.counters[counted]).toBeGreaterThan(0)
    await client.close()
  })

  test('what must not be done twice is done once at most, however often it is sent', async () => {
    const { machine, port } = await withFaults({ network: { loss: 0.15, duplicate: 0.2, replay: 0.2 } })
    const client = openClient(port, { ...FAST, resend: { ...FAST.resend, attempts: 4 } })
    for (let count = 1; count <= 15; count++) {
      // No answer is no proof: the machine may have heard it. But it never hears it twice.
      await client
        .runner(soon())(chassisControl, 'nmi')
        .catch(() => undefined)
      expect(machine.actions.length).toBeLessThanOrEqual(count)
    }
    expect(machine.actions.length).toBeGreaterThan(10)
    await client.close()
  })

  test('only damaged packets are told from silence', async () => {
    const { port } = await withFaults({ network: { damage: 1 } })
    const { driver } = lab.open(port, { known }, { timing: HASTY })
    await expect(driver.readPower(soon())).rejects.toMatchObject({
      code: expect.stringMatching(/bad_reply|unreachable/),
    })
  })
})

describe('a BMC that is busy', () => {
  test('is asked again', async () => {
    const { machine, port } = await withFaults({ commands: [{ command: 'Chassis Control', code: 0xc0, times: 3 }] })
    await lab.open(port, { known }).driver.sendPower('reset', soon())
    expect(machine.actions).toEqual(['reset'])
  })

  test('and stays so, is said to be', async () => {
    const { machine, port } = await withFaults({ commands: [{ command: 'Chassis Control', code: 0xc0 }] })
    await expect(lab.open(port, { known }).driver.sendPower('reset', soon())).rejects.toMatchObject({
      code: 'bmc_busy',
      completion: 0xc0,
      message: expect.stringContaining('Chassis Control (netFn 00h, command 02h) to 127.0.0.1:'),
    })
    expect(machine.actions).toEqual([])
  })

  test('after a power-off, is asked until it can answer', async () => {
    const busy = { command: 'Get Chassis Status', code: 0xc0, afterPowerMs: 150 }
    const { port } = await withFaults({ commands: [busy] })
    const { driver } = lab.open(port, { known })
    await driver.sendPower('off', soon())
    expect(await driver.readPower(soon())).toBe('off')
  })
})

describe('power that is not what it seems', () => {
  test('a change under way is neither on nor off', async () => {
    const { driver } = lab.open((await withFaults({ power: { transitionalMs: 150 } })).port, { known })
    await driver.sendPower('off', soon())
    expect(await driver.readPower(soon())).toBe('transitioning')
    await sleep(160)
    expect(await driver.readPower(soon())).toBe('off')
  })

  test('a BMC that tells an old state tells the new one in the end', async () => {
    const { driver } = lab.open((await withFaults({ power: { liesMs: 150 } })).port, { known })
    await driver.sendPower('off', soon())
    expect(await driver.readPower(soon())).toBe('on')
    await sleep(160)
    expect(await driver.readPower(soon())).toBe('off')
  })

  test('an action that is accepted and not done is seen by a look', async () => {
    const { driver } = lab.open((await withFaults({ power: { ignored: true } })).port, { known })
    await driver.sendPower('off', soon())
    expect(await driver.readPower(soon())).toBe('on')
  })
})

describe('boot overrides that do not hold', () => {
  const pxe = { device: 'pxe', mode: 'uefi', persistent: false } as const

  test('another device than was asked for is seen by a look', async () => {
    const { driver } = lab.open((await withFaults({ boot: { dropsDevice: true } })).port, { known })
    await driver.setBoot?.(pxe, soon())
    expect(await driver.readBoot?.(soon())).not.toEqual(pxe)
  })

  test('an override that the machine ignores is used up, and its start tells', async () => {
    const { machine, port } = await withFaults({ boot: { ignored: true } })
    const { driver } = lab.open(port, { known })
    await driver.setBoot?.(pxe, soon())
    expect(await driver.readBoot?.(soon())).toEqual(pxe)
    await driver.sendPower('reset', soon())
    expect(machine.starts).toEqual([undefined])
  })
})

describe('a BMC that starts anew', () => {
  test('is silent for a while, and then gets a new session', async () => {
    const { bmc, port } = await withFaults({ resetMs: 400 })
    const { driver } = lab.open(port, { known })
    expect(await driver.readPower(soon())).toBe('on')
    await driver.resetBmc?.(soon())
    expect(await driver.readPower(soon())).toBe('on')
    expect(bmc.sessions.counts).toMatchObject({ opened: 2, expired: 1 })
  })

  test('without a word, is noticed: the command is repeated in a new session', async () => {
    const { bmc, port } = await withFaults({})
    const { driver } = lab.open(port, { known }, { timing: HASTY })
    expect(await driver.readPower(soon())).toBe('on')
    bmc.reset()
    expect(await driver.readPower(soon())).toBe('on')
    expect(bmc.sessions.counts.opened).toBe(2)
  })

  test('what must not be done twice is not repeated then', async () => {
    const { bmc, machine, port } = await withFaults({})
    const { driver } = lab.open(port, { known }, { timing: HASTY })
    await driver.readPower(soon())
    bmc.reset()
    await expect(driver.sendPower('reset', soon())).rejects.toMatchObject({ code: 'bmc_unreachable' })
    expect(machine.actions).toEqual([])
    await driver.sendPower('reset', soon())
    expect(machine.actions).toEqual(['reset'])
  })
})

test('a session is kept alive, and forgotten by the BMC without that', async () => {
  const { bmc, port } = await lab.start({ sessionTimeoutMs: 250 })
  const { driver } = lab.open(port, { known }, { timing: { ...FAST, keepAliveMs: 100 } })
  await driver.readPower(soon())
  await sleep(600)
  expect(bmc.sessions.taken(performance.now())).toBe(1)
  expect(bmc.sessions.counts.opened).toBe(1)
})

test('a reply that is too short says what was expected and what came', async () => {
  const { port } = await withFaults({ commands: [{ command: 'Get Chassis Status', code: 0x00 }] })
  await expect(lab.open(port, { known }).driver.readPower(soon())).rejects.toMatchObject({
    code: 'bmc_bad_reply',
    message: expect.stringMatching(
      /Get Chassis Status .* \(sent no data\): reply to Get Chassis Status: 0 bytes are too short .*; 00 came/,
    ),
  })
})

test('many at once to one BMC take their turns', async () => {
  const { port } = await withFaults({})
  const client = openClient(port)
  const run = client.runner(soon())
  const answers = await Promise.all(Array.from({ length: 100 }, () => run(getChassisStatus)))
  expect(answers.every(({ powered }) => powered)).toBe(true)
  await client.close()
})
