import { describe, expect, test } from 'vitest'
import type { TftpFile } from '../../../src/pxe/tftp/file.ts'
import { encodePacket } from '../../../src/pxe/tftp/packets.ts'
import { readCapture, readCaptures } from '../support/captures.ts'
import { mutants, randomFrom } from '../support/mutants.ts'
import { CLIENT, EngineBench, settle } from '../support/tftp-engine.ts'

const kinds = (bench: EngineBench): string[] => bench.events.map(({ kind }) => kind)
const at = (port: number, address = CLIENT.address) => ({ address, port })

describe('a transfer from request to end', () => {
  test('without options: data at once', async () => {
    const bench = new EngineBench()
    await bench.ask('/boot.bin')
    expect(bench.sent).toMatchObject([{ kind: 'data', block: 1 }])
    for (const block of [1, 2, 3, 4]) bench.say({ kind: 'ack', block })
    const figures = { bytes: 2000, ms: 0, retransmissions: 0, blksize: 512, windowsize: 1 }
    const info = { id: 1, client: CLIENT, file: '/boot.bin', size: 2000 }
    expect(bench.events).toEqual([
      { ...info, kind: 'started', mode: 'octet', blksize: 512, windowsize: 1 },
      { ...info, kind: 'finished', confirmed: true, ...figures },
    ])
    expect([bench.engine.active, bench.opened, bench.closed]).toEqual([0, 1, 1])
  })

  test('with options: first what is agreed', async () => {
    const bench = new EngineBench()
    const options = [
      ['tsize', '0'],
      ['blksize', '1468'],
      ['windowsize', '4'],
    ] as const
    await bench.ask('boot.bin', { options })
    expect(bench.sent).toEqual([
      {
        kind: 'oack',
        options: [
          ['tsize', '2000'],
          ['blksize', '1468'],
          ['windowsize', '4'],
        ],
      },
    ])
    bench.say({ kind: 'ack', block: 0 })
    expect(bench.sent.slice(1)).toMatchObject([{ block: 1 }, { block: 2 }])
    bench.say({ kind: 'ack', block: 2 })
    expect(kinds(bench)).toEqual(['started', 'finished'])
  })

  test('netascii answers the size as it is sent', async () => {
    const bench = new EngineBench()
    await bench.ask('a/b.txt', { mode: 'NetASCII', options: [['tsize', '0']] })
    expect(bench.sent).toEqual([{ kind: 'oack', options: [['tsize', '6']] }])
    bench.say({ kind: 'ack', block: 0 })
    expect(bench.sent.at(-1)).toEqual({ kind: 'data', block: 1, data: Buffer.from('a\r\nb\r\n') })
  })

  test('EDK2 asks for the size, and ends: no failure', async () => {
    const bench = new EngineBench()
    bench.engine.request(readCapture('tftp', 'ovmf-2022.11-size.rrq'), CLIENT, bench.door)
    await settle()
    bench.lastSession?.receive(readCapture('tftp', 'ovmf-2022.11.error'))
    expect(bench.events.at(-1)).toMatchObject({ kind: 'probed', size: 2000 })
    expect(bench.engine.active).toBe(0)
  })

  test('an error of the client in the middle is its failure, in its words', async () => {
    const bench = new EngineBench()
    await bench.ask('boot.bin')
    bench.say({ kind: 'ack', block: 1 })
    bench.say({ kind: 'error', code: 3, words: 'disk full' })
    expect(bench.events.at(-1)).toMatchObject({
      reason: 'client-error',
      words: 'the client ended it with error 3: disk full',
      bytes: 512,
    })
  })

  test('progress is told once a second', async () => {
    const bench = new EngineBench()
    await bench.ask('boot.bin')
    bench.wait(2500)
    expect(kinds(bench)).toEqual(['started', 'progress', 'progress'])
  })

  test('a port that is closed three times is believed', async () => {
    const bench = new EngineBench()
    await bench.ask('boot.bin')
    for (let count = 0; count < 3; count += 1) bench.lastSession?.refused()
    expect(bench.events.at(-1)).toMatchObject({ kind: 'failed', reason: 'client-gone' })
  })

  test('a port that is closed when only the last ACK is missing is a success, not confirmed', async () => {
    const bench = new EngineBench()
    await bench.ask('empty')
    for (let count = 0; count < 3; count += 1) bench.lastSession?.refused()
    expect(bench.events.at(-1)).toMatchObject({ kind: 'finished', confirmed: false })
  })
})

