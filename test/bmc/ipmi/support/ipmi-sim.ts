import { type ChildProcess, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { FRUS } from '../../../../lab/bmc/ipmi/content/fru.ts'
import { encodeSdrs } from '../../../../lab/bmc/ipmi/content/sdr.ts'
import { SENSORS } from '../../../../lab/bmc/ipmi/content/sensors.ts'

/** What is in the log of every BMC that the contract is held against: type of record, and what follows it. */
export const EVENTS: readonly { type: number; body: readonly number[] }[] = [
  { type: 0x02, body: [0x00, 0xe1, 0xf5, 0x65, 0x20, 0x00, 0x04, 0x01, 0x01, 0x01, 0x59, 92, 90] },
  { type: 0x02, body: [0x3c, 0xe1, 0xf5, 0x65, 0x20, 0x00, 0x04, 0x08, 0x10, 0xef, 0x03, 0xff, 0xff] },
  { type: 0x02, body: [0x10, 0x00, 0x00, 0x00, 0x20, 0x00, 0x04, 0x23, 0x77, 0x6f, 0xc1, 0x04, 0xff] },
  { type: 0xc5, body: [0x78, 0xe1, 0xf5, 0x65, 0xa2, 0x02, 0x00, 1, 2, 3, 4, 5, 6] },
  { type: 0xe1, body: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13] },
]

const START_TIMEOUT_MS = 5_000

/** OpenIPMI's simulated BMC, with the same machine behind it as a virtual BMC of ours. It speaks suite 3 only. */
export interface IpmiSim {
  readonly port: number
  /** What it told its chassis program, a line a call. */
  readonly chassisLog: () => Promise<string>
  readonly stop: () => Promise<void>
}

