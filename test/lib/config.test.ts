import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadConfig } from '../../src/lib/config.ts'
import { AppError } from '../../src/lib/errors.ts'

let directory = ''
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'rackwright-config-'))
})
afterAll(() => rm(directory, { recursive: true }))

async function fileOf(text: string): Promise<string> {
  const file = path.join(directory, 'config.yaml')
  await writeFile(file, text)
  return file
}

function refusal(source: Parameters<typeof loadConfig>[0]): AppError {
  try {
    loadConfig(source)
  } catch (error) {
    if (error instanceof AppError) return error
    throw error
  }
  throw new Error('it was accepted')
}

test('without a file the defaults hold, and the key lies beside the data', () => {
  expect(loadConfig({ environment: { RACKWRIGHT_DATA_DIR: '/srv/rw' } })).toEqual({
    dataDir: '/srv/rw',
    api: { listen: '127.0.0.1:7480' },
    secrets: { keyFile: '/srv/rw/secret.key' },
    log: 'info',
  })
})

test('whoever looks on a terminal hears of trouble only', () => {
  expect(loadConfig({ environment: {}, terminal: true }).log).toBe('warn')
  expect(loadConfig({ environment: { RACKWRIGHT_LOG: 'debug' }, terminal: true }).log).toBe('debug')
})

test('the environment wins over the file, key by key', async () => {
  const file = await fileOf('dataDir: /srv/file\napi: { listen: 0.0.0.0:80, publicUrl: https://rw.example.net }\n')
  const config = loadConfig({ file, environment: { RACKWRIGHT_API_LISTEN: '[::1]:81', RACKWRIGHT_API_PUBLIC_URL: '' } })
  expect(config).toMatchObject({
    dataDir: '/srv/file',
    api: { listen: '[::1]:81', publicUrl: 'https://rw.example.net' },
  })
})

test.each([
  ['RACKWRIGHT_DATABASE', 'postgres://u@h/n', { database: 'postgres://u@h/n' }],
  ['RACKWRIGHT_DATA_DIR', '/a', { dataDir: '/a' }],
  ['RACKWRIGHT_API_LISTEN', 'h:1', { api: { listen: 'h:1' } }],
  ['RACKWRIGHT_API_PUBLIC_URL', 'http://h', { api: { publicUrl: 'http://h' } }],
  ['RACKWRIGHT_SECRETS_KEY_FILE', '/k', { secrets: { keyFile: '/k' } }],
  ['RACKWRIGHT_LOG', 'trace', { log: 'trace' }],
])('%s sets its key', (name, value, expected) => {
  expect(loadConfig({ environment: { [name]: value } })).toMatchObject(expected)
})

test('all faults are told at once, none with a password', async () => {
  const file = await fileOf('api: { listen: nowhere, port: 80 }\nlog: loud\ndatabse: x\nsecrets: []\ndataDir: 7\n')
  const error = refusal({ file, environment: { RACKWRIGHT_DATABASE: 'mysql://root:hunter2@db/rw' } })
  expect(error.faults.map(fault => fault.path).toSorted()).toEqual(
    ['/api/listen', '/api/port', '/dataDir', '/database', '/databse', '/log', '/secrets'].toSorted(),
  )
  expect(error.message).toContain('api.listen: expected HOST:PORT such as 127.0.0.1:7480, got "nowhere"')
  expect(error.message).not.toContain('hunter2')
})

test.each([
  ['a file that is not there', undefined, /cannot be read/],
  ['a file that is no YAML', 'a: [', /is not YAML/],
  ['a file that is a list', '- a\n', /has to be a mapping/],
])('%s is refused clearly', async (_, text, words) => {
  const file = text === undefined ? path.join(directory, 'none.yaml') : await fileOf(text)
  expect(refusal({ file, environment: {} }).message).toMatch(words)
})

test('an empty file is one without settings', async () => {
  expect(loadConfig({ file: await fileOf(''), environment: {} }).log).toBe('info')
})
