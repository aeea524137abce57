import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, test } from 'vitest'
import { useController } from '../support/controller.ts'
import { commandOf, type Ran } from './support/command.ts'
import { useFiles } from './support/files.ts'

const EXAMPLE = fileURLToPath(new URL('../../examples/two-datacenters', import.meta.url))
const SHEET = fileURLToPath(new URL('../../examples/rack-sheet.csv', import.meta.url))

const controller = useController()
const command = commandOf(controller)
const files = useFiles()

const lines = (text: string) => text.trimEnd().split('\n')
const machineCount = async () => lines((await command.run(['machine', 'list', '-o', 'name'])).stdout).length

const begin: Ran[] = []
beforeAll(async () => {
  for (const args of [
    ['apply', '-f', EXAMPLE, '--dry-run'],
    ['machine', 'list', '-o', 'name'],
    ['apply', '-f', EXAMPLE],
  ])
    begin.push(await command.run(args))
})

test('a dry run tells what would be done and does nothing, then it is done', () => {
  const [dry, between, applied] = begin
  expect(dry).toMatchObject({ code: 0, stderr: '' })
  expect(lines(dry?.stdout ?? '').at(-1)).toBe('Would be: 78 created, 0 changed, 0 unchanged. Nothing was written.')
  expect(between).toMatchObject({ code: 0, stdout: '' })
  expect(applied).toMatchObject({ code: 0, stderr: '' })
  expect(lines(applied?.stdout ?? '').at(-1)).toBe('78 created, 0 changed, 0 unchanged')
})

test('the same again changes nothing', async () => {
  const again = await command.run(['apply', '-f', EXAMPLE])
  expect(again).toEqual({
    code: 0,
    stderr: '',
    stdout: 'Nothing to change: 78 documents are as the inventory has them.\n',
  })
})

test('what is exported changes nothing where it came from, nor in a second export', async () => {
  const file = files.path('export.yaml')
  expect(await command.run(['export', '-o', file])).toEqual({ code: 0, stdout: '', stderr: '' })
  const applied = await command.run(['apply', '-f', file])
  expect(applied.stdout).toBe('Nothing to change: 78 documents are as the inventory has them.\n')
  const again = await command.run(['export'])
  const body = (text: string) => text.slice(text.indexOf('\n'))
  expect(body(again.stdout)).toBe(body(readFileSync(file, 'utf8')))
  expect(again.stdout).toMatch(/BMC passwords are not in it/)
  const piped = await command.run(['apply', '-f', '-'], { input: again.stdout })
  expect(piped).toMatchObject({ code: 0, stdout: applied.stdout })
})

test('an export of some kinds has those only, and as JSON it is the same', async () => {
  const { stdout } = await command.run(['export', '--kind', 'rack', 'room'])
  expect(stdout.match(/^\w+:$/gm)).toEqual(['rooms:', 'racks:'])
  const json = await command.run(['--json', 'export', '--kind', 'rack'])
  expect(Object.keys(JSON.parse(json.stdout) as object)).toEqual(['racks'])
  expect((await command.run(['apply', '-f', '-'], { input: json.stdout })).stdout).toMatch(/^Nothing to change: 6/)
})

test('what would change is shown field by field, and only written without --dry-run', async () => {
  const text = readFileSync(`${EXAMPLE}/machines/lon1-a12.yaml`, 'utf8')
    .replace('serial: 7XK2R03', 'serial: NEW03')
    .replace('Ethernet5,', 'Ethernet55,')
  const file = files.write('changed.yaml', text)
  const dry = await command.run(['apply', '-f', file, '-n'])
  expect(lines(dry.stdout)).toEqual([
    '~ machine lon1-a12-03',
    '    serial: 7XK2R03 -> NEW03',
    '~ machine lon1-a12-05',
    '    nics/24:6e:96:4a:10:50/switchPort: Ethernet5 -> Ethernet55',
    'Would be: 0 created, 2 changed, 8 unchanged. Nothing was written.',
  ])
  expect((await command.run(['machine', 'show', 'lon1-a12-03'])).stdout).toContain('7XK2R03')
  const json = await command.run(['--json', 'apply', '-f', file])
  expect(JSON.parse(json.stdout)).toMatchObject({
    dryRun: false,
    created: 0,
    changed: 2,
    unchanged: 8,
    changes: [{ kind: 'machine', name: 'lon1-a12-03', action: 'change' }, {}],
  })
  expect((await command.run(['machine', 'show', 'lon1-a12-03'])).stdout).toContain('NEW03')
  expect((await command.run(['apply', '-f', EXAMPLE])).stdout).toMatch(/0 created, 2 changed, 76 unchanged\n$/)
})

