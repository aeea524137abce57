import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SuiteId } from '../../../src/bmc/ipmi/wire/suites.ts'
import { Password } from '../../../src/bmc/password.ts'
import { listen } from './support/console.ts'
import { EVENTS, startIpmiSim } from './support/ipmi-sim.ts'
import { soon, useLab } from './support/lab.ts'

const lab = useLab()

interface Subject {
  readonly port: number
  /** What it told its machine to boot from last. */
  readonly bootSeen: () => Promise<string>
  readonly stop: () => Promise<void>
}
interface Row {
  readonly name: string
  readonly suite: SuiteId
  readonly start: () => Promise<Subject>
  /**
   * OpenIPMI's drops the valid, persistent and EFI bits of the boot flags, stamps records with its own time, calls every
   * password right that is tested, lets an operator in as administrator, and has no DCMI. (2.0.33, seen with ipmitool, too.)
   */
  readonly isOurs: boolean
}

async function startOurs(suite: SuiteId): Promise<Subject> {
  const { bmc, machine, port } = await lab.start({ suites: [suite] })
  for (const { type, body } of EVENTS) bmc.content.sel.append(type, body)
  const bootSeen = async () => {
    machine.control('reset')
    return String(machine.starts.at(-1)?.device)
  }
  return { port, bootSeen, stop: async () => undefined }
}

async function startTheirs(): Promise<Subject> {
  const { port, chassisLog, stop } = await startIpmiSim()
  return { port, stop, bootSeen: async () => /.*boot (\S+)/s.exec(await chassisLog())?.[1] ?? '' }
}

const SUBJECTS: readonly Row[] = [
  { name: "OpenIPMI's ipmi_sim, suite 3", suite: 3, start: startTheirs, isOurs: false },
  { name: 'virtual BMC, suite 3', suite: 3, start: () => startOurs(3), isOurs: true },
  { name: 'virtual BMC, suite 17', suite: 17, start: () => startOurs(17), isOurs: true },
]

