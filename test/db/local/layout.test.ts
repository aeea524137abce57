import { expect, test } from 'vitest'
import { layoutOf, socketPath, urlOf } from '../../../src/db/local/layout.ts'
import { parsePostmasterFile } from '../../../src/db/local/postmaster.ts'

test('a socket path of 107 bytes is taken, one of 108 is refused with what to do', () => {
  const rest = socketPath(layoutOf('/')).length
  const longest = `/${'x'.repeat(107 - rest)}`
  expect(Buffer.byteLength(socketPath(layoutOf(longest)))).toBe(107)
  expect(() => layoutOf(`${longest}x`)).toThrow(
    expect.objectContaining({
      code: 'invalid_config',
      message: expect.stringMatching(/a socket path of 108 bytes; 107 is the most.*Choose a shorter one/),
    }),
  )
  expect(() => layoutOf(`/${'ü'.repeat(60)}`)).toThrow(/107 is the most/)
})

test('the URL is one for every program that reads URLs', () => {
  const url = new URL(urlOf(layoutOf('/var/lib/a b')))
  expect(url.pathname).toBe('/rackwright')
  expect(Object.fromEntries(url.searchParams)).toEqual({
    user: 'rackwright',
    host: '/var/lib/a b/run',
    port: '5432',
    sslmode: 'disable',
  })
})

test.each([
  ['4711\n/data/pgdata\n1700000000\n5432\n/data/run\n\n  1234 5678\nready   \n', { pid: 4711, socketDir: '/data/run' }],
  ['-4711\n/data/pgdata\n1700000000\n', { pid: 4711, socketDir: '' }],
])('reads postmaster.pid: %j', (text, expected) => {
  expect(parsePostmasterFile(text)).toEqual({ ...expected, startedAt: new Date(1_700_000_000_000) })
})

test.each(['', '\n', 'x\n', '4711\n/data\nnever\n'])('%j says nothing', text => {
  expect(parsePostmasterFile(text)).toBeUndefined()
})
