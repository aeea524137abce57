import { afterAll, describe, expect, test } from 'vitest'
import { makeCertificate } from '../../../lab/bmc/redfish/certificate.ts'
import { SHAPES, type ShapeName } from '../../../lab/bmc/redfish/shapes.ts'
import { Password } from '../../../src/bmc/password.ts'
import { end, LOGIN, openLab, soon } from './support.ts'

const tls = makeCertificate()

describe.each(Object.keys(SHAPES) as ShapeName[])('%s', name => {
  const shape = SHAPES[name]
  const lab = openLab({ shape: name, tls })
  afterAll(() => end(lab))

  test('tells power and changes it, also to what it is', async () => {
    const { driver, service } = await lab
    expect(await driver.readPower(soon())).toBe('off')
    await driver.sendPower('off', soon())
    await driver.sendPower('on', soon())
    expect(await driver.readPower(soon())).toBe('on')
    await driver.sendPower('on', soon())
    await driver.sendPower('reset', soon())
    await driver.sendPower('cycle', soon())
    await driver.sendPower('nmi', soon())
    expect(service.machine.starts).toHaveLength(3)
    await driver.sendPower('soft-off', soon())
    expect(await driver.readPower(soon())).toBe('off')
  })

  test('sets, reads back and removes boot overrides', async () => {
    const { driver, service } = await lab
    expect(await driver.readBoot(soon())).toBeUndefined()
    for (const mode of ['uefi', 'bios'] as const)
      for (const persistent of [false, true])
        for (const device of ['pxe', 'cdrom', 'disk', 'bios'] as const) {
          await driver.setBoot({ device, mode, persistent }, soon())
          expect(await driver.readBoot(soon())).toEqual({ device, mode, persistent })
        }
    await driver.setBoot({ device: 'none', mode: 'uefi', persistent: false }, soon())
    expect(await driver.readBoot(soon())).toBeUndefined()
    await driver.setBoot({ device: 'pxe', mode: 'uefi', persistent: false }, soon())
    await driver.sendPower('on', soon())
    expect(service.machine.starts.at(-1)).toBe('Pxe')
    expect(await driver.readBoot(soon())).toBeUndefined()
    const unknown = driver.setBoot({ device: 'disk-safe-mode', mode: 'uefi', persistent: false }, soon())
    await expect(unknown).rejects.toMatchObject({ code: 'bmc_unsupported' })
  })

  test('lists boot entries in their order, and changes it', async () => {
    const { driver, service } = await lab
    expect((await driver.readBootEntries(soon())).map(({ name: entry }) => entry)).toEqual(['PXE IPv4', 'Disk'])
    await driver.setBootOrder(['Boot0002', 'Boot0001'], soon())
    expect(service.state.bootOrder).toEqual(['Boot0002', 'Boot0001'])
  })

  test('knows which machine it is', async () => {
    const { driver } = await lab
    const identity = await driver.readIdentity(soon())
    expect(identity.systemIds).toContain(shape.system.UUID)
    expect(identity.serial).toBe(name === 'dell-like' ? shape.system.SKU : shape.system.SerialNumber)
    expect(identity.product).toBe(name === 'supermicro-like' ? 'Supermicro 1U' : shape.system.Model)
    expect(identity.firmware).toBe(shape.manager.FirmwareVersion)
  })

  test('reads sensors, power, parts and firmware', async () => {
    const { driver } = await lab
    const sensors = await driver.readSensors(soon())
    expect(sensors.find(sensor => sensor.name === 'Inlet')).toMatchObject({
      value: 23.5,
      unit: 'Cel',
      thresholds: { upperCritical: 45 },
    })
    expect(sensors.map(sensor => sensor.name)).toEqual(expect.arrayContaining(['Inlet', 'Fan 1', '12V']))
    expect(await driver.readWatts(soon())).toBe(217)
    const { parts, nics } = await driver.readHardware(soon())
    expect(parts.map(part => part.kind)).toEqual(['processor', 'memory', 'drive'])
    expect(nics[0]).toEqual({ name: 'NIC1', mac: '3c:ec:ef:11:22:33', speedMbps: 25_000, linkUp: true })
    expect((await driver.readParts(soon()))[0]?.part).toBe('system')
    expect(await driver.readFirmware(soon())).toHaveLength(2)
  })

  test('reads the event log and clears it', async () => {
    const { driver } = await lab
    const [entry] = await driver.readLog(soon())
    expect(entry).toMatchObject({
      id: '1',
      at: '2026-03-01T09:20:30.000Z',
      words: 'The power supply 1 lost its input.',
    })
    await driver.clearLog(soon())
    expect(await driver.readLog(soon())).toEqual([])
  })

  test('makes, changes and removes accounts, and changes its own password', async () => {
    const { driver } = await lab
    const first = new Password('First-Secret-1')
    const id = await driver.createAccount({ name: 'rackwright', password: first, role: 'operator' }, soon())
    expect(await driver.listAccounts(soon())).toContainEqual({
      id,
      name: 'rackwright',
      enabled: true,
      role: 'Operator',
    })
    expect(await driver.testPassword(id, first, soon())).toBe(true)
    expect(await driver.testPassword(id, new Password('Another-Secret'), soon())).toBe(false)
    await driver.changeAccount(id, { enabled: false, role: 'user' }, soon())
    expect(await driver.testPassword(id, first, soon())).toBe(false)
    await driver.deleteAccount(id, soon())
    expect((await driver.listAccounts(soon())).map(account => account.name)).toEqual([LOGIN.user])
    const own = (await driver.listAccounts(soon()))[0]?.id ?? ''
    await driver.changeAccount(own, { password: new Password('Own-New-Secret') }, soon())
    expect(await driver.readPower(soon())).toBe('on')
    await driver.changeAccount(own, { password: new Password(LOGIN.password) }, soon())
  })

  test('inserts and ejects media, sets BIOS attributes, lights the lamp, resets the BMC', async () => {
    const { driver, service } = await lab
    await driver.insertMedia('http://192.0.2.1/agent.iso', soon())
    await driver.insertMedia('http://192.0.2.1/other.iso', soon())
    expect(await driver.readMedia(soon())).toEqual({ id: 'Cd', image: 'http://192.0.2.1/other.iso', inserted: true })
    await driver.ejectMedia(soon())
    expect((await driver.readMedia(soon())).inserted).toBe(false)
    await driver.setBios({ LogicalProc: 'Disabled' }, soon())
    expect(await driver.readBios(soon())).toMatchObject({
      now: { LogicalProc: 'Enabled' },
      pending: { LogicalProc: 'Disabled' },
    })
    await expect(driver.setBios({ LogicalPrco: 'x' }, soon())).rejects.toMatchObject({ code: 'invalid_input' })
    await driver.identify('on', soon())
    expect(service.state.lamp).toBe(true)
    await driver.identify('off', soon())
    expect(service.state.lamp).toBe(false)
    await driver.resetBmc(soon())
    expect(service.state.bmcResets).toBe(1)
  })

  test('used one session at a time, and left none', async () => {
    const { driver, service } = await lab
    await driver.close()
    expect(service.sessions.open).toBe(0)
    expect(service.sessions.counters.most).toBeLessThanOrEqual(2) // its own, and that of `testPassword`
  })
})
