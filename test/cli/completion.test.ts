import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, expect, test } from 'vitest'
import { useController } from '../support/controller.ts'
import { commandOf, run } from './support/command.ts'
import { useFiles } from './support/files.ts'
import { runHere } from './support/here.ts'

const controller = useController()
const command = commandOf(controller)
const files = useFiles()
const bin = fileURLToPath(new URL('../../bin', import.meta.url))

beforeAll(async () => {
  await command.give(`datacenters: [{ name: lon1, dnsDomain: lon1.example.net, timeZone: Europe/London }]
machines: [{ name: lon1-a12-01, datacenter: lon1 }, { name: lon1-a12-02, datacenter: lon1 }, { name: sto1-a01-01, datacenter: lon1 }]
`)
  files.write('rackwright.bash', (await runHere(['completion', 'bash'])).stdout)
})

/** What bash offers for a line that ends where the cursor is. */
async function offered(line: string): Promise<string[]> {
  const script = `source ${files.path('rackwright.bash')}
COMP_WORDS=(${line}${line.endsWith(' ') ? '""' : ''})
COMP_CWORD=$(( \${#COMP_WORDS[@]} - 1 ))
compopt() { :; }
_rackwright
printf '%s\\n' "\${COMPREPLY[@]}"`
  const env = {
    PATH: `${bin}:${process.env.PATH}`,
    RACKWRIGHT_NODE: process.execPath,
    RACKWRIGHT_URL: controller.url,
    RACKWRIGHT_TOKEN: controller.token,
  }
  const { stdout } = await promisify(execFile)('bash', ['--norc', '-c', script], { env, cwd: files.directory })
  return stdout.trim().split('\n').toSorted()
}

test.each([
  ['rackwright ma', ['machine']],
  ['rackwright machine m', ['maintain']],
  ['rackwright --json machine sh', ['show']],
  ['rackwright machine list --datac', ['--datacenter']],
  ['rackwright machine list --datacenter ', ['lon1']],
  ['rackwright machine list --condition b', ['broken']],
  ['rackwright machine show lon1-', ['lon1-a12-01', 'lon1-a12-02']],
  ['rackwright machine retire lon1-a12-01 sto', ['sto1-a01-01']],
  ['rackwright token create x --role ad', ['admin']],
  ['rackwright completion z', ['zsh']],
  ['rackwright apply -f rackwright.b', ['rackwright.bash']],
  ['rackwright rack import rackw', ['rackwright.bash']],
  ['rackwright export --kind rac', ['rack']],
  ['rackwright stock --no-h', ['--no-headers']],
])('bash completes %j', async (line, words) => {
  expect(await offered(line)).toEqual(words)
})

test.each([
  ['zsh', '--developer-owner'],
  ['fish', '-l developer-owner'],
])('the script for %s knows commands, options, names and choices', async (shell, option) => {
  const { code, stdout } = await runHere(['completion', shell])
  expect(code).toBe(0)
  for (const word of ['machine', 'bmc-password', option, '__complete', 'machines', 'bash zsh fish'])
    expect(stdout).toContain(word)
})

test('names that cannot be had are not talked about', async () => {
  const silent = { code: 0, stdout: '', stderr: '' }
  expect(await run(['__complete', 'machines', '--', 'x'], { env: { RACKWRIGHT_URL: 'http://127.0.0.1:9' } })).toEqual(
    silent,
  )
  expect(await run(['__complete', 'machines', '--', 'x'], { env: { RACKWRIGHT_URL: 'nonsense' } })).toEqual(silent)
  expect(await command.run(['__complete', 'machines', '--', 'x'], { env: { RACKWRIGHT_TOKEN: 'wrong' } })).toEqual(
    silent,
  )
  expect(await command.run(['__complete', 'nothing', '--', ''])).toEqual(silent)
})
