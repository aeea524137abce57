import { expect, test } from 'vitest'
import { displayWidth, pad, printable, truncate } from '../../../src/cli/terminal/text.ts'

test.each([
  ['plain', 'plain'],
  ['a\u001b[2Jb', 'a\\u001b[2Jb'],
  ['two\nlines\tand\r', 'two\\nlines\\tand\\r'],
  ['\u009b31m', '\\u009b31m'],
  ['gnp.\u202eexe', 'gnp.\\u202eexe'],
  ['a\u2028b', 'a\\u2028b'],
  ['höjd 日本 🎧', 'höjd 日本 🎧'],
])('shows %j without letting it command the terminal', (text, shown) => {
  expect(printable(text)).toBe(shown)
})

test.each([
  ['abc', 3],
  ['höjd', 4],
  ['日本', 4],
  ['🎧', 2],
  ['e\u0301', 1],
  ['', 0],
])('%j takes %i columns', (text, width) => {
  expect(displayWidth(text)).toBe(width)
})

test('cuts by columns, not by characters', () => {
  expect(truncate('abcdef', 6)).toBe('abcdef')
  expect(truncate('abcdefg', 6)).toBe('abcde…')
  expect(truncate('日本語日本語', 6)).toBe('日本…')
  expect(displayWidth(truncate('日本語日本語', 6))).toBeLessThanOrEqual(6)
})

test('pads to columns', () => {
  expect(pad('日', 4, 'left')).toBe('日  ')
  expect(pad('7', 3, 'right')).toBe('  7')
  expect(pad('longer', 3, 'left')).toBe('longer')
})