describe('what is refused, and how', () => {
  test.each([
    ['a file that is not there', 'nothing', 'octet', 1, 'not-found'],
    ['a name that leads out', '../../etc/passwd', 'octet', 2, 'bad-name'],
    ['a name that leads out with backslashes', String.raw`boot\..\..\x`, 'octet', 2, 'bad-name'],
    ['an empty name', '', 'octet', 2, 'bad-name'],
    ['mail', 'boot.bin', 'mail', 4, 'bad-request'],
    ['a mode that is none', 'boot.bin', 'binary', 4, 'bad-request'],
    ['a name that objects have', 'constructor', 'octet', 1, 'not-found'],
  ])('%s', async (_, file, mode, code, reason) => {
    const bench = new EngineBench()
    await bench.ask(file, { mode })
    expect(bench.replies).toMatchObject([{ kind: 'error', code }])
    expect(bench.events).toMatchObject([{ kind: 'failed', reason, file }])
    expect([bench.engine.active, bench.opened]).toEqual([0, 0])
  })

  test('an empty file is not a missing one', async () => {
    const bench = new EngineBench()
    await bench.ask('empty')
    expect(bench.sent).toEqual([{ kind: 'data', block: 1, data: Buffer.alloc(0) }])
  })

  test('writing', async () => {
    const bench = new EngineBench()
    bench.engine.request(encodePacket({ kind: 'wrq', file: 'x', mode: 'octet', options: [] }), CLIENT, bench.door)
    expect(bench.replies).toEqual([{ kind: 'error', code: 2, words: 'this server is read-only' }])
  })

  test('an option that contradicts itself, with error 8', async () => {
    const bench = new EngineBench()
    await bench.ask('boot.bin', {
      options: [
        ['blksize', '512'],
        ['blksize', '1024'],
      ],
    })
    expect(bench.replies).toEqual([{ kind: 'error', code: 8, words: 'option blksize is given twice' }])
    expect([bench.engine.active, bench.opened, bench.closed]).toEqual([0, 1, 1])
  })

  test('a lookup that fails tells the client nothing of the host', async () => {
    const bench = new EngineBench({}, { resolve: async () => await Promise.reject(new Error('EACCES: /srv/secret')) })
    await bench.ask('boot.bin')
    expect(bench.replies).toEqual([{ kind: 'error', code: 0, words: 'the file could not be looked up' }])
    expect(bench.events).toMatchObject([{ reason: 'lookup-failed', words: expect.stringContaining('EACCES') }])
  })
})

describe('limits', () => {
  test('what is too long, no request, or from port 0 is dropped without an answer', async () => {
    const bench = new EngineBench()
    await bench.ask('x'.repeat(1100))
    await bench.ask('boot.bin', { client: at(0) })
    for (const packet of readCaptures('tftp').filter(bytes => (bytes[1] ?? 0) > 2))
      bench.engine.request(packet, CLIENT, bench.door)
    bench.engine.request(Buffer.alloc(0), CLIENT, bench.door)
    expect(bench.engine.drops).toMatchObject({ oversized: 1, unexpected: 7, malformed: 1 })
    expect([bench.replies, bench.events, bench.opened]).toEqual([[], [], 0])
  })

  test('of transfers in all and of one client', async () => {
    const bench = new EngineBench({ transfers: 3, transfersPerClient: 2 })
    for (const port of [1, 2, 3]) await bench.ask('boot.bin', { client: at(port) })
    for (const port of [1, 2]) await bench.ask('boot.bin', { client: at(port, '10.0.0.10') })
    expect(bench.engine.active).toBe(3)
    expect(bench.engine.drops).toMatchObject({ clientBusy: 1, busy: 1 })
    bench.engine.abort()
    expect(bench.engine.active).toBe(0)
    await bench.ask('boot.bin', { client: at(4) })
    expect(bench.engine.active).toBe(1)
  })

  test('a lookup counts, and one that never ends is given up', async () => {
    const bench = new EngineBench({ transfersPerClient: 1 }, { resolve: async () => await new Promise(() => {}) })
    await bench.ask('boot.bin', { client: at(1) })
    await bench.ask('boot.bin', { client: at(2) })
    expect(bench.engine.drops.clientBusy).toBe(1)
    bench.wait(31_000)
    expect(bench.events).toMatchObject([{ reason: 'lookup-failed' }])
    expect(bench.engine.active).toBe(0)
  })

  test('requests from forged addresses get no memory: a window is made when the client answers', async () => {
    const bench = new EngineBench({ transfers: 5000, transfersPerClient: 5000 })
    const options = [
      ['blksize', '65464'],
      ['windowsize', '64'],
    ] as const
    const before = process.memoryUsage().arrayBuffers
    for (let port = 1; port <= 1000; port += 1) await bench.ask('boot.bin', { client: at(port), options })
    expect(bench.engine.active).toBe(1000)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20_000_000)
  })

  test('a client that vanishes frees its place, its socket and its file', async () => {
    let closed = 0
    const file: TftpFile = {
      size: 4000,
      read: async (_, length) => Buffer.alloc(length),
      close: () => void (closed += 1),
    }
    const bench = new EngineBench({}, { resolve: async () => file })
    await bench.ask('boot.bin')
    bench.wait(31_000)
    expect([bench.engine.active, bench.closed, closed]).toEqual([0, 1, 1])
    expect(bench.events.at(-1)).toMatchObject({ kind: 'failed', reason: 'timeout' })
  })

  test('one that confirms a block now and then is given up, too', async () => {
    const bench = new EngineBench({ totalMs: 60_000 })
    await bench.ask('boot.bin')
    for (const block of [1, 2]) {
      bench.wait(25_000)
      bench.say({ kind: 'ack', block })
    }
    bench.wait(15_000)
    expect(bench.events.at(-1)).toMatchObject({ kind: 'failed', reason: 'too-slow' })
  })
})

