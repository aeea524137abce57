/** `node scripts/record-ipmi.ts`: records test/captures/ipmi anew, from programs of others, our client and our virtual BMC. */
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { VirtualBmc } from '../lab/bmc/ipmi/bmc.ts'
import { bmcConfig } from '../lab/bmc/ipmi/config.ts'
import { serveBmcs } from '../lab/bmc/ipmi/server.ts'
import { SimulatedMachine } from '../lab/bmc/simulated-machine.ts'
import { openIpmiDriver } from '../src/bmc/ipmi/driver.ts'
import { Password } from '../src/bmc/password.ts'
import { openUdpPool } from '../src/bmc/udp.ts'
import { CAPTURES, writeCapture } from '../test/bmc/ipmi/support/captures.ts'
import { startIpmiSim } from '../test/bmc/ipmi/support/ipmi-sim.ts'
import { RELAY_ADDRESS, startRelay } from '../test/bmc/ipmi/support/relay.ts'

interface Recording {
  readonly name: string
  readonly bmc: 'ipmi_sim 2.0.33' | 'our virtual BMC'
  /** A shell command, with {port} and {suite} in it; none: our client. */
  readonly command?: string
  readonly suite: number
}

const IPMITOOL = 'ipmitool -I lanplus -H 127.0.0.2 -p {port} -C {suite} -U admin -P secret'
const FREEIPMI = '-D LAN_2_0 -h 127.0.0.2:{port} -I {suite} -l admin -u admin -p secret'

const RECORDINGS: readonly Recording[] = [
  { name: 'ipmitool-to-ipmi_sim-3', bmc: 'ipmi_sim 2.0.33', suite: 3, command: `${IPMITOOL} chassis status` },
  { name: 'ipmitool-sensor-to-ipmi_sim-3', bmc: 'ipmi_sim 2.0.33', suite: 3, command: `${IPMITOOL} sdr get 12V` },
  { name: 'ipmitool-fru-to-ipmi_sim-3', bmc: 'ipmi_sim 2.0.33', suite: 3, command: `${IPMITOOL} fru print 0` },
  {
    name: 'ipmitool-wrong-password-to-ipmi_sim-3',
    bmc: 'ipmi_sim 2.0.33',
    suite: 3,
    command: `${IPMITOOL.replace('secret', 'wrong')} mc info`,
  },
  {
    name: 'ipmitool-refused-suite-17-to-ipmi_sim',
    bmc: 'ipmi_sim 2.0.33',
    suite: 17,
    command: `${IPMITOOL} -N 1 -R 1 mc info`,
  },
  {
    name: 'ipmitool-sol-to-ipmi_sim-3',
    bmc: 'ipmi_sim 2.0.33',
    suite: 3,
    command: `(sleep 1; printf 'hello\\r'; sleep 1; printf '~.') | script -qec '${IPMITOOL} sol activate' /dev/null`,
  },
  { name: 'ipmitool-to-virtual-17', bmc: 'our virtual BMC', suite: 17, command: `${IPMITOOL} chassis status` },
  { name: 'ipmitool-to-virtual-8', bmc: 'our virtual BMC', suite: 8, command: `${IPMITOOL} chassis status` },
  {
    name: 'bmc-info-to-virtual-12',
    bmc: 'our virtual BMC',
    suite: 12,
    command: `bmc-info ${FREEIPMI} --get-device-id`,
  },
  {
    name: 'bmc-info-to-virtual-17',
    bmc: 'our virtual BMC',
    suite: 17,
    command: `bmc-info ${FREEIPMI} --get-device-id`,
  },
  { name: 'ours-to-ipmi_sim-3', bmc: 'ipmi_sim 2.0.33', suite: 3 },
  { name: 'ours-to-virtual-17', bmc: 'our virtual BMC', suite: 17 },
]

async function startBmc(kind: Recording['bmc']): Promise<{ port: number; stop: () => Promise<void> }> {
  if (kind === 'ipmi_sim 2.0.33') return startIpmiSim()
  const bmc = new VirtualBmc(bmcConfig({ machine: new SimulatedMachine({ power: 'on' }) }))
  const server = await serveBmcs([{ address: '127.0.0.1', port: 0, bmc }])
  return { port: server.ports[0] ?? 0, stop: server.close }
}

function runShell(command: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` }
    const child = spawn('sh', ['-c', command], { env, stdio: 'ignore', timeout: 30_000 })
    child.once('error', reject)
    child.once('close', () => resolve())
  })
}

async function runOurs(port: number, cipherSuite: number): Promise<void> {
  const pool = openUdpPool()
  const password = new Password('secret')
  const target = { address: RELAY_ADDRESS, port, user: 'admin', password, known: { cipherSuite } }
  const driver = openIpmiDriver(target, { connectUdp: pool.connect, onLearned: () => undefined })
  const signal = AbortSignal.timeout(10_000)
  await driver.readPower(signal)
  await driver.setBoot?.({ device: 'pxe', mode: 'uefi', persistent: false }, signal)
  await driver.readIdentity?.(signal)
  await driver.close()
  await pool.close()
}

for (const { name, bmc: kind, command, suite } of RECORDINGS) {
  const bmc = await startBmc(kind)
  const relay = await startRelay(bmc.port)
  const whole = command?.replaceAll('{port}', String(bmc.port)).replaceAll('{suite}', String(suite))
  if (whole === undefined) await runOurs(bmc.port, suite)
  else await runShell(whole)
  await relay.close()
  await bmc.stop()
  const notes = [command ?? 'our client: power, boot device, identity', `to ${kind}; user admin, password secret`]
  writeFileSync(join(CAPTURES, `${name}.hex`), writeCapture(relay.packets, notes))
  console.log(`${name}: ${relay.packets.length} packets`)
}
