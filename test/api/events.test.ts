import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { afterEach, expect, test, vi } from 'vitest'
import { events as eventPages } from '../../src/api/contract/events.ts'
import { metrics } from '../../src/api/contract/system.ts'
import { tokenCreate, tokenRevoke } from '../../src/api/contract/tokens.ts'
import { record } from '../../src/inventory/timeline.ts'
import { useController } from '../support/controller.ts'
import { sendRaw } from '../support/http.ts'
import { eventually, settled } from '../support/settled.ts'
import { type EventReader, type ReadOptions, readEvents } from '../support/sse.ts'

const controller = useController()
const open: EventReader[] = []

afterEach(async () => {
  vi.useRealTimers()
  for (const reader of open.splice(0)) await reader.close()
})

async function read(options: Partial<ReadOptions> = {}): Promise<EventReader> {
  if (options.query === undefined) await newest()
  const reader = await readEvents(controller.url, { token: controller.token, ...options })
  open.push(reader)
  return reader
}

const write = (...kinds: string[]) =>
  record(
    controller.db,
    kinds.map(kind => ({ source: 'test', kind })),
  )
const kindsOf = ({ events }: EventReader) => events.map(event => event.kind)
const newest = () => settled(controller.db)
const gauge = async () => /^rackwright_event_streams (\d+)$/m.exec(await controller.client.call(metrics, {}))?.[1]
const numbered = (name: string, count: number) => Array.from({ length: count }, (_, at) => `${name}-${at}`)

