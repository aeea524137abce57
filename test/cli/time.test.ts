import { expect, test } from 'vitest'
import { momentOf } from '../../src/cli/time.ts'

const NOW = new Date('2026-11-22T12:00:00Z')

test.each([
  ['90m', '2026-11-22T13:30:00.000Z'],
  ['4h', '2026-11-22T16:00:00.000Z'],
  ['30d', '2026-12-22T12:00:00.000Z'],
  ['2w', '2026-12-06T12:00:00.000Z'],
  ['2026-12-24T18:00:00+01:00', '2026-12-24T17:00:00.000Z'],
  ['2026-12-24T18:00Z', '2026-12-24T18:00:00.000Z'],
])('%s is %s', (text, moment) => {
  expect(momentOf(text, '--until', NOW)).toBe(moment)
})

test.each(['', 'tomorrow', '4', '4y', '-1h', '2026-12-24', '2026-12-24T18:00', '2026-13-45T18:00Z'])(
  'refuses %j, which can mean several times or none',
  text => {
    expect(() => momentOf(text, '--until', NOW)).toThrow('--until has to be a time')
  },
)
