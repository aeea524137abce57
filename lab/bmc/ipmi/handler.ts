import { CodecError } from '../../../src/lib/errors.ts'
import type { Command } from '../../../src/bmc/ipmi/command.ts'
import { PRIVILEGE, type Privilege } from '../../../src/bmc/ipmi/commands/session.ts'
import { Reader } from '../../../src/bmc/ipmi/wire/reader.ts'
import { CODE, Refusal } from './codes.ts'
import type { BmcContext } from './context.ts'
import type { BmcSession } from './sessions.ts'

export interface Call {
  readonly bmc: BmcContext
  /** undefined: outside of any session. */
  readonly session: BmcSession | undefined
  readonly data: Reader
}

/** What follows completion code 00h. */
export type Answer = Buffer | readonly number[]

export interface Handler {
  readonly name: string
  /** `none`: also outside of sessions. */
  readonly privilege: Privilege | 'none'
  readonly handle: (call: Call) => Answer | Promise<Answer>
}

type Numbers = Pick<Command<[], unknown>, 'name' | 'netFn' | 'command'>

export const keyOf = ({ netFn, command }: Pick<Numbers, 'netFn' | 'command'>): number => (netFn << 8) | command

/** A row of a table of handlers. */
export const serve = (
  { name, netFn, command }: Numbers,
  privilege: Handler['privilege'],
  handle: Handler['handle'],
): readonly [number, Handler] => [keyOf({ netFn, command }), { name, privilege, handle }]

/** Runs a handler; what it throws becomes a completion code. */
export async function runHandler(handler: Handler | undefined, call: Call): Promise<Buffer> {
  if (!handler) return Buffer.from([CODE.invalidCommand])
  if (!mayRun(handler, call.session)) return Buffer.from([CODE.insufficientPrivilege])
  try {
    return Buffer.concat([Buffer.from([CODE.done]), Buffer.from(await handler.handle(call))])
  } catch (error) {
    if (error instanceof Refusal) return Buffer.from([error.code])
    if (error instanceof CodecError) return Buffer.from([CODE.invalidLength])
    throw error
  }
}

function mayRun({ privilege }: Handler, session: BmcSession | undefined): boolean {
  if (privilege === 'none') return true
  return session !== undefined && session.privilege >= PRIVILEGE[privilege]
}

export const readerOf = (data: Buffer): Reader => new Reader(data, 'request')
