import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonical } from '../../src/inventory/documents/canonical.ts'
import type { Document } from '../../src/inventory/documents/kinds.ts'
import { isLike, matchProfiles } from '../../src/inventory/match.ts'
import { diff } from '../../src/inventory/save/diff.ts'
import { spansOf } from '../../src/inventory/save/give.ts'
import { mergePatch } from '../../src/inventory/save/merge-patch.ts'
import { makeFleet } from '../support/fleet.ts'

describe('the canonical form', () => {
  const { machines } = makeFleet({ machines: 20 })

  test('is its own, whatever the order things are written in', () => {
    fc.assert(
      fc.property(fc.constantFrom(...machines), fc.infiniteStream(fc.nat()), (machine, order) => {
        const random = order[Symbol.iterator]()
        const shuffled = <T>(items: readonly T[]): T[] =>
          items
            .map(item => [random.next().value ?? 0, item] as const)
            .toSorted(([a], [b]) => a - b)
            .map(([, item]) => item)
        const written = Object.fromEntries(
          shuffled(Object.entries({ ...machine, nics: shuffled(machine.nics), disks: shuffled(machine.disks) })),
        ) as Document<'machine'>
        const form = JSON.stringify(canonical('machine', machine))
        expect(JSON.stringify(canonical('machine', written))).toBe(form)
        expect(JSON.stringify(canonical('machine', canonical('machine', written)))).toBe(form)
      }),
    )
  })

  test('spells MACs, UUIDs, addresses and times in one way', () => {
    const nic = { mac: '52-54-00-AB-CD-EF', addresses: [{ network: 'n', ip: 'FD00:0:0::0A' }] }
    const machine = {
      name: 'm',
      datacenter: 'd',
      heightU: 1,
      labels: {},
      disks: [],
      systemUuid: 'ABCDEF00-0000-0000-0000-00000000000A',
    }
    expect(canonical('machine', { ...machine, nics: [nic] })).toMatchObject({
      systemUuid: 'abcdef00-0000-0000-0000-00000000000a',
      nics: [{ mac: '52:54:00:ab:cd:ef', addresses: [{ ip: 'fd00::a' }] }],
    })
    const freeze = {
      name: 'f',
      reason: 'x',
      datacenters: ['b', 'a', 'b'],
      tiers: [],
      startsAt: '2026-12-24T18:00:00+02:00',
      endsAt: '2026-12-27T00:00:00Z',
    }
    expect(canonical('freeze', freeze)).toMatchObject({ datacenters: ['a', 'b'], startsAt: '2026-12-24T16:00:00.000Z' })
  })
})

describe('a difference', () => {
  test('is empty for equal documents, and names things by their key', () => {
    const before = { a: 1, nics: [{ mac: 'm1', name: 'eth0' }, { mac: 'm2' }], words: ['x'] }
    expect(diff(before, structuredClone(before))).toEqual([])
    expect(diff(before, { a: 2, nics: [{ mac: 'm2', name: 'eth1' }], words: ['x', 'y'], b: {} })).toEqual([
      { path: 'a', from: 1, to: 2 },
      { path: 'nics/m1', from: { mac: 'm1', name: 'eth0' } },
      { path: 'nics/m2/name', to: 'eth1' },
      { path: 'words', from: ['x'], to: ['x', 'y'] },
      { path: 'b', to: {} },
    ])
  })
})

/** RFC 7396, appendix A: original, patch, result. */
const PATCHES: [unknown, unknown, unknown][] = [
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b' }, { a: null }, {}],
  [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [
    ['a', 'b'],
    ['c', 'd'],
    ['c', 'd'],
  ],
  [{ a: 'b' }, ['c'], ['c']],
  [{ a: 'foo' }, null, null],
  [{ a: 'foo' }, 'bar', 'bar'],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [[1, 2], { a: 'b', c: null }, { a: 'b' }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
]
test.each(PATCHES)('merging: %j with %j is %j', (target, patch, result) => {
  expect(mergePatch(target, patch)).toEqual(result)
})

test('a patch cannot reach the prototype', () => {
  const merged = mergePatch(
    {},
    JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'),
  )
  expect(Object.keys(merged as object)).toEqual(['__proto__', 'constructor'])
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
})

describe('profiles', () => {
  const hardware = {
    vendor: 'Dell Inc.',
    cpu: { cores: 64 },
    memoryBytes: 256 * 2 ** 30,
    disks: [
      { medium: 'nvme', sizeBytes: 1.6e12 },
      { medium: 'hdd', sizeBytes: 8e12 },
    ],
  }
  const profile = (name: string, match: Document<'profile'>['match']) => ({ name, summary: '', match })

  test('fit by all their rules, or say which do not hold', () => {
    const found = matchProfiles(hardware, [
      profile('fits', [
        { fact: 'cpu.cores', min: 32, max: 64 },
        { fact: 'vendor', like: 'dell*' },
        { fact: 'memory.gib', min: 256 },
      ]),
      profile('large', [
        { fact: 'cpu.cores', min: 128 },
        { fact: 'disks.nvme', min: 2 },
        { fact: 'disks.totalGb', max: 100 },
      ]),
      profile('gpu', [{ fact: 'gpus.count', min: 1 }]),
      profile('by-hand', []),
    ])
    expect(found).toEqual([
      { profile: 'fits', matches: true, reasons: [] },
      {
        profile: 'large',
        matches: false,
        reasons: [
          'cpu.cores is 64, less than 128',
          'disks.nvme is 1, less than 2',
          'disks.totalGb is 9600, more than 100',
        ],
      },
      { profile: 'gpu', matches: false, reasons: ['gpus.count is not known'] },
      { profile: 'by-hand', matches: false, reasons: ['it has no rules, and is given by hand only'] },
    ])
  })

  test('patterns agree with regular expressions', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'B', '*', '?', '.'), maxLength: 8 })
    fc.assert(
      fc.property(letters, letters, (text, pattern) => {
        const source = pattern.replaceAll('.', '\\.').replaceAll('*', '.*').replaceAll('?', '.')
        expect(isLike(text, pattern)).toBe(new RegExp(`^${source}$`, 'is').test(text))
      }),
      { numRuns: 2_000 },
    )
  })
})

test('addresses are given from what is free for it', () => {
  const network = {
    name: 'n',
    datacenter: 'd',
    purpose: 'data' as const,
    resolvers: [],
    cidr4: '10.0.0.0/29',
    gateway4: '10.0.0.1',
  }
  const texts = (all: { first: bigint; last: bigint }[]) => all.map(({ first, last }) => [first & 255n, last & 255n])
  expect(texts(spansOf({ ...network, ranges: [] }))).toEqual([[2n, 6n]])
  expect(texts(spansOf({ ...network, ranges: [{ first: '10.0.0.4', last: '10.0.0.4', use: 'pool' }] }))).toEqual([
    [2n, 3n],
    [5n, 6n],
  ])
  expect(texts(spansOf({ ...network, ranges: [{ first: '10.0.0.0', last: '10.0.0.3', use: 'static' }] }))).toEqual([
    [2n, 3n],
  ])
  expect(texts(spansOf({ ...network, cidr4: '10.0.0.0/31', gateway4: '10.0.0.0', ranges: [] }))).toEqual([[1n, 1n]])
})
