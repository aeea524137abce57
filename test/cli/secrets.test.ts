import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, test } from 'vitest'
import { useController } from '../support/controller.ts'
import { commandOf, type Ran } from './support/command.ts'
import { useFiles } from './support/files.ts'

const controller = useController()
const command = commandOf(controller)
const files = useFiles()

/** Each stands for a BMC password that comes in its own way. None may come out anywhere. */
const SECRETS = [
  'hunter2-plain',
  'hunter2-environment',
  'hunter2-file',
  'hunter2-sheet',
  'hunter2-stdin',
  'hunter2-typed',
] as const
const [PLAIN, ENVIRONMENT, FILE, SHEET, STDIN, TYPED] = SECRETS

const expectNoSecret = ({ stdout, stderr }: Ran) => expect(stdout + stderr).not.toMatch(/hunter2|rwt_/)

const PLACES = `datacenters: [{ name: lon1, dnsDomain: lon1.example.net, timeZone: Europe/London }]
networks: [{ name: oob, datacenter: lon1, purpose: oob, cidr4: 10.9.0.0/24 }]
racks: [{ name: a1, datacenter: lon1, heightU: 42 }]
`
const bmc = (password: string) => `bmc: { protocol: ipmi, network: oob, initialPassword: ${password} }`

beforeAll(() => command.give(PLACES))

async function isSet(name: string): Promise<boolean> {
  const { stdout } = await command.run(['--json', 'machine', 'show', name])
  return (JSON.parse(stdout) as { bmcPasswordSet: boolean }).bmcPasswordSet
}

test('first passwords come from the file, the environment or another file; the same again changes nothing', async () => {
  files.write('password', `${FILE}\n`)
  const file = files.write(
    'machines.yaml',
    `machines:
  - { name: m1, datacenter: lon1, ${bmc(PLAIN)} }
  - { name: m2, datacenter: lon1, ${bmc('{ fromEnv: BMC_PASSWORD }')} }
  - { name: m3, datacenter: lon1, ${bmc('{ fromFile: password }')} }
  - { name: m4, datacenter: lon1, bmc: { protocol: ipmi, network: oob } }
`,
  )
  const env = { BMC_PASSWORD: ENVIRONMENT }
  for (const args of [
    ['apply', '-f', file, '--dry-run'],
    ['--json', 'apply', '-f', file],
  ]) {
    const ran = await command.run(args, { env })
    expect(ran.code).toBe(0)
    expectNoSecret(ran)
  }
  expect(await Promise.all(['m1', 'm2', 'm3', 'm4'].map(isSet))).toEqual([true, true, true, false])
  expect((await command.run(['apply', '-f', file], { env })).stdout).toMatch(/^Nothing to change: 4/)
})

test('a password that is added later is seen, though all else is the same', async () => {
  const text = `machines:\n  - { name: m4, datacenter: lon1, ${bmc(PLAIN)} }\n`
  const ran = await command.run(['apply', '-f', '-'], { input: text })
  expect(ran.stdout).toBe('~ machine m4\n    bmc/initialPassword: - -> (sealed)\n0 created, 1 changed, 0 unchanged\n')
  expect(await isSet('m4')).toBe(true)
})

test('faults around a password do not tell it', async () => {
  const wrong = [
    `machines:\n  - { name: m9, datacenter: nowhere, ${bmc(PLAIN)} }\n`,
    `machines:\n  - { name: m9, datacenter: lon1, bmc: { protocol: telnet, network: oob, initialPassword: ${PLAIN} } }\n`,
    `machines:\n  - { name: m9, datacenter: lon1, ${bmc(`{ secret: ${PLAIN} }`)} }\n`,
    `machines:\n  - { name: m9, datacenter: lon1, ${bmc(`[${PLAIN}]`)} }\n`,
    `machines:\n  - { name: m9, datacenter: lon1, ${bmc('{ fromEnv: GONE }')} }\n`,
    `machines:\n  - { name: m9, datacenter: lon1, ${bmc(PLAIN.repeat(40))} }\n`,
  ]
  for (const input of wrong)
    for (const json of [[], ['--json']]) {
      const ran = await command.run([...json, 'apply', '-f', '-'], { input, env: { RACKWRIGHT_DEBUG: '1' } })
      expect(ran.code).toBe(1)
      expectNoSecret(ran)
    }
})

test('the passwords of a sheet are sealed and never shown, and the sheet is warned of', async () => {
  const sheet = files.write('sheet.csv', `Name,Rack,U,BMC IP,BMC Password\nm5,a1,1,10.9.0.5,${SHEET}\n`)
  const printed = await command.run(['rack', 'import', sheet, '--print'])
  expect(printed.stdout).toContain('address: 10.9.0.5')
  expectNoSecret(printed)
  const ran = await command.run(['rack', 'import', sheet])
  expect(ran.stderr).toMatch(/holds passwords in clear text/)
  expectNoSecret(ran)
  expect(await isSet('m5')).toBe(true)
})

test('a password is read from standard input, and refused as an argument', async () => {
  const ran = await command.run(['machine', 'bmc-password', 'm1'], { input: `${STDIN}\n` })
  expect(ran).toMatchObject({ code: 0, stdout: 'm1: the password is sealed and will not be shown again\n' })
  expect(await command.run(['machine', 'bmc-password', 'm1', STDIN])).toMatchObject({ code: 2 })
  expect(await command.run(['machine', 'bmc-password', 'm1'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('No password was given'),
  })
  expectNoSecret(await command.run(['machine', 'set', 'm1', `bmc.initialPassword=${STDIN}`]))
})

test('a password that is typed is not echoed', async () => {
  const { env } = spawnOptions()
  // util-linux' script gives the command a terminal and writes down what that shows.
  const child = spawn('/usr/bin/script', ['-qec', `${COMMAND} machine bmc-password m2`, '/dev/null'], {
    env,
    timeout: 15_000,
  })
  let shown = ''
  child.stdout.on('data', (chunk: Buffer) => {
    const asked = shown.includes('BMC password of m2:')
    shown += chunk.toString()
    if (!asked && shown.includes('BMC password of m2:')) setTimeout(() => child.stdin.write(`${TYPED}x\u007f\r`), 200)
  })
  const [code] = (await once(child, 'close')) as [number]
  expect(shown).toMatch(/BMC password of m2: \s+m2: the password is sealed/)
  expect({ code, shown }).toEqual({ code: 0, shown: expect.not.stringContaining('hunter2') })
})

const COMMAND = fileURLToPath(new URL('../../bin/rackwright', import.meta.url))
function spawnOptions() {
  const { PATH, HOME } = process.env
  return {
    env: {
      PATH,
      HOME,
      RACKWRIGHT_NODE: process.execPath,
      RACKWRIGHT_URL: controller.url,
      RACKWRIGHT_TOKEN: controller.token,
    },
  }
}

test('nothing that was kept or recorded holds one', async () => {
  const ran = await command.run(['--json', 'events'])
  expect(ran.stdout.split('\n').length).toBeGreaterThan(5)
  expectNoSecret(ran)
  expectNoSecret(await command.run(['export']))
  expectNoSecret(await command.run(['--json', 'machine', 'list']))
})

test('the token is in no process list', async () => {
  const child = command.start(['events', '--follow'])
  await new Promise(resolve => setTimeout(resolve, 1_000))
  const commandLine = readFileSync(`/proc/${child.pid}/cmdline`, 'utf8')
  child.kill('SIGINT')
  await once(child, 'close')
  expect(commandLine).toContain('events')
  expect(commandLine).not.toContain(controller.token)
})
