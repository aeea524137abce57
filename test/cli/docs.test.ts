import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, expect, test } from 'vitest'
import { useController } from '../support/controller.ts'
import { commandOf } from './support/command.ts'
import { useFiles } from './support/files.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const read = (name: string) => readFileSync(`${root}docs/${name}`, 'utf8')

/** The blocks of one language in a document. */
const blocks = (text: string, language: string): string[] =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([^\`]*)^\`\`\``, 'gm'))].map(([, block = '']) => block)

/** What needs a host of its own, or a shell that a person types in: tried in local.test.ts and completion.test.ts. */
const ELSEWHERE = /rackwright (serve|backup|restore|completion)|--local/

const controller = useController()
const command = commandOf(controller)
const files = useFiles()

beforeAll(async () => {
  const { code, stderr } = await command.run(['apply', '-f', `${root}examples/two-datacenters`])
  if (code !== 0) throw new Error(stderr)
})

async function shell(line: string): Promise<string> {
  const env = {
    PATH: `${root}bin:${process.env.PATH}`,
    RACKWRIGHT_NODE: process.execPath,
    RACKWRIGHT_URL: controller.url,
    RACKWRIGHT_TOKEN: controller.token,
  }
  const inRoot = line.replaceAll('examples/', `${root}examples/`)
  const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', inRoot], {
    env,
    cwd: files.directory,
    timeout: 15_000,
  })
  return stdout
}

const lines = ['inventory-file.md', 'cli.md']
  .flatMap(name => blocks(read(name), 'sh'))
  .flatMap(block => block.trim().split('\n'))
  .filter(line => !ELSEWHERE.test(line))

test('there are commands to try', () => {
  expect(lines.length).toBeGreaterThan(15)
})

test.each(lines)('%s', async line => {
  await expect(shell(line)).resolves.toBeTypeOf('string')
})

test('the inventory in the text fits, and its template too', async () => {
  const [whole = '', template = ''] = blocks(read('inventory-file.md'), 'yaml')
  // Under other names: the example inventory is there already.
  const renamed = (text: string) =>
    text.replaceAll(/lon1/g, 'lon7').replaceAll('10.20.', '10.70.').replaceAll('24:6e:96', '24:6e:97')
  const env = { LON1_BMC_PASSWORD: 'x', LON7_BMC_PASSWORD: 'x' }
  const applied = await command.run(['apply', '-f', '-'], { input: renamed(whole), env })
  expect(applied).toMatchObject({ code: 0, stderr: '' })
  expect((await command.run(['apply', '-f', '-'], { input: renamed(template) })).stdout).toMatch(/2 created/)
})
