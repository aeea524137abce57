import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { ReceiveWindow } from '../../../src/bmc/ipmi/session/window.ts'

test('each number is accepted once, in whatever order it comes within the window', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 0xffff_ff00 }),
      fc.array(fc.integer({ min: 0, max: 20 })),
      (start, offsets) => {
        const window = new ReceiveWindow()
        expect(window.accept(start + 20)).toBe(true)
        const seen = new Set([20])
        for (const offset of offsets) {
          expect(window.accept(start + offset)).toBe(!seen.has(offset))
          seen.add(offset)
        }
      },
    ),
  )
})

test('numbers that are too old are dropped, and a jump ahead is followed', () => {
  const window = new ReceiveWindow()
  expect([1, 100, 99, 69, 68, 1, 100].map(number => window.accept(number))).toEqual([
    true, // the first one
    true, // a jump
    true, // late, and not yet there
    true, // the oldest that still counts
    false, // older than that
    false,
    false, // again
  ])
})

test('it goes on where the numbers wrap around, and 0 is no number', () => {
  const window = new ReceiveWindow()
  const last = 0xffff_ffff
  expect([last - 1, last, 1, last, 2, 0, last - 1].map(number => window.accept(number))).toEqual([
    true,
    true,
    true,
    false,
    true,
    false,
    false,
  ])
})