test('all faults of all files at once, each where it was typed, and nothing is written', async () => {
  const before = await machineCount()
  const one = files.write(
    'one.yaml',
    `machnes: []
machines:
  - name: m1
    datacenter: lon1
    serial: 0012
    colour: red
  - name: m2
    datacenter: lon1
    rack: nowhere
    nics:
      - mac: 02:00:00:00:00:99
      - mac: 02:00:00:00:00:01
        addresses: [{ network: lon1-data, ip: 10.99.0.1 }]
  - name: m2
    datacenter: lon1
`,
  )
  const two = files.write(
    'two.yaml',
    `machines:\n  - { name: m3, datacenter: lon1, rack: lon1-a12, positionU: 3 }\n  - { name: m4, datacenter: lon1, nics: [{ mac: "24:6e:96:4a:10:10" }] }\n`,
  )
  const { code, stdout, stderr } = await command.run(['apply', '-f', one, '-f', two])
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(lines(stderr.replaceAll(`${files.directory}/`, ''))).toEqual([
    'one.yaml:1:1: machnes: is not a known key; did you mean "machines"?',
    'one.yaml:5:13: machine m1, serial: expected string, got 12; write it in quotes: "0012"',
    expect.stringMatching(/^one\.yaml:6:13: machine m1, colour: is not a known field/),
    "one.yaml:9:11: machine m2, rack: there is no rack 'nowhere'; declare it under racks",
    'one.yaml:13:47: machine m2, nics.1.addresses.0.ip: 10.99.0.1 is not inside network lon1-data (10.20.16.0/20, 2001:db8:20:16::/64)',
    expect.stringMatching(/^one\.yaml:14:11: machine m2: is there twice, first at .*one\.yaml:7$/),
    'two.yaml:2:62: machine m3, positionU: U3 of rack lon1-a12 is taken by lon1-a12-03 (U3)',
    'two.yaml:3:49: machine m4, nics.0.mac: MAC 24:6e:96:4a:10:10 is taken by lon1-a12-01',
    '8 faults, and nothing was written. Correct them and apply again.',
  ])
  expect(await machineCount()).toBe(before)
})

test('faults that only the controller finds stand where they were typed, too', async () => {
  const file = files.write(
    'semantic.yaml',
    'machines:\n  - name: m5\n    datacenter: lon1\n    rack: lon1-a12\n    positionU: 44\n',
  )
  const { code, stderr } = await command.run(['--json', 'apply', '-f', file])
  expect(code).toBe(1)
  expect(JSON.parse(stderr)).toMatchObject({
    code: 'invalid_input',
    faults: [{ file, line: 5, column: 16, path: 'machine m5, positionU' }],
  })
})

test('a sheet goes in, its machines are merged with what is known, and the same again changes nothing', async () => {
  const dry = await command.run(['rack', 'import', SHEET, '--dry-run'])
  expect(lines(dry.stdout).at(-1)).toBe('Would be: 6 created, 0 changed, 0 unchanged. Nothing was written.')
  const first = await command.run(['rack', 'import', SHEET])
  expect(first).toMatchObject({ code: 0, stderr: 'Columns left out: Remark. (--map takes them in.)\n' })
  expect((await command.run(['rack', 'import', SHEET])).stdout).toMatch(/^Nothing to change: 6/)
  await command.run(['machine', 'set', 'lon1-a14-01', 'labels.rail=2', 'nics.0.switch=lon1-a14-tor1'])
  const more = files.write('more.csv', 'Name;U;MAC 1;MAC 3\nLON1-A14-01;20;b0:7b:25:c4:01:10;b0:7b:25:c4:01:1f\n')
  const changed = await command.run(['rack', 'import', more])
  expect(lines(changed.stdout)).toEqual([
    '~ machine lon1-a14-01',
    '    positionU: 1 -> 20',
    expect.stringContaining('nics/b0:7b:25:c4:01:1f: - -> '),
    '0 created, 1 changed, 0 unchanged',
  ])
  const { stdout } = await command.run(['--json', 'machine', 'show', 'lon1-a14-01'])
  expect(JSON.parse(stdout)).toMatchObject({
    serial: '9PQ4T01',
    labels: { rail: '2' },
    nics: [{ switch: 'lon1-a14-tor1' }, {}, {}],
  })
  const printed = await command.run(['rack', 'import', SHEET, '--print'])
  expect((await command.run(['apply', '-f', '-'], { input: printed.stdout })).code).toBe(0)
})

test('all faults of a sheet at once, by line and column', async () => {
  const file = files.write(
    'bad.csv',
    'Name;Rack;U;MAC;iLO IP\r\ns1;lon1-a14;12-Dec;1234;10.20.8.99\r\ns2;nowhere;1;;\r\n"s3";lon1-a12;3;24:6e:96:4a:10:10;10.99.9.9\r\n;lon1-a14;30;;\r\n',
  )
  const { code, stderr } = await command.run(['rack', 'import', file])
  expect(code).toBe(1)
  expect(lines(stderr.replaceAll(`${files.directory}/`, ''))).toEqual([
    expect.stringMatching(/^bad\.csv:2: machine s1, column C \(U\): .*Excel has made a date of it/),
    expect.stringMatching(/^bad\.csv:2: machine s1, column D \(MAC\): .*Excel has made a number of it/),
    "bad.csv:3: machine s2, column B (Rack): there is no rack 'nowhere': declare it first, or add --datacenter",
    'bad.csv:4: machine s3, column D (MAC): MAC 24:6e:96:4a:10:10 is taken by lon1-a12-01',
    'bad.csv:4: machine s3, column C (U): U3 of rack lon1-a12 is taken by lon1-a12-03 (U3)',
    'bad.csv:4: machine s3, column E (iLO IP): 10.99.9.9 is not inside network lon1-oob (10.20.8.0/22)',
    'bad.csv:5: machine, column A (Name): is empty: the machine needs a name',
    '7 faults, and nothing was written. Correct them and apply again.',
  ])
})

test('stock counts what there is', async () => {
  const { stdout } = await command.run(['--json', 'stock', '--datacenter', 'sto1'])
  expect(JSON.parse(stdout)).toContainEqual(
    expect.objectContaining({ datacenter: 'sto1', profile: 'compute-l', total: 10, expected: 10 }),
  )
})
