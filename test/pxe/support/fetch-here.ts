/**
 * `node fetch-here.ts JOB`: serves files and fetches them with clients that are not ours, in the network namespace that it
 * was started in; prints what came of each fetch as JSON. Run by `fetchInNamespace`.
 */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openHostFile } from '../../../src/pxe/tftp/file.ts'
import { openTftpServer } from '../../../src/pxe/tftp/server.ts'
import { randomFrom } from './mutants.ts'
import { type Fetched, type FetchJob, HOST } from './namespace.ts'
import { FOREIGN_CLIENTS } from './tftp-clients.ts'

const { sizes, clients, timeoutMs } = JSON.parse(process.argv[2] ?? '') as FetchJob
const folder = await mkdtemp(join(tmpdir(), 'rackwright-tftp-'))

async function writeNoise(path: string, size: number): Promise<void> {
  const random = randomFrom(size)
  const file = createWriteStream(path)
  for (let left = size; left > 0; left -= 65_536) {
    const words = Uint32Array.from({ length: 16_384 }, () => random(2 ** 32 - 1))
    if (!file.write(Buffer.from(words.buffer).subarray(0, left))) await once(file, 'drain')
  }
  file.end()
  await once(file, 'finish')
}

async function digest(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const piece of createReadStream(path)) hash.update(piece as Buffer)
  return hash.digest('hex')
}

const path = (size: number): string => join(folder, `f${size}`)
const results: Fetched[] = []
const retransmissions = new Map<string, number>()
const server = await openTftpServer({
  listen: { address: HOST, port: 0 },
  resolve: async name => (sizes.some(size => name === `f${size}`) ? await openHostFile(join(folder, name)) : undefined),
  onEvent: event => {
    if ('retransmissions' in event) retransmissions.set(event.file, event.retransmissions)
  },
})
try {
  for (const size of sizes) await writeNoise(path(size), size)
  for (const client of FOREIGN_CLIENTS.filter(({ name }) => clients.includes(name)))
    for (const size of sizes) {
      const target = join(folder, 'fetched')
      await rm(target, { force: true })
      const beganMs = performance.now()
      const what = { host: HOST, port: server.addresses[0]?.port ?? 0, file: `f${size}`, target, timeoutMs }
      const same = await client
        .fetch(what)
        .then(async () => (await digest(target)) === (await digest(path(size))))
        .catch(String)
      const seconds = (performance.now() - beganMs) / 1000
      results.push({
        client: client.name,
        size,
        same,
        seconds,
        retransmissions: retransmissions.get(`f${size}`) ?? 0,
      })
    }
} finally {
  await server.stop()
  await rm(folder, { recursive: true })
}
process.stdout.write(JSON.stringify(results))
