import { existsSync } from 'node:fs'
import { beforeAll, expect, test } from 'vitest'
import { useController } from '../support/controller.ts'
import { useEmptyDatabase } from '../support/database.ts'
import { commandOf, run } from './support/command.ts'
import { useFiles } from './support/files.ts'

const controller = useController()
const command = commandOf(controller)
const empty = useEmptyDatabase()
const files = useFiles()

beforeAll(async () => {
  await command.give('datacenters: [{ name: lon1, dnsDomain: lon1.example.net, timeZone: Europe/London }]')
})

/** As on the host of the controller: its configuration, but neither its URL nor a token. */
const onHost = (args: readonly string[], database = controller.databaseUrl) =>
  run(args, { env: { RACKWRIGHT_DATABASE: database, RACKWRIGHT_DATA_DIR: files.directory } })

test('a lost admin token is replaced on the host of the controller, without it', async () => {
  const made = await onHost(['token', 'create', 'rescue', '--role', 'admin', '--expires', '1h', '--local'])
  expect(made).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^rwt_\S+\n$/),
    stderr: expect.stringContaining('shown this once'),
  })
  expect(made.stderr).not.toContain('rwt_')
  const token = made.stdout.trim()
  const known = await command.run(['--json', 'whoami'], { env: { RACKWRIGHT_TOKEN: token } })
  expect(JSON.parse(known.stdout)).toMatchObject({ name: 'rescue', role: 'admin', expiresAt: expect.any(String) })
  expect((await onHost(['token', 'create', 'rescue', '--role', 'admin', '--local'])).stderr).toMatch(/rescue/)
})

test('tokens are made, listed without their secret, and revoked', async () => {
  const made = await command.run([
    'token',
    'create',
    'ci',
    '--role',
    'developer',
    '--team',
    'playlists',
    '--expires',
    '90d',
  ])
  expect(made.stdout).toMatch(/^rwt_\S+\n$/)
  const list = await command.run(['token', 'list', '--columns', 'name,role,team', '--no-headers'])
  expect(list.stdout).toContain('ci      developer  playlists')
  expect(list.stdout).not.toContain('rwt_')
  expect(await command.run(['token', 'revoke', 'ci'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('add --yes'),
  })
  expect((await command.run(['token', 'revoke', 'ci', '--yes'])).stdout).toBe('ci revoked\n')
  const refused = await command.run(['stock'], { env: { RACKWRIGHT_TOKEN: made.stdout.trim() } })
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('was revoked') })
  expect((await command.run(['token', 'create', 'x', '--role', 'developer'])).stderr).toMatch(/team/)
})

test('a backup is taken beside the controller and restored elsewhere', async () => {
  const file = files.path('backup.gz')
  const taken = await onHost(['backup', file])
  expect(taken).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/backup\.gz: \d+ rows, /),
    stderr: expect.stringContaining('key file'),
  })
  const restored = await onHost(['restore', file], empty.url)
  expect(restored).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+ rows of \S+ are back\n$/) })
  const again = await onHost(['restore', file], empty.url)
  expect(again).toMatchObject({ code: 1, stderr: expect.stringMatching(/already has tables/) })
  expect(await onHost(['restore', file, '--replace'], empty.url)).toMatchObject({ code: 2 })
  expect(await onHost(['--json', 'restore', file, '--replace', '--yes'], empty.url)).toMatchObject({
    code: 0,
    stderr: '',
  })
})

test('a backup that cannot be written says so, and leaves nothing behind', async () => {
  const file = files.path('no/such/directory/backup.gz')
  const { code, stderr } = await onHost(['backup', file])
  expect(code).toBe(1)
  expect(stderr).toMatch(/could not be written/)
  expect(existsSync(file)).toBe(false)
})

test('a wrong configuration is told, with all that is wrong', async () => {
  const file = files.write('rackwright.yaml', 'roles: [king]\nlog: loud\n')
  const { code, stderr } = await run(['--config', file, 'backup', 'x.gz'])
  expect(code).toBe(1)
  expect(stderr).toMatch(/roles/)
  expect(stderr).toMatch(/log/)
})
