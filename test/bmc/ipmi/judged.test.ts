import { spawn } from 'node:child_process'
import { beforeAll, describe, expect, test } from 'vitest'
import { EVENTS } from './support/ipmi-sim.ts'
import { type LabBmc, useLab } from './support/lab.ts'
import { type Account, freeipmi, ipmitool } from './support/programs.ts'

/** Our virtual BMC, commanded by other people's programs: what they understand is IPMI, whatever we think of it. */
const lab = useLab()
let subject: LabBmc
const by = (suite: number): Account => ({ port: subject.port, suite })

beforeAll(async () => {
  subject = await lab.start({}, { lowPort: true })
  for (const { type, body } of EVENTS) subject.bmc.content.sel.append(type, body)
})

describe('ipmitool', () => {
  const tell = (...args: string[]) => ipmitool(by(17), ...args)

  test.each([3, 8, 17])('opens a session in suite %i', async suite => {
    expect(await ipmitool(by(suite), 'chassis', 'power', 'status')).toEqual({ code: 0, text: 'Chassis Power is on\n' })
  })

  test('finds the suite by itself, and is refused with a wrong password', async () => {
    const { code, text } = await ipmitool({ ...by(17), password: 'wrong' }, 'mc', 'info')
    expect([code, text]).toEqual([1, expect.stringMatching(/Unable to establish IPMI v2|RAKP 2 HMAC is invalid/)])
  })

  test('tells who made it', async () => {
    const { text } = await tell('mc', 'info')
    expect(text).toMatch(/Firmware Revision\s+: 1\.42\n/)
    expect(text).toMatch(/Manufacturer ID\s+: 7154/)
    expect((await tell('mc', 'selftest')).text).toContain('Selftest: passed')
  })

  test('switches the machine, and boots it from where it wants', async () => {
    const { machine } = subject
    await tell('chassis', 'bootdev', 'pxe', 'options=efiboot')
    expect((await tell('chassis', 'bootparam', 'get', '5')).text).toMatch(
      /Boot Flag Valid[^]*only next boot[^]*EFI boot[^]*Force PXE/,
    )
    expect((await tell('chassis', 'power', 'off')).text).toContain('Chassis Power Control: Down/Off')
    expect(machine.power).toBe('off')
    await tell('chassis', 'power', 'on')
    expect(machine.starts.at(-1)).toEqual({ device: 'pxe', mode: 'uefi', persistent: false })
    await tell('chassis', 'power', 'cycle')
    expect(machine.starts.at(-1)).toBeUndefined()
    for (const action of ['reset', 'diag', 'soft']) await tell('chassis', 'power', action)
    expect(machine.actions.slice(-3)).toEqual(['reset', 'nmi', 'soft-off'])
    await tell('chassis', 'power', 'on')
    expect((await tell('chassis', 'restart_cause')).text).toContain('chassis power control command')
  })

  test('reads and changes the policy, the lamp and the time', async () => {
    await tell('chassis', 'policy', 'always-on')
    expect((await tell('chassis', 'status')).text).toMatch(/Power Restore Policy\s+: always-on/)
    await tell('chassis', 'identify', '7')
    expect(subject.machine.lamp).toEqual({ seconds: 7 })
    await tell('chassis', 'identify', 'force')
    expect(subject.machine.lamp).toBe('on')
    expect((await tell('sel', 'time', 'get')).text).toMatch(/^\d\d\/\d\d\/\d+ \d\d:\d\d:\d\d/)
  })

  test('reads sensors', async () => {
    const { text } = await tell('sdr', 'elist', 'all')
    expect(text).toMatch(/CPU1 Temp\s+\| 01h \| ok\s+\|\s+3\.1 \| 45 degrees C/)
    expect(text).toMatch(/Inlet Temp\s+\| 02h \| ok\s+\| 55\.1 \| -5 degrees C/)
    expect(text).toMatch(/Fan1\s+\| 03h \| ok\s+\| 29\.1 \| 5400 RPM/)
    expect(text).toMatch(/12V\s+\| 04h \| ok\s+\|\s+7\.1 \| 12\.10 Volts/)
    expect(text).toMatch(/Leak Current\s+\| 08h \| ok\s+\|\s+7\.2 \| 1\.44 Amps/)
    expect(text).toMatch(/PSU1 Status\s+\| 10h \| ok\s+\| 10\.1 \| Presence detected/)
    expect(text).toMatch(/Virtual BMC\s+\| 00h \| ok/)
    const { text: limits } = await tell('sensor', 'get', 'VBAT')
    expect(limits).toMatch(/Sensor Reading\s+: 3\.030/)
    expect(limits).toMatch(/Lower Critical\s+: 2\.430/)
  })

  test('reads the inventory', async () => {
    const { text } = await tell('fru', 'print')
    expect(text).toMatch(/Chassis Part Number\s+: CH-1000/)
    expect(text).toMatch(/Board Mfg Date\s+: Fri Mar 14 09:26:00 2025/)
    expect(text).toMatch(/Board Part Number\s+: 004-211\.7/)
    expect(text).toMatch(/Product Serial\s+: VB000001/)
    expect(text).toMatch(/PSU1 FRU \(ID 1\)[^]*Product Name\s+: PSU 800/)
  })

  test('reads the log', async () => {
    const { text } = await tell('sel', 'elist')
    expect(text).toContain(
      'Temperature CPU1 Temp | Upper Critical going high | Asserted | Reading 92 > Threshold 90 degrees C',
    )
    expect(text).toContain('Power Supply PSU1 Status | Power Supply AC lost | Deasserted')
    expect(text).toContain('OEM record c5 | 0002a2 | 010203040506')
  })

  test('makes users, who then may enter', async () => {
    await tell('user', 'set', 'name', '4', 'carol')
    await tell('user', 'set', 'password', '4', 'carols-long-password', '20')
    await tell('channel', 'setaccess', '1', '4', 'ipmi=on', 'privilege=4')
    await tell('user', 'enable', '4')
    const carol = { ...by(17), user: 'carol', password: 'carols-long-password' }
    expect((await ipmitool(carol, 'chassis', 'power', 'status')).code).toBe(0)
    expect((await tell('user', 'test', '4', '20', 'carols-long-password')).text).toContain('Success')
    expect((await tell('user', 'test', '4', '20', 'another')).code).toBe(1)
    expect((await tell('user', 'list', '1')).text).toMatch(/4\s+carol\s.*ADMINISTRATOR/)
    await tell('user', 'disable', '4')
    expect((await ipmitool(carol, 'chassis', 'power', 'status')).code).toBe(1)
  })

  test('reads and changes the network, and reads what is drawn', async () => {
    await tell('lan', 'set', '1', 'ipaddr', '192.0.2.77')
    const { text } = await tell('lan', 'print', '1')
    expect(text).toMatch(/IP Address\s+: 192\.0\.2\.77\n/)
    expect(text).toMatch(/MAC Address\s+: 02:56:00:00:00:01\n/)
    expect(text).toMatch(/RMCP\+ Cipher Suites\s+: 3,8,12,17\n/)
    expect((await tell('dcmi', 'power', 'reading')).text).toMatch(/Instantaneous power reading:\s+212 Watts/)
    expect((await tell('sol', 'info', '1')).text).toMatch(/Enabled\s+: true/)
  })

  test('types on the console', async () => {
    const args = `-I lanplus -C 17 -H 127.0.0.1 -p ${subject.port} -U admin -P secret`
    const text = await typeInto(`ipmitool ${args} sol activate`, /operational/, 'hello\r', '~.')
    expect(text).toContain('hello')
    expect(subject.bmc.sol.owner).toBeUndefined()
  })
})

