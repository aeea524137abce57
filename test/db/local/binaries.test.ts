import { describe, expect, test } from 'vitest'
import { type Binaries, chooseBinaries, parseVersion, parseWanted } from '../../../src/db/local/binaries.ts'
import { findBinaries } from '../../../src/db/local/find-binaries.ts'

function binaries(source: Binaries['source'], version: string): Binaries {
  return { source, version, major: Number.parseInt(version, 10), bin: `/${source}/${version}` }
}
const ANY = { source: 'any' } as const

describe('which PostgreSQL runs', () => {
  test.each<[string, Binaries[], number | undefined, string]>([
    [
      'the newest of the system',
      [binaries('system', '15.9'), binaries('system', '17.2'), binaries('npm', '18.4')],
      undefined,
      '17.2',
    ],
    ['15.10 before 15.9', [binaries('system', '15.9'), binaries('system', '15.10')], undefined, '15.10'],
    ['npm where the system has none', [binaries('npm', '18.4')], undefined, '18.4'],
    ['npm where the system is too old', [binaries('system', '14.12'), binaries('npm', '18.4')], undefined, '18.4'],
    [
      'what the files need, though there is a newer one',
      [binaries('system', '15.9'), binaries('system', '17.2')],
      15,
      '15.9',
    ],
    ['npm when only that fits the files', [binaries('system', '17.2'), binaries('npm', '18.4')], 18, '18.4'],
    ['the system before npm when both fit', [binaries('npm', '18.4'), binaries('system', '18.1')], 18, '18.1'],
  ])('%s', (_what, found, filesMajor, version) => {
    expect(chooseBinaries(found, filesMajor, ANY).version).toBe(version)
  })

  test('files of another major version: which, what was found, what to do', () => {
    const found = [binaries('system', '15.9'), binaries('npm', '18.4')]
    expect(() => chooseBinaries(found, 17, ANY)).toThrow(
      expect.objectContaining({
        code: 'database_version',
        message: expect.stringMatching(
          /of PostgreSQL 17, which only.*found: 15\.9 \(system, \/system\/15\.9\), 18\.4 \(npm.*Install PostgreSQL 17 again.*backup.*restore/,
        ),
      }),
    )
  })

  test.each([
    [[], ANY, /No PostgreSQL 15 or newer in the system or from npm; found: none\..*apt install postgresql/],
    [[binaries('system', '14.12')], { source: 'system' }, /in the system; found: 14\.12/],
    [[], { source: 'given', bin: '/opt/pg/bin' }, /there \(looked in \/opt\/pg\/bin\)/],
  ] as const)('nothing usable: %o', (found, wanted, message) => {
    expect(() => chooseBinaries(found, undefined, wanted)).toThrow(message)
  })
})

test.each([
  ['postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)', '15.18', 15],
  ['postgres (PostgreSQL) 19beta1', '19beta1', 19],
  ['18.4.0-beta.17', '18.4', 18],
])('reads %s', (text, version, major) => {
  expect(parseVersion(text)).toEqual({ version, major })
})

test('what says no version is none', () => {
  expect(parseVersion('sh: not found')).toBeUndefined()
})

test('RACKWRIGHT_POSTGRES is a source or a directory', () => {
  expect(parseWanted(undefined)).toEqual({ source: 'any' })
  expect(parseWanted('npm')).toEqual({ source: 'npm' })
  expect(parseWanted('/opt/pg/bin')).toEqual({ source: 'given', bin: '/opt/pg/bin' })
  expect(() => parseWanted('postgres15')).toThrow(/'postgres15'; expected 'system', 'npm' or the path/)
})

test('finds the binaries of this machine, each directory once, with the version they say', async () => {
  const found = await findBinaries({ source: 'any' })
  expect(found.map(one => one.source)).toContain('npm')
  expect(new Set(found.map(one => one.bin)).size).toBe(found.length)
  for (const one of found) expect(one).toEqual(expect.objectContaining({ major: Number.parseInt(one.version, 10) }))
})

test('a directory without both programs is no candidate', async () => {
  expect(await findBinaries({ source: 'given', bin: '/usr/bin/no-such' })).toEqual([])
})
