import { expect, test } from 'vitest'
import { readInventory } from '../../../src/cli/inventory/read.ts'

const read = (text: string, name = 'a.yaml') => readInventory([{ name, text }])
const told = (text: string) =>
  read(text).faults.map(({ place, path, message }) => `${place.line}:${place.column} ${path}: ${message}`)

test('documents come with their places: a value where it stands, a block where its key does', () => {
  const { documents, faults } = read(
    [
      'machines:',
      '  - name: m1',
      '    labels:',
      '      rail: x',
      '    nics:',
      '      - mac: aa',
      '        name: eno1',
      '  - {name: m2, heightU: 3}',
    ].join('\n'),
  )
  expect(faults).toEqual([])
  expect(documents.map(one => one.value)).toEqual([
    { name: 'm1', labels: { rail: 'x' }, nics: [{ mac: 'aa', name: 'eno1' }] },
    { name: 'm2', heightU: 3 },
  ])
  const place = (at: number, ...keys: string[]) => {
    const { line, column } = documents[at]?.placeOf(keys) ?? { line: 0 }
    return `${line}:${column}`
  }
  expect(place(0)).toBe('2:5')
  expect(place(0, 'name')).toBe('2:11')
  expect(place(0, 'labels')).toBe('3:5')
  expect(place(0, 'labels', 'rail')).toBe('4:13')
  expect(place(0, 'nics', '0')).toBe('6:9')
  expect(place(0, 'nics', '0', 'name')).toBe('7:15')
  // What is missing is told where it should be.
  expect(place(0, 'nics', '0', 'speed')).toBe('6:9')
  expect(place(0, 'nics', '9')).toBe('5:5')
  expect(place(1, 'heightU')).toBe('8:25')
})

test('anchors, aliases and merge keys: own keys win, then the first map', () => {
  const { documents, faults } = read(`
x-a: &a { datacenter: lon1, vendor: A, labels: &l { rail: "1" } }
x-b: &b { vendor: B, model: M }
machines:
  - { <<: *a, name: m1, vendor: own }
  - { <<: [*a, *b], name: m2 }
  - name: m3
    labels: *l
  - &whole { name: m4 }
  - { "<<": text, name: m5 }
`)
  expect(faults).toEqual([])
  expect(documents.map(one => one.value)).toEqual([
    { datacenter: 'lon1', vendor: 'own', labels: { rail: '1' }, name: 'm1' },
    { vendor: 'A', model: 'M', datacenter: 'lon1', labels: { rail: '1' }, name: 'm2' },
    { name: 'm3', labels: { rail: '1' } },
    { name: 'm4' },
    { '<<': 'text', name: 'm5' },
  ])
  // Where one corrects it: in the template.
  expect(documents[0]?.placeOf(['datacenter'])).toMatchObject({ line: 2, column: 23 })
  expect(documents[1]?.placeOf(['model'])).toMatchObject({ line: 3, column: 29 })
  expect(documents[2]?.placeOf(['labels', 'rail'])).toMatchObject({ line: 2, column: 59 })
})

test('an anchor means what had it last before the alias', () => {
  const { documents } = read('x-1: &x one\nx-2: [*x, &x two]\nracks:\n  - { name: *x }')
  expect(documents[0]?.value).toEqual({ name: 'two' })
})

test('several documents in one file, and nothing between some of them', () => {
  const { documents, faults } = read('racks:\n  - name: a\n---\n---\nracks:\n  - name: b\n')
  expect(faults).toEqual([])
  expect(documents.map(one => [one.name, one.placeOf(['name']).line])).toEqual([
    ['a', 2],
    ['b', 6],
  ])
})

