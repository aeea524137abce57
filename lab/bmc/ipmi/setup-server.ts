import { CodecError } from '../../../src/lib/errors.ts'
import { decodeOpenSessionRequest, encodeOpenSessionResponse } from '../../../src/bmc/ipmi/wire/open-session.ts'
import type { PayloadType, SealedPacket } from '../../../src/bmc/ipmi/wire/packet.ts'
import { decodeRakp1, decodeRakp3, encodeRakp4 } from '../../../src/bmc/ipmi/wire/rakp.ts'
import { CIPHER_SUITES, type SuiteId } from '../../../src/bmc/ipmi/wire/suites.ts'
import type { BmcContext } from './context.ts'
import { Handshake, STATUS } from './handshake.ts'
import { BmcSession } from './sessions.ts'

type Reply = (packet: Buffer) => void
type Plain = (type: PayloadType) => (payload: Buffer) => void

/** Sets sessions up: Open Session, and RAKP 1 to 4 from the BMC's side. */
export class SetupServer {
  readonly #bmc: Pick<BmcContext, 'config' | 'content' | 'sessions'>
  readonly #handshakes = new WeakMap<BmcSession, Handshake>()
  #refusedFull = 0

  constructor(bmc: Pick<BmcContext, 'config' | 'content' | 'sessions'>) {
    this.#bmc = bmc
  }

  /** @throws CodecError */
  handle({ type, payload }: SealedPacket, plain: Plain, reply: Reply): void {
    if (type === 'openSessionRequest') plain('openSessionResponse')(this.#open(payload, reply))
    else if (type === 'rakp1') this.#rakp1(payload, plain)
    else if (type === 'rakp3') this.#rakp3(payload, plain)
    else throw new CodecError(`a ${type} packet to a BMC`)
  }

  #open(payload: Buffer, reply: Reply): Buffer {
    const { tag, consoleSession, privilege, ...algorithms } = decodeOpenSessionRequest(payload)
    const { config, sessions } = this.#bmc
    const now = performance.now()
    const refuse = (status: number) => encodeOpenSessionResponse({ tag, status, consoleSession })
    if (this.#refusedFull < (config.faults.setup?.fullTimes ?? 0) || sessions.isFull(now)) {
      this.#refusedFull += 1
      sessions.counts.full += 1
      return refuse(STATUS.full)
    }
    const suite = config.suites.find(id => isSame(id, algorithms))
    if (suite === undefined) return refuse(STATUS.noSuite)
    const mostPrivilege = privilege || 4
    const session = new BmcSession({ consoleId: consoleSession, suite, algorithms, mostPrivilege, reply, now })
    sessions.add(session)
    this.#handshakes.set(session, new Handshake(config, this.#bmc.content.users, session))
    const [status, bmcSession] = [STATUS.ok, session.id]
    return encodeOpenSessionResponse({
      tag,
      status,
      consoleSession,
      bmcSession,
      privilege: mostPrivilege,
      ...algorithms,
    })
  }

  #rakp1(payload: Buffer, plain: Plain): void {
    const message = decodeRakp1(payload)
    const session = this.#bmc.sessions.get(message.bmcSession)
    const handshake = session && this.#handshakes.get(session)
    if (!session || session.state !== 'opening' || !handshake) throw new CodecError('RAKP 1 to no session that opens')
    session.usedAt = performance.now()
    plain('rakp2')(handshake.answerRakp1(message))
    if (!session.user) this.#bmc.sessions.end(session, 'closed')
  }

  #rakp3(payload: Buffer, plain: Plain): void {
    const message = decodeRakp3(payload)
    const { sessions } = this.#bmc
    const session = sessions.get(message.bmcSession)
    const handshake = session && this.#handshakes.get(session)
    if (!session || !handshake) throw new CodecError('RAKP 3 to no session')
    // The console gave up: the session is free at once (§13.22). An active one only a signed packet can end.
    if (message.status !== STATUS.ok) {
      if (session.state === 'opening') sessions.end(session, 'closed')
      return
    }
    const isLost = this.#bmc.config.faults.setup?.rakp4 === 'lost' && sessions.counts.opened < 2
    if (isLost && session.state === 'active') return plain('rakp4')(refusal(message.tag, session.consoleId))
    const { packet, active } = handshake.answerRakp3(message)
    if (!active) sessions.end(session, 'closed')
    else if (session.state === 'opening') {
      session.state = 'active'
      sessions.counts.opened += 1
    }
    if (!isLost) plain('rakp4')(packet)
  }
}

const refusal = (tag: number, consoleSession: number) =>
  encodeRakp4({ tag, status: STATUS.invalidSession, consoleSession, code: Buffer.alloc(0) })

function isSame(id: SuiteId, algorithms: object): boolean {
  return Object.entries(CIPHER_SUITES[id]).every(([kind, name]) => algorithms[kind as keyof typeof algorithms] === name)
}
