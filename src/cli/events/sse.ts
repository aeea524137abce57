/** A server-sent event (WHATWG HTML §9.2), as far as we use it. One without data only tells where the stream stands. */
export interface SentEvent {
  id: string | undefined
  data: string
}

/** One event is no longer than this; a stream that never ends a line would fill the memory. */
const EVENT_MAX_CHARS = 4 * 2 ** 20

/** The events of a stream of text. Comments and unknown fields are passed over. @throws RangeError for an endless one. */
export async function* readEvents(chunks: AsyncIterable<string>): AsyncGenerator<SentEvent> {
  let rest = ''
  let fields: { id?: string; data: string[] } = { data: [] }
  for await (const chunk of chunks) {
    const text = rest + chunk
    // A carriage return at the end may be half of a line end.
    const half = text.endsWith('\r') ? '\r' : ''
    const lines = text.slice(0, text.length - half.length).split(/\r\n|\n|\r/)
    rest = (lines.pop() ?? '') + half
    if (rest.length > EVENT_MAX_CHARS) throw new RangeError(`an event is longer than ${EVENT_MAX_CHARS} characters`)
    for (const line of lines) {
      if (line !== '') readField(line, fields)
      else {
        if (fields.data.length > 0 || fields.id !== undefined) yield { id: fields.id, data: fields.data.join('\n') }
        fields = { data: [] }
      }
    }
  }
}

function readField(line: string, fields: { id?: string; data: string[] }): void {
  const [, name, value = ''] = /^([^:]*):? ?(.*)$/s.exec(line) ?? []
  if (name === 'data') fields.data.push(value)
  if (name === 'id') fields.id = value
}
