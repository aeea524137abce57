import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test, vi } from 'vitest'
import { Client } from '../../../src/api/contract/client.ts'
import { apply } from '../../../src/api/contract/inventory.ts'
import { Workshop } from '../../db/support/local.ts'
import { makeFleet } from '../../support/fleet.ts'
import { ControllerProcess } from '../../support/process.ts'
import { readEvents } from '../../support/sse.ts'
import { processesOf } from './processes.ts'

/** Less than any time limit of HTTP that a forgotten connection would wait for. */
const STOP_WITHIN_MS = 10_000

vi.setConfig({ testTimeout: 120_000 })
const workshop = new Workshop()
afterEach(() => workshop.end())

async function start(): Promise<{ controller: ControllerProcess; dataDir: string }> {
  const dataDir = await workshop.dataDir()
  const controller = new ControllerProcess({ dataDir })
  workshop.onEnd(() => controller.kill())
  return { controller, dataDir }
}

async function connectTo(url: string, words: string): Promise<Socket> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => undefined)
  workshop.onEnd(() => socket.destroy())
  await once(socket, 'connect')
  socket.write(words)
  return socket
}

test('a stop answers what is in hand and waits for no connection that asks for nothing', async () => {
  const { controller, dataDir } = await start()
  const url = await controller.serving
  const token = await controller.firstToken()
  const client = new Client({ url, token })
  await connectTo(url, '') // as browsers do, in case that they need it
  await connectTo(url, 'GET /healthz HT')
  const answered = await connectTo(url, 'GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n')
  await once(answered, 'data')
  const events = await readEvents(url, { token })
  const applied = client.call(apply, { body: makeFleet({ machines: 1_000 }) })
  await sleep(300)

  const askedAt = Date.now()
  expect(await controller.stop()).toEqual({ code: 0, signal: null })
  expect(Date.now() - askedAt).toBeLessThan(STOP_WITHIN_MS)
  expect((await applied).changes.filter(change => change.kind === 'machine')).toHaveLength(1_000)
  await events.ended
  expect(await processesOf(dataDir)).toEqual([])
})

test.each([0.9, 1.5, 2.2])('a stop %s s after the start leaves no process, whatever was being made', async afterS => {
  const { controller, dataDir } = await start()
  await sleep(afterS * 1_000)
  await controller.stop()
  expect(await processesOf(dataDir)).toEqual([])
})
