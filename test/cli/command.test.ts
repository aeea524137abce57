import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { beforeAll, expect, test } from 'vitest'
import { createToken } from '../../src/api/tokens.ts'
import { useController } from '../support/controller.ts'
import { commandOf, run } from './support/command.ts'
import { useFiles } from './support/files.ts'

const controller = useController()
const command = commandOf(controller)
const files = useFiles()

beforeAll(async () => {
  const racks = Array.from({ length: 2_500 }, (_, at) => ({ name: `r${at + 1}`, datacenter: 'lon1', heightU: 42 }))
  const inventory = {
    datacenters: [{ name: 'lon1', dnsDomain: 'lon1.example.net', timeZone: 'Europe/London' }],
    racks,
    machines: ['a-1', 'a-2', 'a-3', 'b-1'].map(name => ({ name, datacenter: 'lon1' })),
  }
  await command.give(JSON.stringify(inventory))
})

test('words that are not understood end a real process with exit code 2', async () => {
  expect(await command.run(['machin'])).toEqual({
    code: 2,
    stdout: '',
    stderr: "Unknown command 'machin'\n(Did you mean machine?)\nSee: rackwright --help\n",
  })
  expect(await command.run(['machine', 'delete', 'a-1'])).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining('Nobody can be asked here: add --yes'),
  })
})

test('with --json errors are one object on standard error, and standard output is empty', async () => {
  for (const args of [['machin'], ['machine', 'show', 'nobody']]) {
    const { stdout, stderr } = await command.run(['--json', ...args])
    expect(stdout).toBe('')
    expect(JSON.parse(stderr)).toEqual(
      expect.objectContaining({ code: expect.any(String), detail: expect.any(String) }),
    )
  }
})

test('no controller: the message says what to do', async () => {
  const { code, stderr } = await run(['stock'], { env: { RACKWRIGHT_URL: 'http://127.0.0.1:9' } })
  expect(code).toBe(1)
  expect(stderr).toMatch(
    /^The controller at http:\/\/127\.0\.0\.1:9 does not answer .*\. Start it with `rackwright serve`, or set RACKWRIGHT_URL\.\n$/,
  )
})

