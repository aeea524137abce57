import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { TftpEvent } from '../../../src/pxe/tftp/events.ts'
import { openHostFile } from '../../../src/pxe/tftp/file.ts'
import { openTftpServer, type TftpServer, type TftpServerOptions } from '../../../src/pxe/tftp/server.ts'
import { readCaptures } from '../support/captures.ts'
import { mutants, randomFrom } from '../support/mutants.ts'
import { fetchFile, openClient } from '../support/tftp-udp.ts'

const random = randomFrom(9)
const LARGE = Buffer.from(Array.from({ length: 300_000 }, () => random(256)))
const FILES = new Map([
  ['large', LARGE],
  ['empty', Buffer.alloc(0)],
])
const ANY = { address: '127.0.0.1', port: 0 }

async function serve(
  options: Partial<TftpServerOptions> = {},
): Promise<TftpServer & { port: number; events: TftpEvent[] }> {
  const events: TftpEvent[] = []
  const server = await openTftpServer({
    listen: ANY,
    resolve: async name => {
      const bytes = FILES.get(name)
      return bytes && { bytes }
    },
    limits: { transfersPerClient: 100 },
    onEvent: event => void events.push(event),
    ...options,
  })
  onTestFinished(async () => await server.stop())
  return Object.assign(server, { port: server.addresses[0]?.port ?? 0, events })
}
const rrq = (file: string) => ({ kind: 'rrq', file, mode: 'octet', options: [] }) as const

describe.each([{ singlePort: false }, { singlePort: true }])('with $singlePort as singlePort', ({ singlePort }) => {
  test('files arrive, 50 clients at once', async () => {
    const { port, events } = await serve({ singlePort })
    const clients = Array.from({ length: 50 }, (_, index) =>
      fetchFile('large', port, index % 2 === 0 ? { blksize: 1400 } : { blksize: 8192, windowsize: 4 }),
    )
    for (const bytes of await Promise.all(clients)) expect(bytes.equals(LARGE)).toBe(true)
    await vi.waitFor(() => expect(events.filter(({ kind }) => kind === 'finished')).toHaveLength(50), 5000)
  })

  test('a slow client hurts nobody', async () => {
    const { port } = await serve({ singlePort })
    const slow = fetchFile('large', port, { blksize: 60_000, slowMs: 100 })
    const beganMs = performance.now()
    for (let count = 0; count < 5; count += 1)
      expect(await fetchFile('large', port, { blksize: 8192 })).toHaveLength(300_000)
    const fastMs = performance.now() - beganMs
    expect(await slow).toHaveLength(300_000)
    expect(performance.now() - beganMs).toBeGreaterThan(fastMs)
  })

  test('a client that vanishes frees its transfer', async () => {
    const server = await serve({ singlePort, limits: { idleMs: 300 } })
    const client = await openClient()
    client.send(rrq('large'), server.port)
    await client.next()
    expect(server.active).toBe(1)
    client.close()
    await vi.waitFor(() => expect(server.active).toBe(0), 5000)
    expect(server.events.at(-1)).toMatchObject({ kind: 'failed' })
  })

  test('packets from another port kill no transfer', async () => {
    const server = await serve({ singlePort })
    const client = await openClient()
    const stranger = await openClient()
    client.send(rrq('large'), server.port)
    const { from } = await client.next()
    expect(from === server.port).toBe(singlePort)
    stranger.send({ kind: 'error', code: 0, words: 'forged' }, from)
    stranger.send({ kind: 'ack', block: 1 }, from)
    await new Promise(resolve => setTimeout(resolve, 50))
    expect(server.active).toBe(1)
    client.send({ kind: 'ack', block: 1 }, from)
    expect((await client.next()).packet).toMatchObject({ kind: 'data', block: 2 })
    client.close()
    stranger.close()
  })

  test('thousands of damaged packets stop nobody', async () => {
    const server = await serve({ singlePort, limits: { idleMs: 500, transfers: 50, transfersPerClient: 50 } })
    const client = await openClient()
    let sent = 0
    for (const bytes of mutants(21, 5000, readCaptures('tftp'))) {
      client.send(bytes, server.port)
      sent += 1
      // As many as a socket's buffer holds.
      if (sent % 100 === 0) await new Promise(resolve => setTimeout(resolve, 2))
    }
    client.close()
    expect(await fetchFile('large', server.port, { blksize: 8192 })).toHaveLength(300_000)
    expect(server.drops.malformed + server.drops.unexpected).toBeGreaterThan(1000)
    expect(server.drops.internal).toBe(0)
    await vi.waitFor(() => expect(server.active).toBe(0), 5000)
  })
})

describe('the host', () => {
  test('files of the host are read in pieces and closed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rackwright-tftp-'))
    onTestFinished(async () => await rm(folder, { recursive: true }))
    const path = join(folder, 'image')
    await writeFile(path, LARGE)
    const { port } = await serve({
      resolve: async name => (name === 'image' ? await openHostFile(path) : undefined),
      limits: { readBytes: 10_000 },
    })
    expect((await fetchFile('image', port, { blksize: 1400, windowsize: 8 })).equals(LARGE)).toBe(true)
  })

  test('no name reaches it: the tree is what it is', async () => {
    const { port } = await serve()
    for (const name of [
      '/etc/passwd',
      '../../../../etc/passwd',
      String.raw`..\..\etc\passwd`,
      'file:///etc/passwd',
      '/proc/self/environ',
    ])
      await expect(fetchFile(name, port)).rejects.toThrow(/no such|there is no file|leads out/)
  })

  test('sockets that are bound already are used, and closed at the end', async () => {
    const socket = createSocket('udp4')
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    const server = await serve({ listen: [socket] })
    expect(server.port).toBe(socket.address().port)
    expect(await fetchFile('empty', server.port)).toHaveLength(0)
    await server.stop()
    expect(() => socket.address()).toThrow()
  })

  test('a port that is taken is told', async () => {
    const { port } = await serve()
    await expect(
      openTftpServer({ listen: { address: '127.0.0.1', port }, resolve: async () => undefined }),
    ).rejects.toThrow('EADDRINUSE')
  })

  test('IPv6', async () => {
    const server = await serve({ listen: { address: '::1', port: 0 } })
    const client = createSocket('udp6')
    onTestFinished(() => void client.close())
    client.send(Buffer.from('\0\x01empty\0octet\0'), server.port, '::1')
    expect((await once(client, 'message'))[0]).toEqual(Buffer.of(0, 3, 0, 1))
  })
})

test('stopping lets transfers end, and ends those that do not', async () => {
  const server = await serve()
  const whole = fetchFile('large', server.port, { blksize: 8192, slowMs: 5 })
  const client = await openClient()
  client.send(rrq('large'), server.port)
  await client.next()
  await vi.waitFor(() => expect(server.active).toBe(2))
  const told = client.next()
  await server.stop({ graceMs: 1000 })
  expect(await whole).toHaveLength(300_000)
  // The first of what came: a repetition of block 1.
  expect((await told).packet.kind).toBe('data')
  expect(server.events.filter(({ kind }) => kind === 'failed')).toMatchObject([{ reason: 'stopping' }])
  client.close()
})
