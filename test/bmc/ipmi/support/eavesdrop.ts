import { COMPLETION_CODES } from '../../../../src/bmc/ipmi/completion.ts'
import { decodeAsf } from '../../../../src/bmc/ipmi/wire/asf.ts'
import {
  type KeyExchange,
  keyFrom,
  rakp2Code,
  rakp3Code,
  rakp4Code,
  sessionIntegrityKey,
  sessionKeys,
} from '../../../../src/bmc/ipmi/wire/keys.ts'
import { decodeMessage } from '../../../../src/bmc/ipmi/wire/message.ts'
import {
  decodeOpenSessionRequest,
  decodeOpenSessionResponse,
  type OpenSessionResponse,
} from '../../../../src/bmc/ipmi/wire/open-session.ts'
import { decodePacket, openPacket, type SealedPacket } from '../../../../src/bmc/ipmi/wire/packet.ts'
import { type Protection, protectionFor } from '../../../../src/bmc/ipmi/wire/protection.ts'
import {
  decodeRakp1,
  decodeRakp2,
  decodeRakp3,
  decodeRakp4,
  type Rakp1,
  type Rakp2,
} from '../../../../src/bmc/ipmi/wire/rakp.ts'
import { decodeRmcp } from '../../../../src/bmc/ipmi/wire/rmcp.ts'
import { decodeSessionless } from '../../../../src/bmc/ipmi/wire/session15.ts'
import { decodeSol } from '../../../../src/bmc/ipmi/wire/sol.ts'
import type { Packet } from './relay.ts'

type Accepted = Extract<OpenSessionResponse, { bmcSession: number }>

/**
 * Listens to a recorded conversation between two others and tells what was said, a line a packet. It knows the password, so
 * it checks every code of the key exchange and of each packet, and decrypts: whatever does not fit is thrown.
 */
export class Eavesdropper {
  readonly #password: string
  readonly #opened = new Map<number, Accepted>()
  readonly #rakp1 = new Map<number, Rakp1>()
  readonly #rakp2 = new Map<number, Rakp2>()
  readonly #protection = new Map<number, Protection>()

  constructor(password: string) {
    this.#password = password
  }

  hear({ direction, bytes }: Packet): string {
    return `${direction} ${this.#tell(bytes)}`
  }

  #tell(bytes: Buffer): string {
    const { kind, body } = decodeRmcp(bytes)
    if (kind === 'asf') return `ASF ${decodeAsf(body).type}`
    if (body[0] !== 0x06) return `1.5 ${tellMessage(decodeSessionless(body))}`
    const packet = decodePacket(body)
    if (packet.session === 0) return this.#tellSetup(packet)
    const protection = this.#protection.get(packet.session)
    if (!protection) throw new Error(`a packet of session ${packet.session}, which was not opened`)
    const payload = openPacket(packet, protection)
    return `#${packet.sequence} ${packet.type === 'sol' ? tellSol(payload) : tellMessage(payload)}`
  }

  #tellSetup({ type, payload }: SealedPacket): string {
    if (type === 'ipmi') return `2.0 ${tellMessage(payload)}`
    if (type === 'openSessionRequest') {
      const { authentication, integrity, confidentiality, privilege } = decodeOpenSessionRequest(payload)
      return `Open Session: ${authentication}, ${integrity}, ${confidentiality}, privilege ${privilege}`
    }
    if (type === 'openSessionResponse') return this.#tellOpened(decodeOpenSessionResponse(payload))
    if (type === 'rakp1') return this.#tellRakp1(decodeRakp1(payload))
    if (type === 'rakp2') return this.#tellRakp2(payload)
    return type === 'rakp3' ? this.#tellRakp3(payload) : this.#tellRakp4(payload)
  }

  #tellOpened(response: OpenSessionResponse): string {
    if (!('bmcSession' in response)) return `Open Session refused: status ${response.status}`
    this.#opened.set(response.bmcSession, response)
    this.#opened.set(response.consoleSession, response)
    return `Open Session accepted, privilege ${response.privilege}`
  }

  #tellRakp1(message: Rakp1): string {
    this.#rakp1.set(message.bmcSession, message)
    return `RAKP 1: user '${message.userName.toString()}', role ${message.role.toString(16)}h`
  }

  #tellRakp2(payload: Buffer): string {
    const message = decodeRakp2(payload)
    if (!('bmcRandom' in message)) return `RAKP 2 refused: status ${message.status}`
    const opened = this.#session(message.consoleSession)
    this.#rakp2.set(opened.bmcSession, message)
    const fits = rakp2Code(opened.authentication, this.#key(), this.#exchange(opened)).equals(message.code)
    return `RAKP 2: code ${fits ? 'fits' : 'DOES NOT FIT'}`
  }

  #tellRakp3(payload: Buffer): string {
    const message = decodeRakp3(payload)
    if (message.status !== 0) return `RAKP 3 gives up: status ${message.status}`
    const opened = this.#session(message.bmcSession)
    const fits = rakp3Code(opened.authentication, this.#key(), this.#exchange(opened)).equals(message.code)
    return `RAKP 3: code ${fits ? 'fits' : 'DOES NOT FIT'}`
  }

  #tellRakp4(payload: Buffer): string {
    const message = decodeRakp4(payload)
    if (!('code' in message)) return `RAKP 4 refused: status ${message.status}`
    const opened = this.#session(message.consoleSession)
    const exchange = this.#exchange(opened)
    const sik = sessionIntegrityKey(opened.authentication, this.#key(), exchange)
    const protection = protectionFor(opened, sessionKeys(opened.authentication, sik, this.#key()))
    for (const id of [opened.bmcSession, opened.consoleSession]) this.#protection.set(id, protection)
    return `RAKP 4: code ${rakp4Code(opened.authentication, sik, exchange).equals(message.code) ? 'fits' : 'DOES NOT FIT'}`
  }

  #session(id: number): Accepted {
    const opened = this.#opened.get(id)
    if (!opened) throw new Error(`session ${id} was not opened`)
    return opened
  }

  #key() {
    return keyFrom(Buffer.from(this.#password))
  }

  #exchange({ bmcSession, consoleSession }: Accepted): KeyExchange {
    const [rakp1, rakp2] = [this.#rakp1.get(bmcSession), this.#rakp2.get(bmcSession)]
    if (!rakp1 || !rakp2) throw new Error(`session ${bmcSession} has no key exchange`)
    const { consoleRandom, role, userName } = rakp1
    return {
      bmcSession,
      consoleSession,
      consoleRandom,
      role,
      userName,
      bmcRandom: rakp2.bmcRandom,
      bmcGuid: rakp2.bmcGuid,
    }
  }
}

const hex = (byte: number) => `${byte.toString(16).padStart(2, '0')}h`

function tellMessage(bytes: Buffer): string {
  const { netFn, command, sequence, data } = decodeMessage(bytes)
  const head = `netFn ${hex(netFn & ~1)} command ${hex(command)} rq ${sequence}`
  if (netFn % 2 === 0) return `${head}: ${data.toString('hex')}`
  const completion = data.readUInt8(0)
  const words = completion === 0 ? '' : ` '${COMPLETION_CODES[completion]?.words ?? 'of the command'}'`
  return `${head} -> ${hex(completion)}${words} ${data.subarray(1).toString('hex')}`
}

function tellSol(payload: Buffer): string {
  const { sequence, acknowledged, accepted, bits, data } = decodeSol(payload)
  return `SOL ${sequence} ack ${acknowledged} took ${accepted} bits ${hex(bits)} ${JSON.stringify(data.toString('latin1'))}`
}
