import { expect } from 'vitest'
import { assertProblem } from './checked-client.ts'
import type { TestController } from './controller.ts'
import { type RawReply, type RawRequest, sendRaw } from './http.ts'

/** Sends all at once. A 503 says that nothing was done and to come again: so it comes again, as a client does. */
export function sendAtOnce(controller: TestController, requests: readonly RawRequest[]): Promise<RawReply[]> {
  return Promise.all(requests.map(request => untilDecided(controller, request)))
}

async function untilDecided({ url, token }: TestController, request: RawRequest): Promise<RawReply> {
  for (let attempt = 0; ; attempt++) {
    const reply = await sendRaw(url, { token, ...request })
    if (reply.status >= 400) assertProblem(reply.status, reply.headers['content-type'], reply.json)
    if (reply.status !== 503 || attempt === 10) return reply
    expect(reply.headers['retry-after']).toBe('1')
  }
}

export const createMachine = (body: object): RawRequest => ({
  method: 'POST',
  path: '/v1/machines',
  body: { datacenter: 'lon1', ...body },
})

export const withStatus = (replies: readonly RawReply[], status: number): RawReply[] =>
  replies.filter(reply => reply.status === status)

export const times = <T>(count: number, make: (at: number) => T): T[] =>
  Array.from({ length: count }, (_, at) => make(at))

/** How many of a crowd want the same. */
const CROWD = 200

/** Of a crowd that wants the same thing, one gets it; all others are told in words who has it. */
export async function expectOneWins(
  controller: TestController,
  body: (at: number) => object,
  detail: RegExp,
): Promise<void> {
  const replies = await sendAtOnce(
    controller,
    times(CROWD, at => createMachine(body(at))),
  )
  expect(withStatus(replies, 201)).toHaveLength(1)
  expect(withStatus(replies, 409)).toHaveLength(CROWD - 1)
  for (const { json } of withStatus(replies, 409))
    expect(json).toMatchObject({
      code: expect.stringMatching(/^already_(taken|exists)$/),
      detail: expect.stringMatching(detail),
    })
}
