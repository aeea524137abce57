import { AppError, CodecError } from '../../lib/errors.ts'
import { COMPLETION_CODES, COMPLETION_OK, type CompletionRow } from './completion.ts'
import { NET_FN } from './wire/message.ts'
import { Reader } from './wire/reader.ts'

/** One command of IPMI: how a request is written and its reply read. No I/O. */
export interface Command<Args extends readonly unknown[], Reply> {
  readonly name: string
  /** Where IPMI 2.0 rev 1.1 (or another document that is named) describes it. */
  readonly ref: string
  readonly netFn: number
  readonly command: number
  /** False: doing it twice is not the same as doing it once. The same packet is sent again then: a BMC that has it drops it. */
  readonly repeatable: boolean
  /** True: its data are a secret, and stand in no error. */
  readonly secret: boolean
  /** Completion codes that mean something of their own here (80h to BEh, table 5-2). */
  readonly codes: Readonly<Record<number, CompletionRow>>
  readonly encode: (...args: Args) => Buffer
  /** Reads what follows the completion code. @throws CodecError */
  readonly decode: (reply: Reader, ...args: Args) => Reply
}

/** Runs a command and gives its reply: in a session, or outside of one. */
export type Run = <Args extends readonly unknown[], Reply>(
  command: Command<Args, Reply>,
  ...args: Args
) => Promise<Reply>

interface Row<Args extends readonly unknown[], Reply> {
  readonly name: string
  readonly ref: string
  readonly netFn: keyof typeof NET_FN
  readonly command: number
  readonly repeatable?: false
  readonly secret?: true
  readonly codes?: Readonly<Record<number, CompletionRow>>
  readonly encode?: (...args: Args) => Buffer | readonly number[]
  readonly decode: (reply: Reader, ...args: Args) => Reply
}

export function command<Args extends readonly unknown[], Reply>(row: Row<Args, Reply>): Command<Args, Reply> {
  return {
    ...row,
    netFn: NET_FN[row.netFn],
    repeatable: row.repeatable ?? true,
    secret: row.secret ?? false,
    codes: row.codes ?? {},
    encode: (...args) => {
      const data = row.encode?.(...args) ?? []
      return Buffer.isBuffer(data) ? data : Buffer.from(data)
    },
  }
}

/** Of a command whose reply says nothing but that it was done. */
export const nothing = (): undefined => undefined

/** The BMC understood and refused. `completion` is its code, for who knows what to do about one. */
export class CompletionError extends AppError {
  readonly completion: number
  constructor(completion: number, row: CompletionRow, what: string) {
    super(row.code, what)
    this.completion = completion
  }
}

/** Reads the reply to `request`. `from` names the BMC in errors. @throws CompletionError, AppError `bmc_bad_reply` */
export function readReply<Args extends readonly unknown[], Reply>(
  from: string,
  asked: Command<Args, Reply>,
  args: Args,
  request: Buffer,
  reply: Buffer,
): Reply {
  const [completion = -1] = reply
  const sent = `${titleOf(asked)} to ${from} (sent ${asked.secret ? 'a secret' : hex(request)})`
  if (completion !== COMPLETION_OK) {
    const row = asked.codes[completion] ?? COMPLETION_CODES[completion] ?? UNKNOWN
    throw new CompletionError(
      completion,
      row,
      `${sent}: completion code ${hexByte(completion)}, '${row.words}', not 00h`,
    )
  }
  try {
    return asked.decode(new Reader(reply.subarray(1), `reply to ${asked.name}`), ...args)
  } catch (cause) {
    if (!(cause instanceof CodecError)) throw cause
    const came = asked.secret ? 'a secret' : hex(reply)
    throw new AppError('bmc_bad_reply', `${sent}: ${cause.message}; ${came} came`, { cause })
  }
}

const UNKNOWN: CompletionRow = { words: 'a code that IPMI does not define', code: 'bmc_bad_reply' }
const hexByte = (byte: number) => `${byte.toString(16).toUpperCase().padStart(2, '0')}h`
const hex = (bytes: Buffer) => (bytes.length === 0 ? 'no data' : bytes.toString('hex'))

/** As in `Get Chassis Status (netFn 00h, command 01h)`. */
export const titleOf = ({ name, netFn, command: code }: Pick<Command<[], unknown>, 'name' | 'netFn' | 'command'>) =>
  `${name} (netFn ${hexByte(netFn)}, command ${hexByte(code)})`