test.each([
  ['', '1:1 : is empty: an inventory file has lists such as "machines:"'],
  ['# only a comment\n', '1:1 : is empty: an inventory file has lists such as "machines:"'],
  ['hello', '1:1 : expected a mapping with lists such as "machines:" on top'],
  ['- a\n- b', '1:1 : expected a mapping with lists such as "machines:" on top'],
  ['\nmachnes: []', '2:1 machnes: is not a known key; did you mean "machines"?'],
  ['machine: []', '1:1 machine: is not a known key; did you mean "machines"?'],
  [
    'servers: []',
    '1:1 servers: is not a known key; known: datacenters, rooms, racks, networks, profiles, services, images, windows, freezes, machines',
  ],
  ['racks: 7', '1:8 racks: expected a list of racks, each beginning with "- "'],
  ['racks:\n  name: a', '1:1 racks: expected a list of racks, each beginning with "- "'],
])('%j is told', (text, fault) => {
  expect(told(text)).toEqual([fault])
})

test('a list that is commented out is none', () => {
  expect(read('racks:\n# - name: a\nrooms: []')).toMatchObject({ documents: [], faults: [] })
})

test('what is no YAML is told by line and column, and nothing else is', () => {
  const { documents, faults, unreadable } = read('racks:\n  - name: a\n name: b\n')
  expect({ documents, unreadable }).toEqual({ documents: [], unreadable: true })
  expect(faults[0]?.place).toMatchObject({ file: 'a.yaml', line: 3 })
  expect(faults[0]?.message).toMatch(/^not YAML: /)
})

test.each([
  ['a key twice', 'racks:\n  - name: a\n    name: b', /3:5 .*unique/],
  ['an unknown tag', 'racks:\n  - name: !secret a', /2:11 .*tag/],
  ['an alias of nothing', 'racks:\n  - *nothing', /2:5 racks.0: an alias has no anchor/],
])('%s is told', (_, text, message) => {
  expect(told(text).join('\n')).toMatch(message)
})

test('aliases that grow without end are refused, quickly', () => {
  const bomb = [
    'x-0: &a0 [x,x,x,x,x,x,x,x,x,x]',
    ...Array.from({ length: 12 }, (_, at) => `x-${at + 1}: &a${at + 1} [${`*a${at},`.repeat(10)}]`),
  ]
  const startedMs = performance.now()
  expect(told([...bomb, 'racks:', '  - *a12'].join('\n'))).toEqual([
    expect.stringMatching(/^15:5 racks\.0: its aliases make it larger/),
  ])
  expect(performance.now() - startedMs).toBeLessThan(5_000)
})

test.each([
  ['by alias', 'racks:\n  - &a { name: a, powerFeeds: [*a] }'],
  ['by merge key', 'racks:\n  - &a { name: a, <<: *a }'],
])('what contains itself %s is refused', (_, text) => {
  expect(told(text)).toEqual([expect.stringMatching(/racks\.0: an alias means what it stands in$/)])
})

test('nesting without end is refused', () => {
  expect(told(`racks: ${'['.repeat(100_000)}`).join()).toMatch(/nested too deeply|not YAML/)
})

test('ten thousand machines may share one template', () => {
  const { documents, faults } = read(
    `x-t: &t { vendor: V }\nmachines:\n${Array.from({ length: 10_000 }, (_, at) => `  - { <<: *t, name: m${at} }`).join('\n')}`,
  )
  expect(faults).toEqual([])
  expect(documents.at(-1)?.value).toEqual({ vendor: 'V', name: 'm9999' })
})

test('words stay words: dates, times, and a directive for old YAML', () => {
  const { documents } = read('%YAML 1.1\n---\nfreezes:\n  - { name: f, startsAt: 2026-12-18T17:00:00Z }')
  expect(documents[0]?.value).toEqual({ name: 'f', startsAt: '2026-12-18T17:00:00Z' })
})

test('a key that the language knows is a key like any other', () => {
  const { documents } = read('racks:\n  - { name: a, __proto__: { polluted: yes }, constructor: x }')
  expect(Object.keys(documents[0]?.value as object)).toEqual(['name', '__proto__', 'constructor'])
  expect('polluted' in {}).toBe(false)
})
