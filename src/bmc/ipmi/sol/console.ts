import { Duplex } from 'node:stream'
import { AppError, CodecError } from '../../../lib/errors.ts'
import type { BmcConsole } from '../../driver.ts'
import { CompletionError } from '../command.ts'
import { activateSol, deactivateSol, getSolOwner, PAYLOAD_TAKEN } from '../commands/sol.ts'
import type { Session } from '../session/session.ts'
import { decodeSol, SOL_STATUS } from '../wire/sol.ts'
import { SolReceiver } from './receiver.ts'
import { SolSender } from './sender.ts'

/** How often to look whether the console is still ours: some BMCs give it to somebody else without a word. */
const LOOK_MS = 15_000
/** What the reader has not taken yet; beyond this the BMC is asked to wait. */
const BUFFER_BYTES = 1024 * 1024
const CLOSE_MS = 3_000

/** Serial over LAN in a session (§15). @throws AppError `bmc_busy` if somebody else has it and `steal` is not set */
export async function openConsole(
  session: Session,
  host: string,
  { steal }: { steal: boolean },
  signal: AbortSignal,
): Promise<BmcConsole> {
  const sizes = await activate(session, steal, signal)
  const console = new SolConsole(session, host, sizes.toBmcBytes)
  return {
    stream: console.stream,
    sendBreak: () => console.sender.operate('break'),
    pause: paused => console.sender.pause(paused),
    close: () => console.close(),
  }
}

async function activate(session: Session, steal: boolean, signal: AbortSignal) {
  const run = session.runner(signal)
  const protect = { encrypt: session.encrypts, authenticate: session.signs }
  try {
    return await run(activateSol, protect)
  } catch (error) {
    if (!steal || !(error instanceof CompletionError) || error.completion !== PAYLOAD_TAKEN) throw error
    await run(deactivateSol)
    return run(activateSol, protect)
  }
}

class SolConsole {
  readonly stream: Duplex
  readonly sender: SolSender
  readonly #session: Session
  readonly #host: string
  readonly #looking: NodeJS.Timeout
  #over = false

  constructor(session: Session, host: string, payloadBytes: number) {
    this.#session = session
    this.#host = host
    const send = (payload: Buffer) => session.sendSol(payload)
    const onSilence = () => this.#lose('the BMC no longer acknowledges what is written')
    this.sender = new SolSender({ send, payloadBytes, onSilence })
    this.stream = new Duplex({
      readableHighWaterMark: BUFFER_BYTES,
      read: () => undefined,
      write: (data: Buffer, _encoding, done) => this.sender.write(data, done),
      destroy: (error, done) => {
        void this.close()
        done(error)
      },
    })
    const take = (data: Buffer) => {
      if (this.stream.readableLength + data.length > BUFFER_BYTES) return false
      this.stream.push(data)
      return true
    }
    const receiver = new SolReceiver({ send, take })
    session.onSol(payload => this.#receive(payload, receiver))
    void session.ended.then(reason => this.#lose(`the session is over (${reason})`))
    this.#looking = setInterval(() => void this.#look(), LOOK_MS).unref()
  }

  /** Gives the console back. Always resolves. */
  async close(): Promise<void> {
    if (this.#over) return
    this.#end()
    await this.#session
      .runner(AbortSignal.timeout(CLOSE_MS))(deactivateSol)
      .catch(() => undefined)
    this.stream.push(null)
    this.stream.end()
  }

  #receive(payload: Buffer, receiver: SolReceiver): void {
    const packet = decodeSol(payload)
    this.sender.acknowledge(packet)
    receiver.receive(packet)
    if ((packet.bits & SOL_STATUS.deactivating) !== 0)
      this.#lose('the BMC ended it, as it does when somebody else takes it')
  }

  async #look(): Promise<void> {
    try {
      const owner = await this.#session.runner(AbortSignal.timeout(LOOK_MS))(getSolOwner)
      if (!this.#session.hasId(owner)) this.#lose(owner === 0 ? 'it is no longer active' : 'another session has it now')
    } catch (error) {
      // What cannot be asked is no proof; a session that is over tells so by itself.
      if (!(error instanceof AppError) && !(error instanceof CodecError)) throw error
    }
  }

  #lose(why: string): void {
    if (this.#over) return
    const error = new AppError('bmc_unreachable', `${this.#host}: the console is lost: ${why}`)
    this.#end(error)
    this.stream.destroy(error)
  }

  #end(reason?: Error): void {
    this.#over = true
    clearInterval(this.#looking)
    this.#session.onSol(undefined)
    this.sender.stop(reason)
  }
}
