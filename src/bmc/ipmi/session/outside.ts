import { randomInt } from 'node:crypto'
import type { Command, Run } from '../command.ts'
import { readReply, titleOf } from '../command.ts'
import { decodeMessage, encodeRequest, type Message } from '../wire/message.ts'
import { encodePlain } from '../wire/packet.ts'
import { encodeSessionless } from '../wire/session15.ts'
import type { Link, Sessionless } from './link.ts'

/** How a message travels outside of a session: as in IPMI 1.5, or in an RMCP+ packet of session 0. */
const ENVELOPES = {
  '1.5': encodeSessionless,
  '2.0': (message: Buffer) => encodePlain({ type: 'ipmi', session: 0, sequence: 0 }, message),
} as const
const SEQUENCES = 64

/** Runs the few commands that need no session (§13.14, appendix G). @throws like a session's runner */
export function runnerOutside(link: Link, options: OutsideOptions): Run {
  return (asked, ...args) => runOutside(link, options, asked, args)
}

interface OutsideOptions {
  readonly envelope: keyof typeof ENVELOPES
  readonly attempts?: number
  readonly signal: AbortSignal
}

async function runOutside<Args extends readonly unknown[], Reply>(
  link: Link,
  { envelope, signal, attempts = link.timing.resend.attempts }: OutsideOptions,
  asked: Command<Args, Reply>,
  args: Args,
): Promise<Reply> {
  const sequence = randomInt(SEQUENCES)
  const data = asked.encode(...args)
  const packet = ENVELOPES[envelope](encodeRequest({ netFn: asked.netFn, command: asked.command, sequence, data }))
  const isAnswer = ({ netFn, command, sequence: its }: Message) =>
    netFn === asked.netFn + 1 && command === asked.command && its === sequence
  const accept = (incoming: Sessionless) => {
    const message = messageIn(incoming)
    return message && isAnswer(message) ? message.data : undefined
  }
  const reply = await link.ask({ what: titleOf(asked), packet: () => packet, accept }, signal, {
    ...link.timing.resend,
    attempts,
  })
  return readReply(link.host, asked, args, data, reply)
}

/** Some BMCs answer a 2.0 packet with a 1.5 one, so either will do. */
function messageIn(incoming: Sessionless): Message | undefined {
  if (incoming.kind === 'message') return incoming.message
  if (incoming.kind === 'packet' && incoming.packet.type === 'ipmi') return decodeMessage(incoming.packet.payload)
  return undefined
}
