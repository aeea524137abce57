import { Interrupted, UsageError } from '../failure.ts'
import type { Surroundings } from '../session.ts'
import { canAsk } from './ask.ts'

const SECRET_MAX_BYTES = 4_096
/** Nobody types for longer: the terminal was left alone. */
const TYPING_TIMEOUT_MS = 5 * 60_000
const [INTERRUPT, END_OF_INPUT, BACKSPACE, DELETE] = ['\u0003', '\u0004', '\u0008', '\u007f']

/** A secret typed without echo on a terminal; else the first line of standard input. @throws UsageError for none. */
export async function readSecret(around: Surroundings, prompt: string): Promise<string> {
  const secret = canAsk(around) ? await typeSecret(around, prompt) : await firstLine(around.stdin)
  if (secret === '') throw new UsageError('No password was given. Type it, or send it on standard input.')
  return secret
}

async function typeSecret({ stdin, stderr }: Surroundings, prompt: string): Promise<string> {
  stderr.write(prompt)
  stdin.setRawMode(true)
  stdin.setEncoding('utf8')
  try {
    return await typed(stdin)
  } finally {
    stdin.setRawMode(false)
    stdin.pause()
    stderr.write('\n')
  }
}

function typed(stdin: NodeJS.ReadStream): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  let secret = ''
  const timer = setTimeout(() => reject(new Interrupted()), TYPING_TIMEOUT_MS)
  const take = (char: string): void => {
    if (char === INTERRUPT) reject(new Interrupted())
    else if (char === '\r' || char === '\n' || char === END_OF_INPUT) resolve(secret)
    else if (char === BACKSPACE || char === DELETE) secret = Array.from(secret).slice(0, -1).join('')
    else secret += char
  }
  const onData = (text: string) => Array.from(text).forEach(take)
  stdin.on('data', onData)
  return promise.finally(() => {
    clearTimeout(timer)
    stdin.off('data', onData)
  })
}

async function firstLine(stdin: AsyncIterable<Buffer | string>): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of stdin) {
    const buffer = Buffer.from(chunk)
    bytes += buffer.length
    if (bytes > SECRET_MAX_BYTES) throw new UsageError('What came on standard input is too long for a password.')
    chunks.push(buffer)
  }
  return Buffer.concat(chunks).toString('utf8').split(/\r?\n/)[0] ?? ''
}
