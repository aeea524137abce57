import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { afterEach, expect, test } from 'vitest'
import { EventFeed } from '../../src/api/event-feed.ts'
import { record, type TimelineEvent } from '../../src/inventory/timeline.ts'
import { startController } from '../../src/main.ts'
import { useDatabase } from '../support/database.ts'
import { eventually, settled } from '../support/settled.ts'

const { db, url } = useDatabase()
const feeds: EventFeed[] = []
const log = pino({ level: 'silent' })

afterEach(async () => {
  for (const feed of feeds.splice(0)) await feed.close()
})

function openFeed(pollMs?: number): EventFeed {
  const feed = new EventFeed(db, log, pollMs)
  feeds.push(feed)
  return feed
}

/** Follows and collects until the end or `signal`. */
async function collect(feed: EventFeed, after?: number, signal = new AbortController().signal) {
  const seen: TimelineEvent[] = []
  const batches = await feed.follow(after, {}, signal)
  const ended = (async () => {
    for await (const events of batches) seen.push(...events)
  })()
  return { seen, ended }
}

const write = (count: number, kind = 'x') =>
  record(
    db,
    Array.from({ length: count }, () => ({ source: 'test', kind })),
  )
const idsOf = (events: readonly TimelineEvent[]) => events.map(event => event.id)

test('what was told to nobody is found by looking now and then', async () => {
  const feed = openFeed(50)
  const { seen } = await collect(feed)
  await write(3)
  await eventually(() => expect(seen).toHaveLength(3))
})

test('an event that comes while nothing was new is told as soon as it is hinted', async () => {
  const feed = openFeed()
  const { seen } = await collect(feed)
  feed.hint()
  // By now it looks again only every few hundred milliseconds.
  await sleep(850)
  await write(1)
  const startedAt = performance.now()
  feed.hint()
  await eventually(() => expect(seen).toHaveLength(1))
  expect(performance.now() - startedAt).toBeLessThan(500)
})

test('followers who come and go at the same moment never set the feed back', async () => {
  const feed = openFeed()
  for (let round = 0; round < 15; round++) {
    const start = await settled(db)
    const leave = new AbortController()
    const early = collect(feed, start, leave.signal)
    const writing = [write(20), write(20), write(20)].map(done => done.then(() => feed.hint()))
    const late = [0, 1, 2].map(ms => sleep(ms).then(() => collect(feed, start, leave.signal)))
    await Promise.all(writing)
    for (const { seen } of await Promise.all([early, ...late])) {
      await eventually(() => expect(seen.length).toBeGreaterThanOrEqual(60))
      expect(new Set(idsOf(seen)).size).toBe(60)
      expect(seen).toHaveLength(60)
    }
    leave.abort()
    await eventually(() => expect(feed.followers.size).toBe(0))
  }
})

test('whoever comes back with an event that this feed has not handed out yet does not get it again', async () => {
  const feed = openFeed()
  const { seen } = await collect(feed)
  // Nobody hints: the feed is behind, and the client has read elsewhere.
  await write(5)
  const last = await settled(db)
  const { seen: resumed } = await collect(feed, last)
  await write(1, 'next')
  feed.hint()
  await eventually(() => expect(seen).toHaveLength(6))
  await eventually(() => expect(resumed.map(event => event.kind)).toEqual(['next']))
})

test('a follower that takes nothing is cut off, and nothing is kept for it', async () => {
  const feed = openFeed()
  const batches = await feed.follow(undefined, {}, new AbortController().signal)
  const quick = await collect(feed)
  for (let round = 0; round < 3; round++) await write(3_600)
  feed.hint()
  await eventually(() => expect(quick.seen).toHaveLength(10_800))
  expect(feed.followers.size).toBe(1)
  expect(await batches.next()).toEqual({ done: true, value: undefined })
})

test('a client that does not read does not keep the controller from stopping', async () => {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'rackwright-controller-'))
  const said: string[] = []
  const controller = await startController(
    {
      environment: {
        RACKWRIGHT_DATABASE: url,
        RACKWRIGHT_DATA_DIR: dataDir,
        RACKWRIGHT_API_LISTEN: '127.0.0.1:0',
        RACKWRIGHT_LOG: 'silent',
      },
      say: line => said.push(line),
    },
    () => undefined,
  )
  const token = /RACKWRIGHT_TOKEN=(\S+)/.exec(said.join('\n'))?.[1]
  const padding = 'x'.repeat(100_000)
  await record(
    db,
    Array.from({ length: 300 }, () => ({ source: 'test', kind: 'large', data: { padding } })),
  )
  const { hostname, port } = new URL(controller.url)
  const socket = connect(Number(port), hostname)
  socket.write(`GET /v1/events?after=0 HTTP/1.1\r\nhost: x\r\naccept: text/event-stream\r\n`)
  socket.write(`authorization: Bearer ${token}\r\n\r\n`)
  socket.on('error', () => undefined)
  await new Promise(resolve => socket.once('readable', resolve))
  await sleep(300)
  const startedAt = performance.now()
  await controller.stop()
  expect(performance.now() - startedAt).toBeLessThan(2_000)
  socket.destroy()
  await rm(dataDir, { recursive: true, force: true })
})
