import { connect } from 'node:net'
import { beforeAll, describe, expect, test } from 'vitest'
import { assertProblem } from '../support/checked-client.ts'
import { fingerprint } from '../support/contents.ts'
import { useController } from '../support/controller.ts'
import { seedHostile } from '../support/hostile-site.ts'
import { type RawRequest, sendRaw } from '../support/http.ts'

const controller = useController()
beforeAll(() => seedHostile(controller))

/** Bytes of any kind, and all that comes back until the server closes. */
function exchange(bytes: string): Promise<string> {
  const { hostname, port } = new URL(controller.url)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname)
    let answer = ''
    socket.setTimeout(5_000, () => socket.destroy(new Error('the server does not close')))
    socket.on('data', chunk => (answer += chunk.toString()))
    socket.on('error', reject)
    socket.on('close', () => resolve(answer))
    socket.write(bytes)
  })
}

const bearer = () => `authorization: Bearer ${controller.token}\r\nhost: x\r\nconnection: close\r\n`

describe('bytes that are no request are answered with a problem', () => {
  const cases: [what: string, bytes: () => string, status: number, code: string][] = [
    ['garbage', () => 'hello there\r\n\r\n', 400, 'invalid_input'],
    ['TLS on a plain port', () => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n', 400, 'invalid_input'],
    ['an unknown method', () => `FROBNICATE /v1/machines HTTP/1.1\r\n${bearer()}\r\n`, 400, 'invalid_input'],
    ['an unknown version', () => `GET /v1/machines HTTP/9.9\r\n${bearer()}\r\n`, 400, 'invalid_input'],
    ['a header with U+0000', () => `GET /v1/machines HTTP/1.1\r\nx: a\0b\r\n${bearer()}\r\n`, 400, 'invalid_input'],
    ['a header that is none', () => `GET /v1/machines HTTP/1.1\r\nno colon\r\n${bearer()}\r\n`, 400, 'invalid_input'],
    [
      'a negative length',
      () => `POST /v1/rooms HTTP/1.1\r\ncontent-length: -1\r\n${bearer()}\r\n`,
      400,
      'invalid_input',
    ],
    [
      'two lengths',
      () => `POST /v1/rooms HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n${bearer()}\r\n`,
      400,
      'invalid_input',
    ],
    [
      'a length and chunks',
      () => `POST /v1/rooms HTTP/1.1\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n${bearer()}\r\n`,
      400,
      'invalid_input',
    ],
    [
      'headers without end',
      () => `GET /v1/machines HTTP/1.1\r\n${bearer()}x: ${'x'.repeat(40_000)}`,
      431,
      'headers_too_large',
    ],
    ['a URL without end', () => `GET /v1/machines?q=${'x'.repeat(40_000)}`, 431, 'headers_too_large'],
  ]
  test.each(cases)('%s', async (_, bytes, status, code) => {
    const answer = await exchange(bytes())
    const [head = '', body = ''] = answer.split('\r\n\r\n')
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    const problem: unknown = JSON.parse(body)
    assertProblem(status, /^content-type: (.*)$/im.exec(head)?.[1], problem)
    expect(problem).toMatchObject({ code })
  })
})

describe('requests that were answered with 500 once, or could be', () => {
  const time = { startsAt: '2030-01-01T00:00:00Z', endsAt: '2031-01-01T00:00:00Z' }
  const machine = { name: 'new', datacenter: 'lon1' }
  const many = Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`X ${at}`, 'x']))
  const cases: [what: string, request: RawRequest, status: number][] = [
    ['a MAC of two spellings as a filter', { method: 'GET', path: '/v1/machines?mac=52:54-00:12:34:56' }, 200],
    ['the same to search for', { method: 'GET', path: '/v1/machines?q=52:54-00:12:34:56' }, 200],
    ['U+0000 in a label to filter by', { method: 'GET', path: '/v1/machines?label=a=%00' }, 400],
    [
      'U+0000 in a jsonb column',
      { method: 'POST', path: '/v1/profiles', body: { name: 'p', match: [{ fact: 'vendor', like: '\0' }] } },
      400,
    ],
    [
      'half a surrogate pair in a jsonb column',
      { method: 'POST', path: '/v1/machines', body: { ...machine, labels: { a: '\ud800' } } },
      400,
    ],
    [
      'half a surrogate pair in a text column',
      { method: 'POST', path: '/v1/machines', body: { ...machine, serial: '\ud800' } },
      400,
    ],
    [
      'U+0000 in a name of a field',
      { method: 'POST', path: '/v1/machines', body: { ...machine, labels: { 'a\0': 'b' } } },
      400,
    ],
    [
      'a label called constructor',
      { method: 'POST', path: '/v1/machines', body: { ...machine, labels: { constructor: 'b' } } },
      400,
    ],
    [
      'a field called __proto__',
      { method: 'POST', path: '/v1/machines', body: '{"name":"n","datacenter":"lon1","labels":{"__proto__":"x"}}' },
      400,
    ],
    [
      'the same, with an escape',
      {
        method: 'POST',
        path: '/v1/machines',
        body: '{"name":"n","datacenter":"lon1","labels":{"c\\u006fnstructor":"x"}}',
      },
      400,
    ],
    [
      'a leap second',
      {
        method: 'POST',
        path: '/v1/freezes',
        body: { name: 'f', reason: 'x', ...time, startsAt: '2016-12-31T23:59:60Z' },
      },
      400,
    ],
    [
      'the year 0',
      {
        method: 'POST',
        path: '/v1/freezes',
        body: { name: 'f', reason: 'x', ...time, startsAt: '0000-01-01T00:00:00Z' },
      },
      400,
    ],
    [
      'the year 10000, by its offset',
      {
        method: 'POST',
        path: '/v1/freezes',
        body: { name: 'f', reason: 'x', ...time, endsAt: '9999-12-31T23:59:59-12:00' },
      },
      400,
    ],
    [
      'an offset that PostgreSQL does not take',
      {
        method: 'POST',
        path: '/v1/tokens',
        body: { name: 't', role: 'viewer', expiresAt: '2030-01-01T00:00:00+23:59' },
      },
      201,
    ],
    [
      'an infinite number',
      { method: 'POST', path: '/v1/profiles', body: '{"name":"p","match":[{"fact":"cpu.cores","min":1e999}]}' },
      400,
    ],
    ['a bad escape in a path', { method: 'GET', path: '/v1/machines/%zz' }, 400],
    ['a name that is too long to be one', { method: 'GET', path: `/v1/machines/${'a'.repeat(300)}` }, 404],
    [
      'brackets without end',
      { method: 'POST', path: '/v1/profiles/match', body: `{"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}` },
      200,
    ],
    [
      'the same under an Idempotency-Key',
      {
        method: 'POST',
        path: '/v1/profiles/match',
        body: `{"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
        headers: { 'idempotency-key': 'deep' },
      },
      400,
    ],
    [
      'objects without end',
      { method: 'POST', path: '/v1/machines', body: `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}` },
      400,
    ],
    [
      'more than a mebibyte',
      { method: 'POST', path: '/v1/machines', body: { ...machine, serial: 'x'.repeat(1_100_000) } },
      413,
    ],
    [
      'more unknown fields than are told',
      { method: 'POST', path: '/v1/machines', body: { ...many, ...machine, heightU: 'x' } },
      400,
    ],
    ['labels that are no labels', { method: 'POST', path: '/v1/machines', body: { ...machine, labels: many } }, 400],
    [
      'a cursor of another list',
      { method: 'GET', path: `/v1/machines?cursor=${Buffer.from('["-name","a","b"]').toString('base64url')}` },
      400,
    ],
    [
      'a cursor of nonsense',
      { method: 'GET', path: `/v1/machines?cursor=${Buffer.from('null').toString('base64url')}` },
      400,
    ],
    [
      'a cursor with U+0000',
      { method: 'GET', path: `/v1/machines?cursor=${Buffer.from('["name","a\0","b"]').toString('base64url')}` },
      400,
    ],
    ['a dry run that is neither', { method: 'POST', path: '/v1/inventory/apply?dryRun=maybe', body: {} }, 400],
    ['a dry run that is both', { method: 'POST', path: '/v1/inventory/apply?dryRun=true&dryRun=false', body: {} }, 400],
    ['an event that cannot be', { method: 'GET', path: '/v1/events?after=9223372036854775807' }, 400],
    [
      'Last-Event-ID of nonsense',
      { method: 'GET', path: '/v1/events', headers: { accept: 'text/event-stream', 'last-event-id': '1; drop' } },
      400,
    ],
    ['no body where one is needed', { method: 'POST', path: '/v1/rooms' }, 400],
    ['a body where none is', { method: 'DELETE', path: '/v1/rooms/nothing', body: { a: 1 } }, 404],
    ['a patch that renames', { method: 'PATCH', path: '/v1/machines/m1', body: { name: 'm2' } }, 400],
    ['a patch that is no object', { method: 'PATCH', path: '/v1/machines/m1', body: '[]' }, 400],
    ['a patch that is null', { method: 'PATCH', path: '/v1/machines/m1', body: 'null' }, 400],
  ]
  test.each(cases)('%s', async (_, request, status) => {
    const before = await fingerprint(controller.db)
    const reply = await sendRaw(controller.url, { token: controller.token, ...request })
    expect([reply.status, reply.text.slice(0, 500)]).toEqual([status, expect.anything()])
    if (reply.status < 400) return
    assertProblem(reply.status, reply.headers['content-type'], reply.json)
    expect(await fingerprint(controller.db)).toBe(before)
  })
})
