import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FRUS } from '../../../lab/bmc/ipmi/content/fru.ts'
import { encodeSdrs } from '../../../lab/bmc/ipmi/content/sdr.ts'
import { CodecError } from '../../../src/lib/errors.ts'
import { decodeBootFlags, encodeBootFlags } from '../../../src/bmc/ipmi/commands/boot.ts'
import { BOOT_DEVICES } from '../../../src/bmc/driver.ts'
import { decodeFru } from '../../../src/bmc/ipmi/records/fru.ts'
import { type Conversion, readFactors, toValue } from '../../../src/bmc/ipmi/records/linear.ts'
import { decodeSdr } from '../../../src/bmc/ipmi/records/sdr-record.ts'
import { decodeSelRecord } from '../../../src/bmc/ipmi/records/sel-record.ts'
import { decodeBcdPlus, decodeIdString, decodeSixBit } from '../../../src/bmc/ipmi/records/text.ts'
import { unitOf } from '../../../src/bmc/ipmi/records/units.ts'
import { decodeSuiteIds } from '../../../src/bmc/ipmi/session/suites.ts'
import { mutants } from '../../pxe/support/mutants.ts'

describe('readings become values', () => {
  const linear: Conversion = { m: 1, b: 0, bExponent: 0, rExponent: 0, format: 'unsigned', linearization: 0 }
  test.each<[string, number, Partial<Conversion>, number | undefined]>([
    ['as they are', 45, {}, 45],
    ['with a factor and a small exponent', 192, { m: 63, rExponent: -3 }, 12.096],
    ['with an offset that has its own exponent', 200, { m: 15, b: 3, bExponent: 1, rExponent: -3 }, 3.03],
    ['with a negative offset', 54, { m: 4, b: -5 }, 211],
    ["of 2's complement", 0xfb, { format: "2's complement" }, -5],
    ["of 1's complement", 0xfa, { format: "1's complement" }, -5],
    ["of 1's complement, minus zero", 0xff, { format: "1's complement" }, 0],
    ['squared', 12, { linearization: 8, rExponent: -1 }, 1.44],
    ['as a reciprocal', 4, { linearization: 7 }, 0.25],
    ['as a square root', 144, { linearization: 10 }, 12],
    ['as a cube root', 27, { linearization: 11 }, 3],
    ['as a logarithm', 100, { linearization: 2 }, 2],
    ['as a power of two', 10, { linearization: 6 }, 1024],
    ['of a sensor that is not linear, with the factors of the moment', 10, { linearization: 0x70, m: 2 }, 20],
    ["by a vendor's own function", 10, { linearization: 0x71 }, undefined],
  ])('%s', (_, raw, change, value) => {
    expect(toValue(raw, { ...linear, ...change })).toEqual(value)
  })

  test('M and B have ten bits with a sign, exponents four', () => {
    const ten = fc.integer({ min: -512, max: 511 })
    const four = fc.integer({ min: -8, max: 7 })
    fc.assert(
      fc.property(ten, ten, four, four, (m, b, bExponent, rExponent) => {
        const exponents = ((rExponent & 0x0f) << 4) | (bExponent & 0x0f)
        const bytes = [m & 0xff, (m >> 2) & 0xc0, b & 0xff, (b >> 2) & 0xc0, 0, exponents]
        expect(readFactors(Buffer.from(bytes))).toEqual({ m, b, bExponent, rExponent })
      }),
    )
  })

  test.each([
    [0, 1, 0, '°C'],
    [0x01, 0, 0, '%'],
    [0, 18, 0, 'RPM'],
    [0x18, 85, 0, 'packets/s'],
    [0x04, 6, 24, 'W·h'],
    [0x02, 30, 22, 'in³/s'],
    [0, 0, 0, ''],
    [0, 200, 0, 'unit 200'],
  ])('units %i, %i, %i are %s', (flags, base, modifier, unit) => {
    expect(unitOf(flags, base, modifier)).toBe(unit)
  })
})

describe('text', () => {
  test('of six bits: the example of the FRU definition', () => {
    // "IPMI" is 29h DCh A6h (FRU storage definition §13.3).
    expect(decodeSixBit(Buffer.from([0x29, 0xdc, 0xa6]))).toBe('IPMI')
  })
  test('of BCD plus', () => {
    expect(decodeBcdPlus(Buffer.from([0x12, 0xab, 0xc9]))).toBe('12 -.9')
  })
  test('of a record, by its type', () => {
    expect(decodeIdString(3, Buffer.from('CPU1 \0\0'))).toBe('CPU1')
    expect(decodeIdString(2, Buffer.from([0x29, 0xdc, 0xa6]))).toBe('IPMI')
    expect(decodeIdString(1, Buffer.from([0x12]))).toBe('12')
    expect(decodeIdString(0, Buffer.from('Ä1', 'utf16le'))).toBe('Ä1')
  })
})

