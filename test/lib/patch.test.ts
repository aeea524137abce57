import { Type } from 'typebox'
import { describe, expect, test } from 'vitest'
import { MachineInput } from '../../src/inventory/documents/machines.ts'
import { mergePatch } from '../../src/inventory/save/merge-patch.ts'
import { faultsOf, mergePatchOf, parse } from '../../src/lib/schema.ts'

const Patch = mergePatchOf(MachineInput)
const faults = (patch: unknown) => faultsOf(Patch, patch).map(({ path, message }) => `${path}: ${message}`)

describe('a patch of a machine', () => {
  test.each([
    ['nothing', {}],
    [
      'every optional field removed',
      { rack: null, positionU: null, serial: null, bmc: null, labels: null, nics: null },
    ],
    ['one label removed and one set', { labels: { old: null, new: 'x' } }],
    ['a field of the BMC removed', { bmc: { port: null, vendor: 'Dell' } }],
    ['a list whose items leave out what has a default', { nics: [{ mac: '52:54:00:00:00:01' }] }],
  ])('may be %s, and fills in nothing', (_, patch) => {
    expect(faults(patch)).toEqual([])
    expect(parse(Patch, structuredClone(patch), 'It')).toEqual(patch)
  })

  test.each<[what: string, patch: unknown, faults: RegExp[]]>([
    ['a field', { serial: 5 }, [/^\/serial: expected one line of 1 to 200 characters, or null, got 5$/]],
    [
      'a field of the BMC',
      { bmc: { port: 'x' } },
      [/^\/bmc\/port: expected a port from 1 to 65535, or null, got "x"$/],
    ],
    [
      'an unknown field of the BMC',
      { bmc: { colour: 'red' } },
      [/^\/bmc\/colour: is not a known field; known: protocol,/],
    ],
    [
      'a NIC',
      { nics: [{ mac: 'x' }, 7] },
      [/^\/nics\/0\/mac: expected a MAC address/, /^\/nics\/1: expected object, got 7$/],
    ],
    ['a label', { labels: { a: 5 } }, [/^\/labels\/a: expected one line of at most 200 characters, or null, got 5$/]],
    ['the name of a label', { labels: { 'A B': 'x' } }, [/^\/labels\/A B: is not a known field/]],
    ['what should be a list', { nics: 'none' }, [/^\/nics: expected .*, got "none"$/]],
    ['what should be an object', { bmc: 'none' }, [/^\/bmc: expected .*, got "none"$/]],
    ['several at once', { colour: 1, serial: 5, bmc: { port: 0 } }, [/\/colour: /, /\/serial: /, /\/bmc\/port: /]],
  ])('that is wrong in %s says where and how', (_, patch, expected) => {
    const told = faults(patch).toSorted()
    expect(told).toHaveLength(expected.length)
    for (const words of expected) expect(told).toContainEqual(expect.stringMatching(words))
  })

  test('never repeats a password that is wrong', () => {
    for (const initialPassword of ['', 'hunter2'.repeat(100), ['hunter2'], { is: 'hunter2' }]) {
      const told = faults({ bmc: { initialPassword } })
      expect(told).toEqual([expect.stringMatching(/^\/bmc\/initialPassword: expected a password, or null, got /)])
      expect(told.join()).not.toContain('hunter2')
    }
  })
})

test('no value that does not fit is told to fit, whatever unions it is under', () => {
  const Deep = mergePatchOf(
    Type.Object({ a: Type.Object({ b: Type.Object({ c: Type.Array(Type.Union([Type.Integer(), Type.Null()])) }) }) }),
  )
  for (const wrong of [
    { a: { b: { c: ['x'] } } },
    { a: { b: { c: 'x' } } },
    { a: { b: [] } },
    { a: [] },
    { a: 1 },
    [],
    'x',
    null,
  ])
    expect(faultsOf(Deep, wrong).length).toBeGreaterThan(0)
  for (const right of [{}, { a: null }, { a: { b: null } }, { a: { b: { c: null } } }, { a: { b: { c: [1, null] } } }])
    expect(faultsOf(Deep, right)).toEqual([])
})

test('merging keeps names that mean something else to JavaScript apart from what they mean', () => {
  const patch: unknown = JSON.parse('{"__proto__": {"polluted": true}, "constructor": null}')
  const merged = mergePatch({ constructor: 'x', a: 1 }, patch) as Record<string, unknown>
  expect(Object.keys(merged).toSorted()).toEqual(['__proto__', 'a'])
  expect(Object.getPrototypeOf(merged)).toBe(Object.prototype)
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
})

test('more faults than are told are not none', () => {
  const many = Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`X ${at}`, 'x']))
  for (const [schema, value] of [
    [Type.Object({ a: Type.Optional(Type.Integer()) }, { additionalProperties: false }), many],
    [Type.Object({ a: Type.Optional(Type.Integer()) }, { additionalProperties: false }), { ...many, a: 'x' }],
    [MachineInput, { name: 'm', datacenter: 'd', heightU: 1, nics: [], disks: [], labels: many }],
    [Patch, { labels: many }],
    [Patch, { bmc: many }],
  ] as const) {
    const told = faultsOf(schema, value)
    expect(told.length).toBeGreaterThan(0)
    expect(told.length).toBeLessThanOrEqual(300)
  }
})