test('a stream starts now, and tells each event as it happens', async () => {
  await write('before')
  const reader = await read()
  await write('live-1')
  await write('live-2', 'live-3')
  await eventually(() => expect(kindsOf(reader)).toEqual(['live-1', 'live-2', 'live-3']))
  expect(reader.events[0]).toMatchObject({ source: 'test', machine: null, job: null, actor: null, data: {} })
  expect(reader.response.headers).toMatchObject({ 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  expect(reader.response.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
})

test('it catches up from `after`, and Last-Event-ID goes before it', async () => {
  const start = await newest()
  // More than one batch of the catch-up.
  await write(...numbered('past', 1_203))
  const [whole, resumed] = [await read({ query: `after=${start}` }), await read({ query: `after=${start}` })]
  await eventually(() => expect(whole.events).toHaveLength(1_203))
  expect(kindsOf(whole)).toEqual(numbered('past', 1_203))
  const seventh = whole.events[6]?.id
  await resumed.close()
  const last = await read({ query: `after=${start}`, lastEventId: seventh })
  await eventually(() => expect(last.events).toHaveLength(1_196))
  expect(kindsOf(last)).toEqual(numbered('past', 1_203).slice(7))
})

test('filters narrow what was and what comes', async () => {
  const { client, db } = controller
  await client.open({ method: 'POST', path: '/v1/datacenters' } as never, {
    body: { name: 'f1', dnsDomain: 'f1.example.net', timeZone: 'UTC' },
  })
  const start = await newest()
  const machine = (name: string) =>
    client.open({ method: 'POST', path: '/v1/machines' } as never, { body: { name, datacenter: 'f1' } })
  await machine('watched')
  await machine('other')
  const ofMachine = await read({ query: `after=${start}&machine=watched` })
  const ofKind = await read({ query: `after=${start}&kind=seen&source=here` })
  const ofNobody = await read({ query: `after=${start}&machine=nobody` })
  const { id } = await db.selectFrom('machine').select('id').where('name', '=', 'watched').executeTakeFirstOrThrow()
  await record(db, [
    { source: 'here', kind: 'seen' },
    { source: 'there', kind: 'seen', machine: id },
    { source: 'here', kind: 'unseen' },
  ])
  const last = await read({ query: `after=${start}` })
  await eventually(() => expect(kindsOf(last)).toContain('unseen'))
  await eventually(() => expect(kindsOf(ofMachine)).toEqual(['machine.created', 'seen']))
  await eventually(() => expect(ofKind.events).toMatchObject([{ source: 'here', kind: 'seen' }]))
  expect(ofNobody.events).toEqual([])
})

test('clients that come and go while hundreds of events are written miss none and see none twice', async () => {
  const start = await newest()
  const total = 600
  let writing = true
  const writers = [0, 1, 2].map(async writer => {
    for (let at = 0; at < total / 3; at += 4) {
      await write(...numbered(`w${writer}-${at}`, 4))
      if (at % 20 === 0) await sleep(1)
    }
  })
  const comeAndGo = async (patience: number) => {
    const seen: string[] = []
    let last = start
    while (writing || seen.length < total) {
      const reader = await read({ lastEventId: last })
      await vi
        .waitFor(() => expect(reader.events.length).toBeGreaterThan(0), { timeout: 300, interval: 1 })
        .catch(() => undefined)
      await sleep(patience)
      await reader.close()
      seen.push(...kindsOf(reader))
      last = reader.events.at(-1)?.id ?? last
      if (seen.length > total) break
    }
    return seen
  }
  const clients = [0, 1, 3, 7].map(comeAndGo)
  await Promise.all(writers)
  writing = false
  await newest()
  const expected = (await pageAfter(start)).map(event => event.kind)
  expect(expected).toHaveLength(total)
  for (const seen of await Promise.all(clients)) expect(seen).toEqual(expected)
})

async function pageAfter(start: number) {
  const { items } = await controller.client.call(eventPages, { query: { after: start, limit: 1_000 } })
  return items
}

test('a hundred followers see the same, and when they go nothing of them stays', async () => {
  const readers = await Promise.all(Array.from({ length: 100 }, () => read()))
  await eventually(async () => expect(await gauge()).toBe('100'))
  await write(...numbered('all', 50))
  await eventually(() => {
    for (const reader of readers) expect(reader.events).toHaveLength(50)
  })
  for (const reader of readers) expect(kindsOf(reader)).toEqual(numbered('all', 50))
  await Promise.all(readers.map(reader => reader.close()))
  await eventually(async () => expect(await gauge()).toBe('0'))
})

test('clients that go in the middle of a long answer leave nothing behind', async () => {
  const start = await newest()
  const padding = 'x'.repeat(2_000)
  await record(
    controller.db,
    numbered('long', 3_000).map(kind => ({ source: 'test', kind, data: { padding } })),
  )
  for (let round = 0; round < 20; round++) {
    const reader = await read({ query: `after=${start}` })
    if (round % 2 === 0) await sleep(round)
    await reader.close()
  }
  await eventually(async () => expect(await gauge()).toBe('0'))
})

test('it goes on when the connection that listens was killed', async () => {
  const reader = await read()
  await sql`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and application_name like 'rackwright listen%'`.execute(controller.db)
  await write('while-deaf')
  await eventually(() => expect(kindsOf(reader)).toEqual(['while-deaf']))
  await write('heard-again')
  await eventually(() => expect(kindsOf(reader)).toEqual(['while-deaf', 'heard-again']))
})

test('a quiet stream beats, and ends soon after its token was revoked', async () => {
  const { client } = controller
  const { token } = await client.call(tokenCreate, { body: { name: 'watcher', role: 'viewer' } })
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  const reader = await read({ token })
  vi.advanceTimersByTime(15_000)
  await eventually(() => expect(reader.comments).toEqual([': still here']))
  await client.call(tokenRevoke, { params: { name: 'watcher' } })
  vi.advanceTimersByTime(15_000)
  await reader.ended
  expect(reader.comments).toEqual([': still here', ': still here'])
})

test('HEAD of a stream ends at once', async () => {
  const reply = await sendRaw(controller.url, {
    method: 'HEAD',
    path: '/v1/events',
    token: controller.token,
    headers: { accept: 'text/event-stream' },
  })
  expect(reply.status).toBe(200)
})

test('streams do not pile up listeners', async () => {
  const warnings: string[] = []
  const note = (warning: Error) => warnings.push(`${warning.name}: ${warning.message}`)
  process.on('warning', note)
  const reader = await read()
  for (let at = 0; at < 30; at++) {
    await write(`w-${at}`)
    await eventually(() => expect(reader.events).toHaveLength(at + 1))
  }
  process.off('warning', note)
  expect(warnings).toEqual([])
})