describe('the same port again', () => {
  test('a repeated request is not answered twice, neither during the lookup nor before the first ACK', async () => {
    const bench = new EngineBench()
    const request = encodePacket({ kind: 'rrq', file: 'boot.bin', mode: 'octet', options: [] })
    bench.engine.request(request, CLIENT, bench.door)
    bench.engine.request(request, CLIENT, bench.door)
    await settle()
    bench.engine.request(request, CLIENT, bench.door)
    await settle()
    expect([bench.opened, bench.engine.drops.repeated]).toEqual([1, 2])
  })

  test('a machine that was reset in the middle gets its file again', async () => {
    const bench = new EngineBench()
    await bench.ask('boot.bin')
    bench.say({ kind: 'ack', block: 1 })
    await bench.ask('boot.bin')
    expect(bench.sent).toMatchObject([{ kind: 'data', block: 1 }])
    expect(bench.events.map(event => [event.id, event.kind])).toEqual([
      [1, 'started'],
      [1, 'failed'],
      [2, 'started'],
    ])
    expect([bench.opened, bench.closed, bench.engine.active]).toEqual([2, 1, 1])
  })

  test('another file replaces one that is still looked up', async () => {
    const closed: string[] = []
    const resolve = async (name: string): Promise<TftpFile> => ({
      size: 1,
      read: async () => Buffer.alloc(1),
      close: () => void closed.push(name),
    })
    const bench = new EngineBench({}, { resolve })
    bench.engine.request(encodePacket({ kind: 'rrq', file: 'one', mode: 'octet', options: [] }), CLIENT, bench.door)
    await bench.ask('two')
    expect(bench.events.map(({ file, kind }) => [file, kind])).toEqual([['two', 'started']])
    expect(closed).toEqual(['one'])
  })
})

describe('stopping', () => {
  test('waits for what is under way, and takes nothing new', async () => {
    const bench = new EngineBench()
    await bench.ask('empty')
    let stopped = false
    const stop = bench.engine.stop().then(() => (stopped = true))
    await bench.ask('boot.bin', { client: at(99) })
    expect([stopped, bench.engine.drops.stopping]).toEqual([false, 1])
    bench.say({ kind: 'ack', block: 1 })
    await stop
    expect(stopped).toBe(true)
  })

  test('or ends it, and tells the client', async () => {
    const bench = new EngineBench()
    await bench.ask('boot.bin')
    bench.engine.abort()
    await bench.engine.stop()
    expect(bench.sent.at(-1)).toEqual({ kind: 'error', code: 0, words: 'the server is stopping' })
  })
})

test('100,000 damaged packets, to the server and into its transfers, are counted and change nothing', async () => {
  const bench = new EngineBench({ transfers: 40, transfersPerClient: 20 })
  const random = randomFrom(5)
  let count = 0
  for (const bytes of mutants(6, 100_000, readCaptures('tftp'))) {
    const client = at(1 + random(60), `10.0.0.${random(3)}`)
    const session = bench.engine.session(client)
    if (session && random(2) === 0) session.receive(bytes)
    else bench.engine.request(bytes, client, bench.door)
    count += 1
    if (count % 50 === 0) await settle()
    if (count % 500 === 0) bench.wait(1000)
    expect(bench.engine.active).toBeLessThanOrEqual(40)
  }
  const { internal, malformed } = bench.engine.drops
  expect(internal).toBe(0)
  // Both ways were taken: thousands were no packets, and hundreds were requests that were served.
  expect(malformed).toBeGreaterThan(5_000)
  expect(bench.events.filter(({ kind }) => kind === 'started').length).toBeGreaterThan(300)
  bench.engine.abort()
  await settle()
  expect([bench.engine.active, bench.opened - bench.closed]).toEqual([0, 0])
})
