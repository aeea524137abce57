import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TftpEvent } from '../../../src/pxe/tftp/events.ts'
import { toNetascii } from '../../../src/pxe/tftp/netascii.ts'
import { openTftpServer, type TftpServer } from '../../../src/pxe/tftp/server.ts'
import { randomFrom } from '../support/mutants.ts'
import { FOREIGN_CLIENTS, type ForeignClient } from '../support/tftp-clients.ts'

const HOST = '127.0.0.1'
const random = randomFrom(4)
/** Many line ends and carriage returns among them: what netascii changes. */
const contents = (size: number): Buffer =>
  Buffer.from(Array.from({ length: size }, () => [10, 13, 0][random(8)] ?? random(256)))
const FILES = new Map([0, 1, 511, 512, 513, 1024, 1024 * 1024].map(size => [`f${size}`, contents(size)]))

let folder: string
let server: TftpServer
const events: TftpEvent[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rackwright-tftp-'))
  server = await openTftpServer({
    listen: { address: HOST, port: 0 },
    resolve: async name => {
      const bytes = FILES.get(name)
      return bytes && { bytes }
    },
    onEvent: event => void events.push(event),
  })
})
afterAll(async () => {
  await server.stop()
  await rm(folder, { recursive: true })
})

const fetch = async (client: ForeignClient, file: string): Promise<Buffer> => {
  const target = join(folder, 'fetched')
  await rm(target, { force: true })
  await client.fetch({ host: HOST, port: server.addresses[0]?.port ?? 0, file, target })
  return await readFile(target)
}

describe.each(FOREIGN_CLIENTS.map(client => [client.name, client] as const))('%s', (_, client) => {
  test.each([...FILES.keys()])('%s', { timeout: 30_000 }, async file => {
    const bytes = FILES.get(file) ?? Buffer.alloc(0)
    // Of a mebibyte these are 131,072 blocks: the roll-over, too.
    const fetched = await fetch(client, file)
    expect(fetched.equals(client.netascii === 'as sent' ? toNetascii(bytes) : bytes)).toBe(true)
  })

  test('a file that is not there', async () => {
    // tftp-hpa exits as if all were well.
    await fetch(client, 'nothing').catch(() => {})
    expect(events.at(-1)).toMatchObject({ kind: 'failed', reason: 'not-found', file: 'nothing' })
  })
})
