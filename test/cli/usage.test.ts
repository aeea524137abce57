import { expect, test } from 'vitest'
import { COMMANDS } from '../../src/cli/commands.ts'
import { KIND_NAMES } from '../../src/inventory/documents/kinds.ts'
import { runHere } from './support/here.ts'

test.each([
  [[], /^Usage: rackwright/],
  [['machine'], /^Usage: rackwright machine/],
  [['machin'], /Unknown command 'machin'\n\(Did you mean machine\?\)\nSee: rackwright --help\n/],
  [['machine', 'lst'], /Unknown command 'lst'\n\(Did you mean list\?\)\nSee: rackwright machine --help\n/],
  [['machine', 'list', '--nope'], /Unknown option '--nope'\nSee: rackwright machine list --help\n/],
  [['machine', 'show'], /Missing required argument 'name'/],
  [['apply'], /-f, --file/],
  [['machine', 'list', '--sort', 'weight'], /Allowed choices are name/],
  [['machine', 'list', '--limit', '0'], /--limit has to be a number from 1 on, got '0'/],
  [['machine', 'list', '--columns', 'nme'], /There is no column 'nme'\. Columns: name, datacenter/],
  [['machine', 'maintain', 'a-1', '--reason', 'x', '--until', 'soon'], /--until has to be a time to come/],
  [['token', 'create', 'x', '--role', 'king'], /Allowed choices are viewer/],
  [['rack', 'import', 'x.csv', '--map', 'a=b'], /'a=b' is not COLUMN=FIELD/],
  [['completion', 'tcsh'], /Allowed choices are bash, zsh, fish/],
  [['--url', 'ftp://x', 'stock'], /is not the URL of a controller/],
  [['--url', 'http://u:p@127.0.0.1', 'stock'], /^The URL holds a user or password/],
  [['--token-file', '/nowhere', 'stock'], /The token file cannot be read/],
])('%j is not understood: exit code 2', async (args, message) => {
  const { code, stdout, stderr } = await runHere(args)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toMatch(message)
  expect(stderr).not.toMatch(/^ {4}at /m)
  const json = await runHere(['--json', ...args])
  expect({ code: json.code, stdout: json.stdout }).toEqual({ code: 2, stdout: '' })
  expect(JSON.parse(json.stderr)).toMatchObject({ code: 'usage', detail: expect.any(String) })
})

test('the help lists every command, and is no error', async () => {
  const { code, stdout, stderr } = await runHere(['--help'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  for (const { name, summary } of COMMANDS) expect(stdout.replaceAll(/\s+/g, ' ')).toContain(`${name} ${summary}`)
  expect(stdout).not.toContain('__complete')
})

test('every kind has a command', () => {
  const names = COMMANDS.map(({ name }) => name)
  for (const kind of KIND_NAMES) expect(names).toContain(kind)
})

/** Commands below a command, as its help lists them. */
const below = (help: string): string[] => {
  const [, list = ''] = help.split('\nCommands:\n')
  return [...list.matchAll(/^ {2}([a-z-]+) /gm)].flatMap(([, name]) =>
    name === undefined || name === 'help' ? [] : [name],
  )
}

test('every command that does something has help with an example of itself', async () => {
  const paths = COMMANDS.map(({ name }) => [name])
  for (let path = paths.shift(); path; path = paths.shift()) {
    const { code, stdout } = await runHere([...path, '--help'])
    expect(code).toBe(0)
    const names = below(stdout)
    for (const name of names) paths.push([...path, name])
    if (names.length === 0)
      expect(stdout).toMatch(new RegExp(`Examples:\\n(.*\\n)*.*rackwright (--\\S+ )*(\\S+ )?${path.join(' ')}`))
  }
})