test('another server on that port is told from a controller', async () => {
  const server = createServer((_, reply) => reply.writeHead(404).end('<html>not here</html>')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { code, stderr } = await run(['stock'], {
    env: { RACKWRIGHT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}` },
  })
  server.close()
  expect(code).toBe(1)
  expect(stderr).toMatch(/is this a Rackwright controller\?/)
})

test('no token, a wrong one, an expired one, one that may not', async () => {
  const none = await command.run(['stock'], { env: { RACKWRIGHT_TOKEN: '' } })
  expect(none).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/RACKWRIGHT_TOKEN is not set.*token create NAME --role admin --local/),
  })
  const wrong = await command.run(['stock'], { env: { RACKWRIGHT_TOKEN: 'rwt_wrong' } })
  expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining('The token is not known') })
  expect(wrong.stderr).not.toContain('rwt_wrong')
  const { token } = await createToken(
    controller.db,
    { name: 'old', role: 'admin', expiresAt: new Date(Date.now() + 1_000).toISOString() },
    'test',
  )
  await controller.db
    .updateTable('token')
    .set({ expiresAt: new Date(Date.now() - 1_000) })
    .where('name', '=', 'old')
    .execute()
  const expired = await command.run(['stock'], { env: { RACKWRIGHT_TOKEN: token } })
  expect(expired).toMatchObject({ code: 1, stderr: expect.stringMatching(/The token 'old' expired at/) })
  const viewer = await createToken(controller.db, { name: 'eyes', role: 'viewer' }, 'test')
  const refused = await command.run(['machine', 'ok', 'a-1', 'a-2'], { env: { RACKWRIGHT_TOKEN: viewer.token } })
  expect(refused.code).toBe(1)
  expect(refused.stderr.trimEnd().split('\n')).toHaveLength(1)
})

test('a token file is taken, and its token only', async () => {
  const file = files.write('token', `${controller.token}\n`)
  const known = await command.run(['--token-file', file, 'whoami'], { env: { RACKWRIGHT_TOKEN: '' } })
  expect(known).toMatchObject({ code: 0, stdout: expect.stringContaining('admin') })
  const bad = await command.run(['--token-file', files.write('two', 'one\ntwo'), 'whoami'])
  expect(bad).toMatchObject({ code: 2, stderr: expect.not.stringContaining('one\ntwo') })
})

test('lists page by themselves, to the end or to a limit', async () => {
  const all = await command.run(['rack', 'list', '-o', 'name'])
  expect(all.stdout.trimEnd().split('\n')).toHaveLength(2_500)
  const some = await command.run(['--json', 'rack', 'list', '--limit', '1200', '--sort', '-name'])
  const racks = JSON.parse(some.stdout) as { name: string }[]
  expect(racks).toHaveLength(1_200)
  expect(racks[0]?.name).toBe('r999')
  const bare = await command.run([
    'rack',
    'list',
    '--limit',
    '2',
    '--no-headers',
    '--columns',
    'name,heightU,powerFeeds',
  ])
  expect(bare.stdout).toBe('r1   42  -\nr10  42  -\n')
})

test('an empty list is an empty array, and a remark for people', async () => {
  expect((await command.run(['--json', 'image', 'list'])).stdout).toBe('[]\n')
  expect(await command.run(['image', 'list'])).toMatchObject({ stdout: '', stderr: 'There are none.\n' })
})

test('a reader that has seen enough ends the list quietly', async () => {
  const child = command.start(['rack', 'list'])
  const stderr: string[] = []
  child.stderr?.on('data', chunk => stderr.push(String(chunk)))
  child.stdout?.once('data', () => child.stdout?.destroy())
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
  expect({ code, signal, stderr: stderr.join('') }).toEqual({ code: 0, signal: null, stderr: '' })
})

test('a reader that goes away does not keep work from being done', async () => {
  const child = command.start(['machine', 'maintain', 'a-*', '--reason', 'test'])
  child.stdout?.destroy()
  await once(child, 'close')
  const { stdout } = await command.run(['machine', 'list', '--condition', 'maintenance', '-o', 'name'])
  expect(stdout).toBe('a-1\na-2\na-3\n')
})

test('several are done one by one; one that fails does not stop the others, but the command', async () => {
  const { code, stdout, stderr } = await command.run(['machine', 'ok', 'a-1', 'nobody', 'a-2'])
  expect(code).toBe(1)
  expect(stdout).toBe('a-1 is ok\na-2 is ok\n')
  expect(stderr).toMatch(/^nobody: There is no machine 'nobody'/)
  const json = await command.run(['--json', 'machine', 'broken', 'a-1', 'nobody', '--reason', 'x'])
  expect(json).toMatchObject({ code: 1, stderr: '' })
  expect(JSON.parse(json.stdout)).toEqual([
    { name: 'a-1', done: 'is broken' },
    { name: 'nobody', problem: expect.objectContaining({ code: 'not_found' }) },
  ])
})

test('patterns mean what exists; one that nothing fits is an error', async () => {
  expect((await command.run(['machine', 'delete', 'zz-*', '--yes'])).stderr).toMatch(/^No machine fits 'zz-\*'/)
  const { stdout } = await command.run(['machine', 'delete', 'b-*', 'a-3', 'a-3', '--yes'])
  expect(stdout).toBe('b-1 removed\na-3 removed\n')
})

test('fields are set and unset; a second change of an old version is refused by the controller', async () => {
  const set = await command.run(['machine', 'set', 'a-1', 'serial=0012', 'labels.rail=2', 'heightU=2'])
  expect(set.stdout).toBe('a-1 changed\n  serial: - -> 0012\n  labels.rail: - -> 2\n  heightU: 1 -> 2\n')
  expect((await command.run(['machine', 'set', 'a-1', 'heightU=2'])).stdout).toBe('a-1 is like that already.\n')
  const unset = await command.run(['--json', 'machine', 'set', 'a-1', 'serial=', 'labels.rail='])
  expect(JSON.parse(unset.stdout)).toMatchObject({ name: 'a-1', labels: {} })
  expect(JSON.parse(unset.stdout)).not.toHaveProperty('serial')
  const bad = await command.run(['machine', 'set', 'a-1', 'heightU=tall'])
  expect(bad).toMatchObject({ code: 1, stderr: expect.stringContaining('heightU') })
})

test('what others wrote cannot command the terminal', async () => {
  await command.run(['machine', 'broken', 'a-2', '--reason', 'see \u202eexe.txt'])
  const { stdout } = await command.run(['machine', 'list', '--columns', 'name,reason', '--no-headers'])
  expect(stdout).toContain('a-2  see \\u202eexe.txt')
})

test('versions are told, of the controller too if there is one', async () => {
  expect((await command.run(['version'])).stdout).toMatch(/^rackwright \d.*\ncontroller \d/)
  const alone = await run(['--json', 'version'], { env: { RACKWRIGHT_URL: 'http://127.0.0.1:9' } })
  expect(JSON.parse(alone.stdout)).toMatchObject({ command: expect.any(String), controller: null })
})
