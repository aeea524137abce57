import { expect, test } from 'vitest'
import { KINDS } from '../../src/inventory/documents/kinds.ts'
import { matches } from '../../src/cli/resources/names.ts'
import { valueAt } from '../../src/cli/resources/path.ts'
import { patchOf } from '../../src/cli/resources/set-words.ts'

const MACHINE = {
  name: 'm1',
  labels: { 'a.b': 'c' },
  nics: [
    { mac: '52:54:00:00:00:01', switch: 'sw1', addresses: [{ network: 'n', ip: '10.0.0.1' }] },
    { mac: '52:54:00:00:00:02', addresses: [] },
  ],
}
const patch = (...words: string[]) => patchOf(KINDS.machine.input, MACHINE, words)

test('the schema decides what a value means', () => {
  expect(patch('serial=0012', 'heightU=2', 'positionU=1.5', 'service=')).toEqual({
    serial: '0012',
    heightU: 2,
    positionU: 1.5,
    service: null,
  })
  expect(patch('bmc.port=623', 'bmc.username=root', 'bmc.quirks=a,b')).toEqual({
    bmc: { port: 623, username: 'root', quirks: ['a', 'b'] },
  })
  expect(patch('nics=[{"mac":"52:54:00:00:00:03"}]')).toEqual({ nics: [{ mac: '52:54:00:00:00:03' }] })
  expect(patch('serial="two words"')).toEqual({ serial: 'two words' })
  expect(patch('heightU=tall')).toEqual({ heightU: 'tall' })
  expect(patch('vendor=a=b')).toEqual({ vendor: 'a=b' })
})

test('what is left of a path is a key of a record, dots and all', () => {
  expect(patch('labels.a.b=x', 'labels.rail=')).toEqual({ labels: { 'a.b': 'x', rail: null } })
})

test('one item of a list is changed in the whole list, by place or by key, twice if asked', () => {
  const [first, second] = MACHINE.nics
  expect(patch('nics.1.switch=sw2')).toEqual({ nics: [first, { ...second, switch: 'sw2' }] })
  expect(patch('nics.52:54:00:00:00:01.switch=', 'nics.1.speedMbps=100')).toEqual({
    nics: [
      { mac: first?.mac, addresses: first?.addresses },
      { ...second, speedMbps: 100 },
    ],
  })
  expect(patch('nics.0.addresses.0.ip=10.0.0.2')).toEqual({
    nics: [{ ...first, addresses: [{ network: 'n', ip: '10.0.0.2' }] }, second],
  })
  expect(MACHINE.nics[0]?.switch).toBe('sw1')
})

test.each([
  ['serial', 'field=value'],
  ['=x', 'field=value'],
  ['colour=red', "There is no field 'colour'. Fields there: name, datacenter"],
  ['serial.x=1', 'no fields below'],
  ['nics.7.switch=x', "no item '7'"],
  ['nics=[', 'expected JSON'],
  ['name=other', 'A name cannot be changed'],
  ['bmc.initialPassword=hunter2', 'machine bmc-password'],
])('refuses %s', (word, message) => {
  expect(() => patch(word)).toThrow(message)
})

test('a secret is not among the fields that are offered, nor in a refusal', () => {
  expect(() => patch('bmc.nothing=1')).toThrow(/^(?!.*initialPassword)/)
  expect(() => patch('bmc.initialPassword=hunter2')).toThrow(/^(?!.*hunter2)/)
})

test('finds what stands at a path', () => {
  expect(valueAt(MACHINE, ['nics', '1', 'mac'])).toBe('52:54:00:00:00:02')
  expect(valueAt(MACHINE, ['labels', 'a', 'b'])).toBe('c')
  expect(valueAt(MACHINE, ['bmc', 'address'])).toBeUndefined()
  expect(valueAt(MACHINE, ['toString'])).toBeUndefined()
})

test.each([
  ['lon1-a12-03', 'lon1-a12-03', true],
  ['lon1-a12-03', 'lon1-a12-*', true],
  ['lon1-a12-03', '*-03', true],
  ['lon1-a12-03', 'lon1*12*', true],
  ['lon1-a12-03', '*', true],
  ['lon1-a12-03', 'lon1-a12', false],
  ['lon1-a12-03', 'a12*', false],
  ['aba', 'ab*ba', false],
  ['lon1-a12-03', '*12*a*', false],
  ['a.b', 'a?b', false],
])('%s fits %s: %s', (name, pattern, fits) => {
  expect(matches(name, pattern)).toBe(fits)
})