describe.each(SUBJECTS)('$name', ({ suite, start, isOurs }) => {
  let subject: Subject
  beforeAll(async () => {
    subject = await start()
  })
  afterAll(() => subject.stop())
  const open = (change: Parameters<typeof lab.open>[1] = {}) => lab.open(subject.port, change)

  test('finds the cipher suite once, and tells it to be kept', async () => {
    const { driver, learned } = open()
    await driver.readPower(soon())
    await driver.readPower(soon())
    expect(learned).toEqual([{ cipherSuite: suite, quirks: [] }])
    const { driver: second, learned: nothing } = open({ known: { cipherSuite: suite } })
    await second.readPower(soon())
    expect(nothing).toEqual([])
  })

  test('switches off and on, and asking for what is already so is no error', async () => {
    const { driver } = open()
    await driver.sendPower('off', soon())
    expect(await driver.readPower(soon())).toBe('off')
    await driver.sendPower('off', soon())
    await driver.sendPower('on', soon())
    expect(await driver.readPower(soon())).toBe('on')
    await driver.sendPower('on', soon())
    await driver.sendPower('reset', soon())
    expect(await driver.readPower(soon())).toBe('on')
  })

  test.each([
    { user: 'admin', password: 'not-the-secret', words: /another password for user 'admin'/ },
    { user: 'nobody-here', password: 'not-the-secret', words: /'nobody-here': status 0dh, 'unauthorized name'/ },
  ])('tells a wrong login of $user from everything else, without the password', async ({ user, password, words }) => {
    const { driver } = open({ user, password: new Password(password) })
    const error = await driver.readPower(soon()).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'bmc_auth', message: expect.stringMatching(words) })
    expect(JSON.stringify(error) + String((error as Error).stack)).not.toContain(password)
  })

  test('tells who made it and which machine it is', async () => {
    const identity = await open().driver.readIdentity?.(soon())
    expect(identity).toMatchObject({ manufacturer: 'IPMI forum', product: 'Metal One' })
    expect(identity?.systemIds).toHaveLength(3)
  })

  test('sets the boot device, and the machine is told', async () => {
    const { driver } = open()
    await driver.setBoot?.({ device: 'pxe', mode: 'uefi', persistent: true }, soon())
    expect(await subject.bootSeen()).toBe('pxe')
    if (!isOurs) return
    expect(await driver.readBoot?.(soon())).toEqual({ device: 'pxe', mode: 'uefi', persistent: true })
    await driver.setBoot?.({ device: 'cdrom', mode: 'bios', persistent: false }, soon())
    expect(await driver.readBoot?.(soon())).toEqual({ device: 'cdrom', mode: 'bios', persistent: false })
    expect(await subject.bootSeen()).toBe('cdrom')
    expect(await driver.readBoot?.(soon())).toBeUndefined()
    await driver.setBoot?.({ device: 'bios', mode: 'uefi', persistent: true }, soon())
    await driver.setBoot?.({ device: 'none', mode: 'uefi', persistent: false }, soon())
    expect(await driver.readBoot?.(soon())).toBeUndefined()
  })

  test('reads sensors with their units, thresholds and states', async () => {
    const readings = (await open().driver.readSensors?.(soon())) ?? []
    const short = readings.map(({ name, value, unit, states }) => [name, value, unit, states.join(', ')])
    expect(short).toEqual([
      ['CPU1 Temp', 45, '°C', ''],
      ['Inlet Temp', -5, '°C', ''],
      ['Fan1', 5400, 'RPM', ''],
      ['12V', 12.096, 'V', ''],
      ['VBAT', 3.03, 'V', ''],
      ['PSU1 Power', 211, 'W', ''],
      ['PSU1 Load', 34, '%', ''],
      ['Leak Current', 1.44, 'A', ''],
      ['PSU1 Status', undefined, '', 'presence detected'],
      ['Intrusion', undefined, '', ''],
      ...[1, 2, 3, 4].map(slot => [`DIMM ${slot}`, undefined, '', 'presence detected']),
    ])
    const limits = { upperNonCritical: 85, upperCritical: 90, upperNonRecoverable: 95 }
    expect(readings[0]).toMatchObject({ type: 'temperature', entity: 'processor 1', thresholds: limits })
    expect(readings[4]?.thresholds).toEqual({ lowerNonCritical: 2.58, lowerCritical: 2.43 })
  })

  test('reads the log in words, and clears it', async () => {
    const { driver } = open()
    const entries = (await driver.readLog?.(soon())) ?? []
    expect(entries.map(({ sensor, words, asserted }) => [sensor, words, asserted])).toEqual([
      ['CPU1 Temp', 'upper critical going high: 92 °C, threshold 90 °C', true],
      ['PSU1 Status', 'input lost', false],
      ['watchdog 2 #77h', 'hard reset', true],
      ['', "vendor's record of Dell: 010203040506", true],
      ['', "vendor's record: 0102030405060708090a0b0c0d", true],
    ])
    const times = ['2024-03-16T18:12:16Z', '2024-03-16T18:13:16Z', undefined, '2024-03-16T18:14:16Z', undefined]
    if (isOurs) expect(entries.map(({ at }) => at)).toEqual(times)
    expect(new Set(entries.map(({ id }) => id)).size).toBe(5)
    await driver.clearLog?.(soon())
    expect(await driver.readLog?.(soon())).toEqual([])
  })

  test('reads the inventory of the machine and of its parts', async () => {
    expect(await open().driver.readParts?.(soon())).toMatchObject([
      {
        part: 'system',
        manufacturer: 'Lab Systems',
        product: 'Metal One',
        serial: 'VB000001',
        assetTag: 'AT-VB000001',
      },
      { part: 'system board', product: 'Metal One Board', serial: 'BVB000001', partNumber: '004-211.7' },
      { part: 'system chassis', product: 'rack mount chassis', serial: 'CVB000001', partNumber: 'CH-1000' },
      { part: 'PSU1 FRU', manufacturer: 'Lab Power', product: 'PSU 800', serial: 'PVB000001' },
      { part: 'Backplane', partNumber: 'BP-8' },
    ])
  })

  test('makes an account, which then may enter, and does not once it is switched off', async () => {
    const { driver } = open()
    const [short, long] = [new Password('sixteen-bytes-16'), new Password('twenty-bytes-long-20')]
    await driver.changeAccount?.('5', { name: 'deploy', password: short, role: 'operator', enabled: true }, soon())
    const accounts = (await driver.listAccounts?.(soon())) ?? []
    expect(accounts.find(({ id }) => id === '5')).toMatchObject({ name: 'deploy', role: 'operator' })
    expect(accounts.find(({ id }) => id === '2')).toMatchObject({ name: 'admin', role: 'administrator' })

    const asDeploy = (password: Password) =>
      lab.open(subject.port, { user: 'deploy', password }, { privilege: 'operator' })
    expect(await asDeploy(short).driver.readPower(soon())).toBe('on')
    await driver.changeAccount?.('5', { password: long }, soon())
    expect(await asDeploy(long).driver.readPower(soon())).toBe('on')
    expect(await driver.testPassword?.('5', long, soon())).toBe(true)
    expect(await driver.testPassword?.('5', short, soon())).toBe(!isOurs)
    await driver.changeAccount?.('5', { enabled: false }, soon())
    await expect(asDeploy(long).driver.readPower(soon())).rejects.toMatchObject({ code: 'bmc_auth' })
  })

  test('an account is refused more privilege than it has', async () => {
    const { driver } = open()
    const password = new Password('operator-1')
    await driver.changeAccount?.('6', { name: 'oper', password, role: 'operator', enabled: true }, soon())
    const { driver: asAdmin } = open({ user: 'oper', password })
    if (isOurs) await expect(asAdmin.readPower(soon())).rejects.toMatchObject({ code: 'bmc_auth' })
    else expect(await asAdmin.readPower(soon())).toBe('on')
  })

  test('lights the lamp', async () => {
    const { driver } = open()
    const steps = [{ seconds: 5 }, 'on', 'off'] as const
    for (const step of steps) await expect(driver.identify?.(step, soon())).resolves.toBeUndefined()
  })

  test('the console speaks both ways, and goes to one at a time', async () => {
    const { driver } = open()
    const console = await driver.openConsole?.({ steal: false }, soon())
    if (!console) throw new Error('no console')
    const said = listen(console)
    console.stream.write('hello')
    await said.until('hello')
    const long = '0123456789abcdef'.repeat(200)
    console.stream.write(long)
    expect(await said.until(5 + long.length)).toBe(`hello${long}`)

    const { driver: other } = open()
    await expect(other.openConsole?.({ steal: false }, soon())).rejects.toMatchObject({ code: 'bmc_busy' })
    await console.close()
    const second = await other.openConsole?.({ steal: false }, soon())
    await second?.close()
  })

  test('what it does not have is said so', async () => {
    if (isOurs) expect(await open().driver.readWatts?.(soon())).toBe(212)
    else await expect(open().driver.readWatts?.(soon())).rejects.toMatchObject({ code: 'bmc_unsupported' })
  })
})