export async function startIpmiSim(): Promise<IpmiSim> {
  const folder = await mkdtemp(join(tmpdir(), 'rackwright-ipmi-sim-'))
  const [port, serial] = [await freeUdpPort(), await startEcho()]
  await mkdir(join(folder, 'state'))
  await writeFile(join(folder, 'power'), '1')
  await writeFile(join(folder, 'chassis'), chassisProgram(folder))
  await chmod(join(folder, 'chassis'), 0o700)
  await writeFile(join(folder, 'lan.conf'), lanConfig(folder, port, serial.port))
  await writeFile(join(folder, 'sim.emu'), emulation())
  const args = ['-n', '-c', join(folder, 'lan.conf'), '-f', join(folder, 'sim.emu'), '-s', join(folder, 'state')]
  const child = spawn('ipmi_sim', args, { stdio: ['ignore', 'pipe', 'pipe'] })
  await Promise.race([untilAnswers(port), failure(child)])
  return {
    port,
    chassisLog: () => readFile(join(folder, 'log'), 'utf8').catch(() => ''),
    stop: async () => {
      const ended = once(child, 'close')
      child.kill()
      await Promise.all([ended, serial.stop()])
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** It is called as `chassis get power`, `chassis set power 1`, `chassis set boot pxe`, ... */
const chassisProgram = (folder: string) => `#!/bin/sh
cd ${folder}
verb=$1; shift
[ "$verb" = set ] && echo "$*" >> log
while [ $# -gt 0 ]; do
  case "$verb $1" in
    "get power") echo "power:$(cat power)"; shift ;;
    "get boot") echo "boot:default"; shift ;;
    "set power") echo "$2" > power; shift 2 ;;
    *) shift 2 ;;
  esac
done
`

const lanConfig = (folder: string, port: number, serialPort: number) => `name "sim"
set_working_mc 0x20
  startlan 1
    addr 127.0.0.1 ${port}
    priv_limit admin
    allowed_auths_callback none md2 md5 straight
    allowed_auths_user none md2 md5 straight
    allowed_auths_operator none md2 md5 straight
    allowed_auths_admin none md2 md5 straight
    guid a123456789abcdefa123456789abcdef
  endlan
  chassis_control "${folder}/chassis"
  sol "tcp:127.0.0.1:${serialPort}" 115200
  user 1 true "" "nobody" user 10 none md2 md5 straight
  user 2 true "admin" "secret" admin 10 none md2 md5 straight
`

const hex = (bytes: Iterable<number>) => [...bytes].map(byte => `0x${byte.toString(16).padStart(2, '0')}`).join(' ')

/** The sensors, records and inventory of our virtual BMCs, in its language. */
function emulation(): string {
  const sensors = SENSORS.filter(row => !row.eventOnly).flatMap(row => {
    const numbers = Array.from({ length: row.share ?? 1 }, (_, index) => row.number + index)
    return numbers.flatMap(number => {
      const lines = [`sensor_add 0x20 0 ${number} ${row.type} ${row.eventType}`]
      if (row.factors) lines.push(`sensor_set_value 0x20 0 ${number} ${row.raw} 0`)
      const values = Array.from({ length: 6 }, (_, index) => row.thresholds?.[index])
      const mask = values
        .map(value => (value === undefined ? '0' : '1'))
        .toReversed()
        .join('')
      const bytes = values
        .map(value => value ?? 0)
        .toReversed()
        .join(' ')
      if (row.thresholds) lines.push(`sensor_set_threshold 0x20 0 ${number} readable ${mask} ${bytes}`)
      const enable = `sensor_set_event_support 0x20 0 ${number} enable scanning per-state`
      lines.push([enable, ...Array.from({ length: 4 }, () => '0'.repeat(15))].join(' '))
      for (let bit = 0; bit < 8; bit++)
        if ((row.states ?? 0) & (1 << bit)) lines.push(`sensor_set_bit 0x20 0 ${number} ${bit} 1 0`)
      return lines
    })
  })
  const frus = FRUS.map(({ id, encode }) => {
    const bytes = encode('VB000001')
    return `mc_add_fru_data 0x20 ${id} ${bytes.length} data ${hex(bytes)}`
  })
  return [
    'mc_setbmc 0x20',
    'mc_add 0x20 0x20 no-device-sdrs 0x01 1 0x42 0x9f 0x1bf2 0x0001',
    'sel_enable 0x20 1000 0x0a',
    ...EVENTS.map(({ type, body }) => `sel_add 0x20 ${type} ${hex(body)}`),
    ...encodeSdrs().map(sdr => `main_sdr_add 0x20 ${hex(sdr)}`),
    ...sensors,
    ...frus,
    'mc_enable 0x20',
    '',
  ].join('\n')
}

async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  await new Promise<void>(done => socket.close(done))
  return port
}

/** The machine's serial port: it echoes. */
async function startEcho(): Promise<{ port: number; stop: () => Promise<void> }> {
  const sockets = new Set<Socket>()
  const server: Server = createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.pipe(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the echo has no port')
  return {
    port: address.port,
    stop: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise(done => server.close(done))
    },
  }
}

/** Asks with presence pings until one is answered. */
async function untilAnswers(port: number): Promise<void> {
  const socket = createSocket('udp4')
  socket.on('error', () => undefined)
  const answered = once(socket, 'message')
  const ping = Buffer.from('0600ff06000011be80010000', 'hex')
  const deadline = Date.now() + START_TIMEOUT_MS
  let up = false
  void answered.then(() => (up = true))
  while (!up && Date.now() < deadline) {
    socket.send(ping, port, '127.0.0.1')
    await sleep(20)
  }
  socket.close()
  if (!up) throw new Error(`ipmi_sim did not answer within ${START_TIMEOUT_MS} ms`)
}

/** Rejects if it ends, or could not be started. */
async function failure(child: ChildProcess): Promise<never> {
  let text = ''
  for (const output of [child.stdout, child.stderr]) output?.on('data', (chunk: Buffer) => (text += chunk.toString()))
  const [code] = await once(child, 'close')
  throw new Error(`ipmi_sim ended with ${String(code)}: ${text}`)
}
