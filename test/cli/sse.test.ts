import { expect, test } from 'vitest'
import { readEvents } from '../../src/cli/events/sse.ts'

async function* chunks(...texts: string[]) {
  yield* texts
}

async function eventsOf(...texts: string[]) {
  const found = []
  for await (const event of readEvents(chunks(...texts))) found.push(event)
  return found
}

const STREAM =
  'retry: 2000\n\nid: 6\n\nid: 7\ndata: {"a":\ndata: 1}\n\n: still here\n\nevent: x\r\ndata:no space\r\n\r\nid: 9\ndata: cut off'

test('reads events, comments passed over, an unfinished one not told', async () => {
  expect(await eventsOf(STREAM)).toEqual([
    { id: '6', data: '' },
    { id: '7', data: '{"a":\n1}' },
    { id: undefined, data: 'no space' },
  ])
})

test('however the stream is cut', async () => {
  const whole = await eventsOf(STREAM)
  for (let at = 1; at < STREAM.length; at += 1)
    expect(await eventsOf(STREAM.slice(0, at), STREAM.slice(at))).toEqual(whole)
  expect(await eventsOf(...STREAM.split(''))).toEqual(whole)
})

test('a line that never ends is refused', async () => {
  await expect(eventsOf('data: ', 'x'.repeat(5 * 2 ** 20))).rejects.toThrow(RangeError)
})
