import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'
import { beforeAll, expect, test } from 'vitest'
import { useController } from '../support/controller.ts'
import { commandOf, start } from './support/command.ts'

const controller = useController()
const command = commandOf(controller)

beforeAll(async () => {
  await command.give(`datacenters: [{ name: lon1, dnsDomain: lon1.example.net, timeZone: Europe/London }]
machines: [{ name: m1, datacenter: lon1 }, { name: m2, datacenter: lon1 }]
`)
})

/** Reads lines of a follower until one fits. */
function linesOf(child: ChildProcess) {
  const lines: string[] = []
  let rest = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n')
    rest = parts.pop() ?? ''
    lines.push(...parts)
  })
  const until = async (fits: (line: string) => boolean) => {
    for (let waitedMs = 0; waitedMs < 10_000; waitedMs += 20) {
      if (lines.some(fits)) return
      await new Promise(resolve => setTimeout(resolve, 20))
    }
    throw new Error(`no such line among:\n${lines.join('\n')}`)
  }
  return { lines, until }
}

const setSerial = (name: string, serial: string) => command.run(['machine', 'set', name, `serial=${serial}`])

test('the timeline, from the first event or after one', async () => {
  const all = await command.run(['--json', 'events'])
  const events = all.stdout
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as { id: number; kind: string })
  expect(events.map(event => event.kind)).toContain('machine.created')
  const last = events.at(-2)?.id
  const after = await command.run(['--json', 'events', '--after', String(last)])
  expect(after.stdout.trimEnd().split('\n')).toHaveLength(1)
  const people = await command.run(['events', '--kind', 'machine.created', '--after', '0', '--limit', '1'])
  expect(people.stdout).toMatch(
    /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ +\d+ {2}m1 +machine\.created +inventory by admin {2}name=m1\n$/,
  )
})

test('what happened to one machine, the newest last', async () => {
  await setSerial('m1', 'one')
  await setSerial('m1', 'two')
  const { stdout } = await command.run(['machine', 'events', 'm1', '--limit', '2'])
  expect(
    stdout
      .trimEnd()
      .split('\n')
      .map(line => line.slice(line.indexOf('name='))),
  ).toEqual(['name=m1 serial: - -> one', 'name=m1 serial: one -> two'])
  expect(await command.run(['machine', 'events', 'nobody'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("There is no machine 'nobody'"),
  })
})

test('a follower sees what happens, until ^C', async () => {
  const child = command.start(['--json', 'machine', 'events', 'm2', '--follow'])
  const { lines, until } = linesOf(child)
  await until(line => line.includes('machine.created'))
  await setSerial('m1', 'not-for-me')
  await setSerial('m2', 'for-me')
  await until(line => line.includes('for-me'))
  expect(lines.join('\n')).not.toContain('not-for-me')
  for (const line of lines) JSON.parse(line)
  let stderr = ''
  child.stderr?.on('data', chunk => (stderr += String(chunk)))
  child.kill('SIGINT')
  const [code] = (await once(child, 'close')) as [number | null]
  expect({ code, stderr }).toEqual({ code: 130, stderr: '' })
})

test('a follower ends when nobody reads any more', async () => {
  const child = command.start(['events', '--follow', '--after', '0'])
  child.stdout?.once('data', () => child.stdout?.destroy())
  const closed = once(child, 'close')
  // It notices when it writes.
  for (let at = 0; child.exitCode === null && at < 20; at += 1) await setSerial('m1', `s${at}`)
  const [code] = (await closed) as [number | null]
  expect(code).toBe(0)
})

/** A way to the controller that can be cut. */
async function cuttableProxy() {
  const open = new Set<Socket>()
  const target = new URL(controller.url)
  const server = createServer(client => {
    const upstream = connect(Number(target.port), target.hostname)
    for (const socket of [client, upstream]) open.add(socket.on('error', () => undefined))
    client.pipe(upstream).pipe(client)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const cut = () => {
    for (const socket of open) socket.destroy()
    open.clear()
  }
  return { url: `http://127.0.0.1:${port}`, cut, close: () => (cut(), server.close()) }
}

test('a lost connection is made again, and no event is missed or doubled', async () => {
  const proxy = await cuttableProxy()
  const child = start(['--json', 'events', '--follow', '--machine', 'm2', '--after', '0'], {
    env: { RACKWRIGHT_URL: proxy.url, RACKWRIGHT_TOKEN: controller.token },
  })
  const { lines, until } = linesOf(child)
  await until(line => line.includes('machine.created'))
  for (let round = 0; round < 3; round += 1) {
    proxy.cut()
    await setSerial('m2', `round-${round}`)
    await until(line => line.includes(`"round-${round}"`))
  }
  child.kill('SIGINT')
  await once(child, 'close')
  proxy.close()
  const ids = lines.map(line => (JSON.parse(line) as { id: number }).id)
  expect(new Set(ids).size).toBe(ids.length)
  const all = await command.run(['--json', 'events', '--machine', 'm2'])
  expect(lines.join('\n')).toBe(all.stdout.trimEnd())
})

test('a follower of a controller that is not there says so and ends', async () => {
  const child = start(['events', '--follow'], { env: { RACKWRIGHT_URL: 'http://127.0.0.1:9', RACKWRIGHT_TOKEN: 'x' } })
  let stderr = ''
  child.stderr?.on('data', chunk => (stderr += String(chunk)))
  const [code] = (await once(child, 'close')) as [number]
  expect(code).toBe(1)
  expect(stderr).toContain('does not answer')
})
