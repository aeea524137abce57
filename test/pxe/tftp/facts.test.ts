import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LIMITS } from '../../../src/pxe/tftp/limits.ts'
import { normalizeName } from '../../../src/pxe/tftp/names.ts'
import { negotiate } from '../../../src/pxe/tftp/negotiate.ts'
import { netasciiBytes, toNetascii } from '../../../src/pxe/tftp/netascii.ts'
import type { OptionPairs } from '../../../src/pxe/tftp/packets.ts'

describe('names', () => {
  test.each([
    ['boot/x.efi', 'boot/x.efi'],
    ['/boot//x.efi', 'boot/x.efi'],
    ['./boot/./x.efi', 'boot/x.efi'],
    [String.raw`\boot\x.efi`, 'boot/x.efi'],
    [String.raw`boot\\x.efi`, 'boot/x.efi'],
    ['...', '...'],
    ['..boot', '..boot'],
    ['Boot.EFI', 'Boot.EFI'],
    ['constructor', 'constructor'],
    ['__proto__', '__proto__'],
    ['C:/boot', 'C:/boot'],
    ['a b', 'a b'],
    ['bé', 'bé'],
  ])('%j is %j', (name, normal) => expect(normalizeName(name)).toBe(normal))

  test.each([
    '',
    '/',
    '.',
    '..',
    '/..',
    '../x',
    'a/../b',
    'a/..',
    String.raw`..\x`,
    String.raw`a\..\..\x`,
    'a\nb',
    'a\0b',
    'a\x7f',
    'x'.repeat(513),
  ])('%j is none', name => expect(normalizeName(name)).toBeUndefined())
})

describe('netascii', () => {
  test.each([
    ['', ''],
    ['a\n', 'a\r\n'],
    ['a\r', 'a\r\0'],
    ['a\r\n', 'a\r\0\r\n'],
    ['\n\r', '\r\n\r\0'],
  ])('%j is sent as %j', (text, sent) => expect(toNetascii(Buffer.from(text)).toString()).toBe(sent))

  const text = fc.array(fc.constantFrom(0, 10, 13, 65, 200)).map(bytes => Buffer.from(bytes))
  test('is what it says in length, in pieces as in whole, and can be read back', () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        const whole = toNetascii(Buffer.concat([a, b]))
        expect(whole).toHaveLength(netasciiBytes(a) + netasciiBytes(b))
        expect(whole).toEqual(Buffer.concat([toNetascii(a), toNetascii(b)]))
        expect(
          Buffer.from(whole.toString('latin1').replaceAll('\r\n', '\n').replaceAll('\r\0', '\r'), 'latin1'),
        ).toEqual(Buffer.concat([a, b]))
      }),
    )
  })
})

describe('options', () => {
  const agreed = (options: OptionPairs, limits = {}) =>
    negotiate({ kind: 'rrq', file: 'x', mode: 'octet', options }, 1000, { ...LIMITS, ...limits })
  const DEFAULTS = { blksize: 512, windowsize: 1, timeoutMs: undefined }

  test.each([
    [[], { ...DEFAULTS, oack: [] }],
    [[['blksize', '1468']], { ...DEFAULTS, blksize: 1468, oack: [['blksize', '1468']] }],
    [[['BlkSize', '8']], { ...DEFAULTS, blksize: 8, oack: [['BlkSize', '8']] }],
    [[['blksize', '65535']], { ...DEFAULTS, blksize: 65_464, oack: [['blksize', '65464']] }],
    [[['blksize', '7']], { ...DEFAULTS, oack: [] }],
    [[['blksize', '-1']], { ...DEFAULTS, oack: [] }],
    [[['blksize', '1e3']], { ...DEFAULTS, oack: [] }],
    [[['blksize', '']], { ...DEFAULTS, oack: [] }],
    [[['blksize', '9'.repeat(40)]], { ...DEFAULTS, oack: [] }],
    [[['windowsize', '4']], { ...DEFAULTS, windowsize: 4, oack: [['windowsize', '4']] }],
    [[['windowsize', '65535']], { ...DEFAULTS, windowsize: 64, oack: [['windowsize', '64']] }],
    [[['windowsize', '0']], { ...DEFAULTS, oack: [] }],
    [[['timeout', '3']], { ...DEFAULTS, timeoutMs: 3000, oack: [['timeout', '3']] }],
    [[['timeout', '0']], { ...DEFAULTS, oack: [] }],
    [[['timeout', '256']], { ...DEFAULTS, oack: [] }],
    [[['tsize', '0']], { ...DEFAULTS, oack: [['tsize', '1000']] }],
    [[['multicast', '']], { ...DEFAULTS, oack: [] }],
    [[['__proto__', '1']], { ...DEFAULTS, oack: [] }],
    [
      [
        ['tsize', '0'],
        ['TSIZE', '0'],
      ],
      { ...DEFAULTS, oack: [['tsize', '1000']] },
    ],
    [
      [
        ['blksize', '1024'],
        ['BLKSIZE', '512'],
      ],
      'option blksize is given twice',
    ],
    // The order of the client.
    [
      [
        ['tsize', '0'],
        ['blksize', '1408'],
      ],
      {
        ...DEFAULTS,
        blksize: 1408,
        oack: [
          ['tsize', '1000'],
          ['blksize', '1408'],
        ],
      },
    ],
  ] as const)('%j', (options, terms) => expect(agreed(options)).toEqual(terms))

  test('a window of large blocks is made small enough for its memory', () => {
    expect(
      agreed([
        ['blksize', '65464'],
        ['windowsize', '64'],
      ]),
    ).toMatchObject({
      windowsize: 8,
      oack: [
        ['blksize', '65464'],
        ['windowsize', '8'],
      ],
    })
    expect(
      agreed(
        [
          ['blksize', '65464'],
          ['windowsize', '64'],
        ],
        { windowBytes: 1 },
      ),
    ).toMatchObject({ windowsize: 1 })
  })

  test('the size of an empty file is not told: curl would not take it', () => {
    const options = [['tsize', '0']] as const
    expect(negotiate({ kind: 'rrq', file: 'x', mode: 'octet', options }, 0, LIMITS)).toMatchObject({ oack: [] })
  })

  test('caps are the operator’s', () => {
    expect(
      agreed(
        [
          ['blksize', '9000'],
          ['windowsize', '16'],
        ],
        { blksize: 1428, windowsize: 4 },
      ),
    ).toMatchObject({ blksize: 1428, windowsize: 4 })
  })
})
