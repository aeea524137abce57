import { randomBytes } from 'node:crypto'
import { AppError } from '../../../lib/errors.ts'
import { PRIVILEGE } from '../commands/session.ts'
import { decodeOpenSessionResponse, encodeOpenSessionRequest, type OpenSessionResponse } from '../wire/open-session.ts'
import { STATUS_OK } from '../wire/status.ts'
import type { Link } from './link.ts'
import type { SessionIds } from './options.ts'
import { ask, type Attempt, giveUp, refused, stepOf } from './steps.ts'

/** Open Session: both ends name their ids, and the BMC agrees to the algorithms (§13.17, §13.18). */
export async function negotiate(attempt: Attempt): Promise<SessionIds> {
  const { link, options, algorithms } = attempt
  const tag = randomBytes(1).readUInt8()
  const consoleSession = freeId(link)
  const privilege = PRIVILEGE[options.privilege]
  const payload = encodeOpenSessionRequest({ tag, privilege, consoleSession, ...algorithms })
  const mine = (answer: OpenSessionResponse) =>
    answer.consoleSession === consoleSession || (answer.status !== STATUS_OK && answer.tag === tag)
  const answer = await ask<OpenSessionResponse>(
    attempt,
    stepOf('Open Session', 'openSessionRequest', 'openSessionResponse', payload),
    bytes => {
      const message = decodeOpenSessionResponse(bytes)
      return mine(message) ? message : undefined
    },
  )
  if (!('bmcSession' in answer)) throw refused(link, 'Open Session', answer.status)
  link.taken.add(answer.bmcSession)
  const agreed = (['authentication', 'integrity', 'confidentiality'] as const).every(k => answer[k] === algorithms[k])
  if (agreed) return { console: consoleSession, bmc: answer.bmcSession }
  giveUp(link, answer.bmcSession)
  throw new AppError('bmc_unsupported', `${link.host} answered suite ${options.suite} with other algorithms`)
}

/** A request that was sent again makes a second session, and one that was given up a first: their answers come late. */
export function releaseLateSessions(link: Link): void {
  link.onStray(incoming => {
    if (incoming.kind !== 'packet' || incoming.packet.type !== 'openSessionResponse') return
    const late = decodeOpenSessionResponse(incoming.packet.payload)
    if ('bmcSession' in late && !link.taken.has(late.bmcSession)) giveUp(link, late.bmcSession)
  })
}

/** Random, so that a packet of an earlier session is not taken for one of this. */
function freeId(link: Link): number {
  for (;;) {
    const id = randomBytes(4).readUInt32LE()
    if (id !== 0 && !link.hasSession(id)) return id
  }
}
