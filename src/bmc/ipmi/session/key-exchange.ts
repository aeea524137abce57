import { randomBytes, timingSafeEqual } from 'node:crypto'
import { AppError } from '../../../lib/errors.ts'
import { RAKP2_VARIANTS } from '../quirks.ts'
import {
  decodeRakp2,
  decodeRakp4,
  encodeRakp1,
  encodeRakp3,
  type Rakp2,
  type Rakp4,
  type RakpRefusal,
} from '../wire/rakp.ts'
import { STATUS_OK } from '../wire/status.ts'
import type { Exchange } from './exchange.ts'
import type { Link } from './link.ts'
import type { SessionIds } from './options.ts'
import { ask, type Attempt, CrossedError, giveUp, refused, RefusedError, stepOf } from './steps.ts'

const STATUS_BAD_CHECK_VALUE = 0x0f

/**
 * A code that does not fit may be a wrong password or a damaged packet, for nothing protects set-up. So the question is put
 * again: a wrong password gives the same answer twice, or one that does not fit so many times.
 */
const MOST_MISFITS = 6

/** Sees to it that an answer with a code that does not fit is not believed at once. `again` puts the question anew. */
function believer(fits: (code: Buffer) => boolean, again: () => void): (code: Buffer) => boolean {
  const misfits = new Set<string>()
  return code => {
    const name = code.toString('hex')
    if (fits(code) || misfits.has(name)) return true
    misfits.add(name)
    if (misfits.size >= MOST_MISFITS) return true
    again()
    return false
  }
}

/** RAKP 1 and 2: the BMC proves that it knows the password (§13.20, §13.21). */
export async function authenticate(attempt: Attempt, exchange: Exchange): Promise<void> {
  const tag = randomBytes(1).readUInt8()
  const step = stepOf('RAKP 1', 'rakp1', 'rakp2', encodeRakp1(exchange.rakp1(tag)))
  const fits = (code: Buffer) => RAKP2_VARIANTS.some(variant => exchange.fits(code, variant))
  const believes = believer(fits, () => attempt.link.send(step.packet, 1))
  const answer = await ask<Rakp2 | RakpRefusal>(attempt, step, bytes => {
    const message = decodeRakp2(bytes)
    if (!isOf(message, exchange.ids, tag)) return undefined
    if (!('bmcRandom' in message)) return message
    exchange.learn(message)
    return believes(message.code) ? message : undefined
  })
  if (!('bmcRandom' in answer)) throw refused(attempt.link, 'RAKP 1', answer.status, exchange.user)
  if (!fits(answer.code)) throw badCode(attempt.link, exchange, answer)
}

function badCode(link: Link, exchange: Exchange, { code }: Rakp2): AppError {
  // Seen with suite 17: firmware that fills the code with zeros. Another suite may work (xCAT issue 7512).
  if (code.every(byte => byte === 0))
    return new AppError('bmc_unsupported', `${link.host}: the code of RAKP 2 is all zeros in suite ${exchange.suite}`)
  return new AppError(
    'bmc_auth',
    `${link.host} knows another password for user '${exchange.user}': its code in RAKP 2 does not fit ours`,
  )
}

/** RAKP 3 and 4: the console proves it, and the BMC that it has the same keys (§13.22, §13.23). */
export async function confirm(attempt: Attempt, exchange: Exchange): Promise<void> {
  const { link } = attempt
  const tag = randomBytes(1).readUInt8()
  const payload = encodeRakp3({ tag, status: STATUS_OK, bmcSession: exchange.ids.bmc, code: exchange.rakp3Code() })
  const step = stepOf('RAKP 3', 'rakp3', 'rakp4', payload)
  const expected = exchange.rakp4Code()
  const fits = (code: Buffer) => code.length === expected.length && timingSafeEqual(code, expected)
  const believes = believer(fits, () => link.send(step.packet, 1))
  const answer = await ask<Rakp4 | RakpRefusal>(attempt, step, bytes => {
    const message = decodeRakp4(bytes)
    if (!isOf(message, exchange.ids, tag)) return undefined
    return !('code' in message) || believes(message.code) ? message : undefined
  })
  if (!('code' in answer)) {
    if (answer.status !== STATUS_BAD_CHECK_VALUE) throw refused(link, 'RAKP 3', answer.status, exchange.user)
    throw new CrossedError(`${link.host}: RAKP 3 was refused though RAKP 2 fitted: retries crossed`, false)
  }
  if (fits(answer.code)) return
  giveUp(link, exchange.ids.bmc)
  const why = 'a BMC key (KG) is set there that was not given, or a wrong one was'
  throw new RefusedError('bmc_auth', `${link.host}: the check value of RAKP 4 does not fit: ${why}`)
}

/** Firmware may answer with tag 0 (OpenBMC: xCAT pull request 7555), so the session decides; a refusal may lack it. */
const isOf = (message: Rakp2 | Rakp4 | RakpRefusal, ids: SessionIds, tag: number): boolean =>
  message.consoleSession === ids.console || (message.status !== STATUS_OK && message.tag === tag)