describe('sensor data records', () => {
  const sdrs = encodeSdrs().map(decodeSdr)
  test('of every kind are told apart', () => {
    expect(sdrs.map(({ kind }) => kind)).toEqual([
      ...Array.from({ length: 8 }, () => 'full'),
      'compact',
      'compact',
      'compact',
      'event-only',
      'fru',
      'fru',
      'controller',
      'other',
    ])
    expect(sdrs[11]).toMatchObject({ name: 'OS Boot', entity: 'operating system', number: 0x30 })
    expect(sdrs[12]).toMatchObject({ name: 'PSU1 FRU', fruId: 1, entity: 'power supply' })
    expect(sdrs[14]).toMatchObject({ name: 'Virtual BMC', address: 0x20 })
    expect(sdrs[15]).toMatchObject({ type: 0xc0, raw: expect.stringMatching(/dead$/) })
  })
  test('with their thresholds as they stand in the record', () => {
    expect(sdrs[1]).toMatchObject({
      thresholds: { lowerNonCritical: 0xf6, lowerNonRecoverable: 0xec, upperCritical: 45 },
    })
  })
})

test.each([
  // A record of each way that events are named: table 42-2, table 42-3, unknown ones.
  ['01000200e1f565200004040301515a3c', { sensorType: 'fan', words: 'lower non-critical going high', offset: 1 }],
  ['02000200e1f56520000409010b01ffff', { words: 'redundancy lost', reading: undefined }],
  ['03000200e1f5652000040c206f a1ff03'.replace(' ', ''), { sensorType: 'memory', words: 'uncorrectable ECC' }],
  ['04000200e1f5652000040c206f0fffff', { words: 'event 15 of type 6fh' }],
  ['05000200e1f565200004c7017200ffff', { sensorType: 'sensor type c7h', words: 'event 0 of type 72h' }],
  ['0600020000000020000407206f81ffff', { time: { sinceStartSeconds: 0 }, words: 'thermal trip', asserted: true }],
  ['070002ffffffff20000407206f81ffff', { time: undefined }],
])('the log record %s is understood', (hex, expected) => {
  expect(decodeSelRecord(Buffer.from(hex, 'hex'))).toMatchObject(expected)
})

describe('inventories', () => {
  const [system, supply] = FRUS.map(({ encode }) => encode('SN-7'))
  const broken = (at: number) => {
    const copy = Buffer.from(system ?? '')
    copy[at] = (copy[at] ?? 0) ^ 0xff
    return copy
  }

  test('have a chassis, a board, a product', () => {
    expect(decodeFru(system ?? Buffer.alloc(0))).toMatchObject({
      chassis: { type: 'rack mount chassis', partNumber: 'CH-1000', serial: 'CSN-7' },
      board: { manufactured: '2025-03-14T09:26:00.000Z', partNumber: '004-211.7', custom: ['rev C'] },
      product: { assetTag: 'AT-SN-7', version: 'C' },
      faults: [],
    })
  })

  test('have records of power supplies', () => {
    expect(decodeFru(supply ?? Buffer.alloc(0)).records).toEqual([
      { kind: 'power supply', watts: 800, hotSwap: true, peakWatts: 900 },
      { kind: 'DC output', output: 1, nominalVolts: 12, minimumAmperes: 0, maximumAmperes: 60 },
      { kind: 'management access', what: 'system name', value: 'psu1.rack' },
    ])
  })

  test('with one damaged area still tell of the others', () => {
    const { chassis, product, faults } = decodeFru(broken(12))
    expect([chassis, product?.serial]).toEqual([undefined, 'SN-7'])
    expect(faults).toEqual(['chassis area: the checksum does not fit'])
  })

  test('with a damaged header are none', () => {
    expect(() => decodeFru(broken(3))).toThrow('the checksum of the FRU header does not fit')
    expect(() => decodeFru(Buffer.alloc(64, 0xff))).toThrow(CodecError)
  })

  test('may be damaged in any way, and nothing worse than a CodecError happens', () => {
    const whole = [system, supply].filter(bytes => bytes !== undefined)
    for (const bytes of mutants(3, 3_000, whole))
      try {
        decodeFru(bytes)
      } catch (error) {
        expect(error).toBeInstanceOf(CodecError)
      }
  })
})

test('records of sensors and events may be damaged, too', () => {
  const whole = [...encodeSdrs(), Buffer.from('01000200e1f565200004040301515a3c', 'hex')]
  for (const bytes of mutants(5, 3_000, whole))
    for (const decode of [decodeSdr, decodeSelRecord])
      try {
        decode(bytes)
      } catch (error) {
        expect(error).toBeInstanceOf(CodecError)
      }
})

test('boot flags say the same when they are read back', () => {
  const overrides = fc.record({
    device: fc.constantFrom(...BOOT_DEVICES),
    mode: fc.constantFrom('bios' as const, 'uefi' as const),
    persistent: fc.boolean(),
  })
  fc.assert(
    fc.property(overrides, override => {
      const { valid, override: read } = decodeBootFlags(Buffer.from(encodeBootFlags(override)))
      expect([valid, read]).toEqual([true, override])
    }),
  )
})

test('cipher suite records: standard ones, those of a vendor, and a list that breaks off', () => {
  const standard = (id: number) => [0xc0, id, 0x01, 0x41, 0x81]
  const vendors = [0xc1, 0x80, 0xf2, 0x1b, 0x00, 0x01, 0x41, 0x81]
  expect(decodeSuiteIds(Buffer.from([...standard(3), ...vendors, ...standard(17)]))).toEqual([3, 17])
  expect(decodeSuiteIds(Buffer.from([...standard(3), 0xc0]))).toEqual([3])
  expect(decodeSuiteIds(Buffer.alloc(0))).toEqual([])
})
