import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, test } from 'vitest'
import { makeCertificate } from '../../../lab/bmc/redfish/certificate.ts'
import { SHAPES, type ShapeName } from '../../../lab/bmc/redfish/shapes.ts'
import { end, LOGIN, openLab, soon } from './support.ts'

const run = promisify(execFile)
const tls = makeCertificate()
const folder = mkdtempSync(join(tmpdir(), 'rackwright-judges-'))
const ca = join(folder, 'ca.pem')
writeFileSync(ca, tls.cert)
afterAll(() => rmSync(folder, { recursive: true }))

/** Debian's Python, for which Debian's packages are. */
const PYTHON = '/usr/bin/python3'
/** What OpenStack's bare-metal service does to a machine, with its library. */
const SUSHY = `
import json, sys, time, sushy
from sushy import auth
url, user, password = sys.argv[1:]
service = sushy.Sushy(url, auth=auth.SessionAuth(user, password))
system = service.get_system_collection().get_members()[0]
system.set_system_boot_options(target=sushy.BootSource.PXE, enabled=sushy.BootSourceOverrideEnabled.ONCE)
before = system.power_state.value
system.reset_system(sushy.ResetType.ON)
time.sleep(0.1)
system.refresh(force=True)
print(json.dumps({ 'before': before, 'after': system.power_state.value, 'uuid': system.uuid, 'manager': system.managers[0].firmware_version,
  'processors': system.processors.summary.count, 'macs': list(system.ethernet_interfaces.summary) }))
service._auth.close()
`

test('sushy boots each shape once from the network, and our driver sees that', async () => {
  await Promise.all((Object.keys(SHAPES) as ShapeName[]).map(expectSushy))
})

async function expectSushy(shape: ShapeName): Promise<void> {
  const lab = await openLab({ shape, tls })
  const { driver, service } = lab
  const args = ['-c', SUSHY, `https://127.0.0.1:${service.port}`, LOGIN.user, LOGIN.password]
  const { stdout } = await run(PYTHON, args, { env: { ...process.env, REQUESTS_CA_BUNDLE: ca } })
  expect(JSON.parse(stdout)).toMatchObject({
    before: 'Off',
    after: 'On',
    uuid: SHAPES[shape].system.UUID,
    manager: SHAPES[shape].manager.FirmwareVersion,
    macs: ['3C:EC:EF:11:22:33'],
  })
  expect(service.machine.starts).toEqual(['Pxe'])
  expect(service.sessions.open).toBe(0)
  expect(await driver.readPower(soon())).toBe('on')
  await end(lab)
}

describe('redfishtool', () => {
  const lab = openLab({ shape: 'hpe-like', tls })
  afterAll(() => end(lab))

  test('sets the boot device and turns it on; what our driver sets, it reads', async () => {
    const { driver, service } = await lab
    const tool = (...args: string[]) => {
      const login = [
        '-u',
        LOGIN.user,
        '-p',
        LOGIN.password,
        '-r',
        `127.0.0.1:${service.port}`,
        '-S',
        'Always',
        '-A',
        'Session',
      ]
      return run('redfishtool', [...login, 'Systems', '-F', ...args])
    }
    await tool('setBootOverride', 'Once', 'Pxe')
    expect(await driver.readBoot(soon())).toEqual({ device: 'pxe', mode: 'uefi', persistent: false })
    await tool('reset', 'On')
    expect(service.machine.starts).toEqual(['Pxe'])
    await driver.sendPower('off', soon())
    expect((await tool('-P', 'PowerState', 'get')).stdout).toContain('"Off"')
  })
})
