import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { TftpSource } from '../../../src/pxe/tftp/file.ts'
import { toNetascii } from '../../../src/pxe/tftp/netascii.ts'
import { randomFrom } from '../support/mutants.ts'
import { playTransfer } from '../support/tftp-network.ts'

function noise(length: number, seed = 3): Buffer {
  const random = randomFrom(seed)
  return Buffer.from(Array.from({ length }, () => random(256)))
}
const source = (bytes: Buffer): TftpSource => ({
  size: bytes.length,
  read: async (offset, length) => bytes.subarray(offset, offset + length),
})
const FINISHED = { kind: 'finished', confirmed: true }

describe('a file arrives as it is', () => {
  test.each([0, 1, 511, 512, 513, 1024, 5000])('%i bytes', async size => {
    const bytes = noise(size)
    const run = await playTransfer({ bytes })
    expect(run).toMatchObject({ outcome: FINISHED, retransmissions: 0, sent: Math.floor(size / 512) + 1 })
    expect(run.bytes).toEqual(bytes)
  })

  test('whatever is agreed and however the network loses, doubles and delays', async () => {
    const conditions = fc.record({
      seed: fc.nat(),
      loss: fc.integer({ min: 0, max: 20 }),
      doubled: fc.integer({ min: 0, max: 20 }),
      delayMs: fc.integer({ min: 1, max: 60 }),
    })
    const terms = fc.record({
      blksize: fc.integer({ min: 8, max: 2000 }),
      windowsize: fc.integer({ min: 1, max: 64 }),
      oack: fc.constantFrom([], [['blksize', '8'] as const]),
      timeoutMs: fc.constantFrom(undefined, 1000),
    })
    const property = fc.asyncProperty(fc.nat({ max: 20_000 }), terms, conditions, async (size, agreed, network) => {
      const bytes = noise(size)
      for (const file of [{ bytes }, source(bytes)]) {
        const run = await playTransfer(file, agreed, network)
        expect(run.outcome).toEqual(FINISHED)
        expect(run.bytes.equals(bytes)).toBe(true)
      }
    })
    await fc.assert(property, { numRuns: 60 })
  })

  test('block numbers roll over from 65,535 to 0', async () => {
    const bytes = noise(8 * 70_000 + 3)
    const run = await playTransfer({ bytes }, { blksize: 8, windowsize: 64 })
    expect(run).toMatchObject({ outcome: FINISHED, retransmissions: 0 })
    expect(run.bytes.equals(bytes)).toBe(true)
  })

  test('also over the roll-over with loss', async () => {
    const bytes = noise(8 * 66_000)
    const run = await playTransfer({ bytes }, { blksize: 8, windowsize: 16 }, { loss: 3, delayMs: 2 })
    expect(run.outcome).toEqual(FINISHED)
    expect(run.bytes.equals(bytes)).toBe(true)
  })

  test('pieces of a file that is read while it is sent', async () => {
    const bytes = noise(700_000)
    const run = await playTransfer(source(bytes), { blksize: 1428, windowsize: 7 })
    expect(run).toMatchObject({ outcome: FINISHED, retransmissions: 0 })
    expect(run.bytes.equals(bytes)).toBe(true)
  })

  test('netascii, from memory and from a file', async () => {
    const bytes = Buffer.from('a\r\nb\n\rc\r'.repeat(30_000))
    for (const file of [{ bytes }, source(bytes)]) {
      const run = await playTransfer(file, {}, {}, { netascii: true })
      expect(run.bytes.equals(toNetascii(bytes))).toBe(true)
    }
  })
})

describe('what loss costs', () => {
  test('doubled ACKs double nothing: no sorcerer’s apprentice', async () => {
    const blocks = 400
    const run = await playTransfer({ bytes: noise(512 * blocks) }, {}, { doubled: 100 })
    expect(run).toMatchObject({ outcome: FINISHED, retransmissions: 0, sent: blocks + 1 })
  })

  test('doubled ACKs of windows double nothing either', async () => {
    const run = await playTransfer({ bytes: noise(512 * 400) }, { windowsize: 8 }, { doubled: 100 })
    expect(run).toMatchObject({ outcome: FINISHED, retransmissions: 0, sent: 401 })
  })

  test('a client that confirms every doubled block at once costs no more than its windows', async () => {
    const run = await playTransfer({ bytes: noise(512 * 400) }, { windowsize: 8 }, { doubled: 100, nervous: true })
    expect(run.outcome).toEqual(FINISHED)
    expect(run.sent).toBeLessThanOrEqual(401 * 8)
  })

  test('5 % loss costs tens of milliseconds a loss, not seconds', async () => {
    const run = await playTransfer({ bytes: noise(512 * 2000) }, {}, { loss: 5 })
    expect(run.outcome).toEqual(FINISHED)
    // 2,000 round trips of 2 ms, and some 200 losses.
    expect(run.ms).toBeLessThan(20_000)
  })

  test('a client without a network is given up after 30 s, with ever longer waits', async () => {
    const run = await playTransfer({ bytes: noise(512 * 100) }, {}, { cutAtMs: 50 })
    expect(run.outcome).toMatchObject({ kind: 'failed', reason: 'timeout' })
    expect(run.ms).toBeGreaterThan(30_000)
    expect(run.retransmissions).toBeLessThan(20)
  })
})

describe('files that fail', () => {
  test.each([
    ['is shorter than it was', async () => Buffer.alloc(10)],
    ['cannot be read', async () => await Promise.reject(new Error('EIO'))],
  ])('one that %s ends the transfer', async (_, read) => {
    let closed = 0
    const run = await playTransfer({ size: 5000, read, close: () => void (closed += 1) })
    expect(run.outcome).toMatchObject({ kind: 'failed', reason: 'read-failed' })
    expect(closed).toBe(1)
  })
})