describe('FreeIPMI', () => {
  const tell = (program: string, ...args: string[]) => freeipmi(program, by(17), ...args)

  test.each([3, 8, 12, 17])('opens a session in suite %i', async suite => {
    expect((await freeipmi('ipmipower', by(suite), '--stat')).text).toBe('127.0.0.1: on\n')
  })

  test('switches the machine', async () => {
    const { machine } = subject
    expect((await tell('ipmipower', '--off', '--wait-until-off')).text).toBe('127.0.0.1: ok\n')
    expect(machine.power).toBe('off')
    expect((await tell('ipmipower', '--on', '--wait-until-on')).text).toBe('127.0.0.1: ok\n')
    const actions = ['cycle', 'reset', 'pulse', 'soft'] as const
    for (const action of actions) expect((await tell('ipmipower', `--${action}`)).text).toBe('127.0.0.1: ok\n')
    expect(machine.actions.slice(-4)).toEqual(['cycle', 'reset', 'nmi', 'soft-off'])
    await tell('ipmipower', '--on')
  })

  test('reads the chassis, and lights the lamp', async () => {
    const { text } = await tell('ipmi-chassis', '--get-chassis-status')
    expect(text).toMatch(/System Power\s+: on\n/)
    expect((await tell('ipmi-chassis', '--chassis-identify=9')).code).toBe(0)
    expect(subject.machine.lamp).toEqual({ seconds: 9 })
  })

  test('reads who made it', async () => {
    expect((await tell('bmc-info', '--get-device-id')).text).toMatch(/Firmware Revision\s+: 1\.42/)
    expect((await tell('bmc-info', '--get-device-guid')).code).toBe(0)
    expect((await tell('bmc-info', '--get-system-guid')).code).toBe(0)
  })

  test('reads sensors', async () => {
    const { text } = await tell('ipmi-sensors', '--output-sensor-thresholds')
    expect(text).toMatch(/Inlet Temp\s+\| Temperature\s+\| -5\.00\s+\| C\s+\| -20\.00/)
    expect(text).toMatch(/PSU1 Power\s+\| Other Units Based Sensor \| 211\.00\s+\| W/)
    expect(text).toMatch(/Leak Current\s+\| Current\s+\| 1\.44\s+\| A/)
    expect(text).toMatch(/DIMM\s+\| Memory\s.*'Presence detected'/)
  })

  test('reads the inventory', async () => {
    const { text } = await tell('ipmi-fru')
    expect(text).toContain('FRU Chassis Part Number: CH-1000')
    expect(text).toContain('FRU Product Serial Number: VB000001')
    expect(text).toContain('FRU Power Supply Overall Capacity: 800 Watts')
    expect(text).toContain('FRU DC Output Nominal Voltage: 12000 mV')
    expect(text).toContain('FRU Management Access System Name: psu1.rack')
  })

  test('reads what is drawn, and the boot flags', async () => {
    expect((await tell('ipmi-dcmi', '--get-system-power-statistics')).text).toMatch(/Current Power\s+: 212 watts/i)
    subject.bmc.power.bootFlags = Buffer.from('e018000000', 'hex')
    const { text } = await tell('ipmi-config', '--category=chassis', '--checkout', '--section=Chassis_Boot_Flags')
    expect(text).toMatch(/Boot_Flags_Persistent\s+Yes[^]*BIOS_Boot_Type\s+EFI[^]*Boot_Device\s+BIOS-SETUP/)
  })

  test('reads users and the network', async () => {
    const { text } = await tell('ipmi-config', '--category=core', '--checkout', '--section=User2')
    expect(text).toMatch(/Username\s+admin/)
    expect(text).toMatch(/Lan_Privilege_Limit\s+Administrator/)
    const { text: lan } = await tell('ipmi-config', '--category=core', '--checkout', '--section=Lan_Conf')
    expect(lan).toMatch(/Subnet_Mask\s+255\.255\.255\.0/)
  })

  test('types on the console', async () => {
    const args = `-h 127.0.0.1:${subject.port} -I 17 -l admin -u admin -p secret`
    const text = await typeInto(`ipmiconsole ${args}`, /SOL established/, 'print 3000\r', '&.')
    expect(text).toContain('0123456789abcdef'.repeat(100))
    expect(subject.bmc.sol.owner).toBeUndefined()
  })

  test('reads the log, and clears it', async () => {
    const { text } = await tell('ipmi-sel')
    expect(text).toMatch(
      /CPU1 Temp\s+\| Temperature\s+\| Upper Critical - going high ; Sensor Reading = 92\.00 C ; Threshold = 90\.00 C/,
    )
    expect((await tell('ipmi-sel', '--clear')).code).toBe(0)
    expect(subject.bmc.content.sel.info[1]).toBe(0)
  })
})

test('a cold reset ends every session', async () => {
  expect((await ipmitool(by(17), 'mc', 'reset', 'cold')).text).toContain('Sent cold reset command')
  expect(subject.bmc.sessions.active).toBe(0)
})

/** Types into a program that wants a terminal, once it says `ready`; ends with its escape keys. */
function typeInto(command: string, ready: RegExp, line: string, escape: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` }
    const child = spawn('script', ['-qec', command, '/dev/null'], { env, timeout: 15_000 })
    let text = ''
    let typed = false
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1')
      if (typed || !ready.test(text)) return
      typed = true
      child.stdin.write(line)
      setTimeout(() => child.stdin.write(escape), 700)
    })
    child.once('error', reject)
    child.once('close', () => resolve(text))
  })
}
