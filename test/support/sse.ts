import { type IncomingMessage, request } from 'node:http'
import type { TimelineEvent } from '../../src/api/contract/events.ts'

export interface EventReader {
  /** Everything that came so far, in the order it came. */
  readonly events: TimelineEvent[]
  /** Lines that begin with a colon: heartbeats. */
  readonly comments: string[]
  readonly response: IncomingMessage
  /** Resolves when the connection has ended, whoever ended it. */
  readonly ended: Promise<void>
  close: () => Promise<void>
}

export interface ReadOptions {
  token: string
  /** A query such as 'after=3&kind=x'. */
  query?: string
  lastEventId?: number | undefined
}

/** Opens an event stream as a browser does. Rejects when the answer is no stream. */
export function readEvents(url: string, { token, query = '', lastEventId }: ReadOptions): Promise<EventReader> {
  const { promise, resolve, reject } = Promise.withResolvers<EventReader>()
  const sent = request(`${url}/v1/events?${query}`, {
    agent: false,
    headers: {
      accept: 'text/event-stream',
      authorization: `Bearer ${token}`,
      ...(lastEventId !== undefined && { 'last-event-id': String(lastEventId) }),
    },
  })
  sent.on('error', reject)
  sent.on('response', response => {
    if (response.statusCode !== 200) {
      response.resume()
      reject(new Error(`an event stream was answered with ${response.statusCode}`))
      return
    }
    resolve(readerOf(response))
  })
  sent.end()
  return promise
}

function readerOf(response: IncomingMessage): EventReader {
  const events: TimelineEvent[] = []
  const comments: string[] = []
  const { promise: ended, resolve } = Promise.withResolvers<void>()
  let rest = ''
  response.setEncoding('utf8')
  response.on('data', (chunk: string) => {
    const messages = (rest + chunk).split('\n\n')
    rest = messages.pop() ?? ''
    for (const message of messages) {
      if (message.startsWith(':')) comments.push(message)
      const data = /^data: (.*)$/m.exec(message)?.[1]
      if (data !== undefined) events.push(JSON.parse(data) as TimelineEvent)
    }
  })
  response.on('error', () => resolve())
  response.on('close', () => resolve())
  const close = () => {
    response.destroy()
    return ended
  }
  return { events, comments, response, ended, close }
}
