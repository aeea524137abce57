import { expect, test } from 'vitest'
import { keysAsWritten } from '../../../src/cli/inventory/canonical-order.ts'
import { withoutDefaults } from '../../../src/cli/inventory/defaults.ts'
import { nearest } from '../../../src/cli/inventory/nearest.ts'
import { prepare } from '../../../src/cli/inventory/prepare.ts'
import { readInventory, withoutTwins } from '../../../src/cli/inventory/read.ts'
import { resolveSecrets } from '../../../src/cli/inventory/secrets.ts'
import { KINDS } from '../../../src/inventory/documents/kinds.ts'

const prepared = (text: string) => readInventory([{ name: 'a.yaml', text }]).documents.map(prepare)

test('documents that mean the same have the same digest, with a password or without', () => {
  const [a, b] = prepared(`
machines:
  - { name: m, datacenter: d, nics: [{ mac: "52:54:00:00:00:02" }, { mac: "52:54:00:00:00:01" }], bmc: { protocol: ipmi, network: n } }
  - { bmc: { network: n, protocol: ipmi, initialPassword: x }, heightU: 1, nics: [{ mac: 52-54-00-00-00-01 }, { mac: 52-54-00-00-00-02, addresses: [] }], datacenter: d, name: m }
`)
  expect(a?.faults).toEqual([])
  expect(a?.digest).toMatch(/^[0-9a-f]{64}$/)
  expect(b?.digest).toBe(a?.digest)
  expect([a?.hasPassword, b?.hasPassword]).toEqual([false, true])
  expect(b?.body).toMatchObject({ bmc: { initialPassword: 'x' } })
})

test('faults of the form stand where they were typed, and say how to type a number that is a text', () => {
  const [one] = prepared(
    'machines:\n  - name: m\n    datacenter: d\n    serial: 0012\n    colour: red\n    bmc: { protocol: telnet }\n',
  )
  const faults = one?.faults.map(
    ({ place, path, message }) => `${place.line}:${place.column ?? 0} ${path}: ${message.slice(0, 60)}`,
  )
  expect(faults?.toSorted()).toEqual([
    '4:13 machine m, serial: expected string, got 12; write it in quotes: "0012"',
    expect.stringMatching(/^5:13 machine m, colour: is not a known field/),

    '6:22 machine m, bmc.protocol: expected one of ipmi, redfish, ssh, got "telnet"',
    '6:5 machine m, bmc.network: is missing',
  ])
})

test('the second of two of a name is told with the place of the first', () => {
  const sources = ['a', 'b'].map(name => ({ name: `${name}.yaml`, text: 'racks:\n  - name: r\n' }))
  const { documents, faults } = withoutTwins(readInventory(sources))
  expect(documents).toHaveLength(1)
  expect(faults).toEqual([
    { place: { file: 'b.yaml', line: 2, column: 11 }, path: 'rack r', message: 'is there twice, first at a.yaml:2' },
  ])
})

test('a pointer into the canonical form leads to where it was written', () => {
  const written = {
    nics: [
      { mac: 'AA-00-00-00-00-02', addresses: [{ network: 'b' }, { network: 'a', ip: '10.0.0.1' }] },
      { mac: 'AA-00-00-00-00-01' },
    ],
    tiers: ['important', 'core'],
  }
  const canonical = {
    nics: [
      { mac: 'aa:00:00:00:00:01', addresses: [] },
      { mac: 'aa:00:00:00:00:02', addresses: [{ network: 'a', ip: '10.0.0.1' }, { network: 'b' }] },
    ],
    tiers: ['core', 'important'],
  }
  expect(keysAsWritten(canonical, written, ['nics', '0', 'mac'])).toEqual(['nics', '1', 'mac'])
  expect(keysAsWritten(canonical, written, ['nics', '1', 'addresses', '0', 'ip'])).toEqual([
    'nics',
    '0',
    'addresses',
    '1',
    'ip',
  ])
  expect(keysAsWritten(canonical, written, ['tiers', '0'])).toEqual(['tiers', '1'])
  expect(keysAsWritten(canonical, written, ['serial'])).toEqual(['serial'])
  expect(keysAsWritten(canonical, written, ['nics', '9', 'mac'])).toEqual(['nics', '9', 'mac'])
})

test('two alike are told apart by their turn', () => {
  const twice = { nics: [{ mac: 'aa:00:00:00:00:01' }, { mac: 'aa:00:00:00:00:01' }] }
  expect(keysAsWritten(twice, twice, ['nics', '1', 'mac'])).toEqual(['nics', '1', 'mac'])
})

test('secrets are taken from where they are; what is missing is told where it is asked for, and never its value', async () => {
  const { documents } = readInventory([
    {
      name: 'a.yaml',
      text: `machines:
  - { name: a, bmc: { initialPassword: { fromEnv: HAVE } } }
  - { name: b, bmc: { initialPassword: { fromEnv: HAVE_NOT } } }
  - { name: c, bmc: { initialPassword: { fromFile: /nowhere/at/all } } }
  - { name: d, bmc: { initialPassword: plain } }
  - { name: e, bmc: 7 }
`,
    },
  ])
  const faults = await resolveSecrets(documents, { HAVE: 'hunter2' })
  expect(faults.map(({ place, message }) => [place.line, message])).toEqual([
    [3, 'the environment has no HAVE_NOT'],
    [4, expect.stringMatching(/^the secret cannot be read: ENOENT/)],
  ])
  expect(documents.map(({ value }) => (value as { bmc: { initialPassword?: string } }).bmc.initialPassword)).toEqual([
    'hunter2',
    'not found',
    'not found',
    'plain',
    undefined,
  ])
})

test('what is the default anyway, or not of the document, is left out', () => {
  const view = {
    name: 'm',
    datacenter: 'd',
    heightU: 1,
    labels: {},
    nics: [{ mac: 'aa', addresses: [] }],
    disks: [],
    bmc: { protocol: 'ipmi', network: 'n', quirks: [] },
    revision: 3,
    lifecycle: 'enrolled',
  }
  expect(withoutDefaults(KINDS.machine.schema, view)).toEqual({
    name: 'm',
    datacenter: 'd',
    nics: [{ mac: 'aa' }],
    bmc: { protocol: 'ipmi', network: 'n' },
  })
})

test.each([
  ['machine', 'machines'],
  ['Rack', 'racks'],
  ['netwroks', 'networks'],
  ['zzz', undefined],
])('the nearest word to %s is %s', (word, meant) => {
  expect(
    nearest(
      word,
      Object.values(KINDS).map(({ plural }) => plural),
    ),
  ).toBe(meant)
})
