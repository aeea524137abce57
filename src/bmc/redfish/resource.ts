import { setTimeout as sleep } from 'node:timers/promises'
import { Type, type Static, type TSchema } from 'typebox'
import { AppError } from '../../lib/errors.ts'
import { faultLine, faultsOf } from '../../lib/schema.ts'
import type { Password } from '../password.ts'
import { toldBy } from './messages.ts'
import { RedfishRefusal, retryAfterMs } from './refusal.ts'
import type { RedfishSession } from './session.ts'
import type { WireReply } from './wire.ts'

/** The part of a resource that we use, checked; firmware may send any more (DSP0266 §9). @throws AppError `bmc_bad_reply` */
export async function read<T extends TSchema>(
  session: RedfishSession,
  link: string,
  schema: T,
  signal: AbortSignal,
): Promise<Static<T>> {
  return checked(session, await session.ask('GET', link, signal), link, schema)
}

export function checked<T extends TSchema>(
  session: RedfishSession,
  { body }: Pick<WireReply, 'body'>,
  link: string,
  schema: T,
): Static<T> {
  const [fault] = faultsOf(schema, body)
  if (fault) throw new AppError('bmc_bad_reply', session.hide(`${session.host}: ${link}: ${faultLine(fault)}`))
  return body as Static<T>
}

/** In what form the ETag of the fresh GET is sent back: firmware that hands out weak ones may compare them as strong ones. */
const IF_MATCH_FORMS = [
  (etag: string) => etag,
  (etag: string) => etag,
  (etag: string) => etag.replace(/^W\//, ''),
] as const
const CHANGED_MEANWHILE = new Set([412, 428])
const Tagged = Type.Object({ '@odata.etag': Type.Optional(Type.String()) })

export interface Change<T extends TSchema> {
  readonly link: string
  readonly schema: T
  /** From what is there now: it is asked again for each attempt. */
  readonly body: (current: Static<T>) => unknown
  readonly secret?: Password
}

/** PATCH with If-Match of a fresh GET (DSP0266 §7.7): nobody's change in between is overwritten, ours is not refused as stale. */
export async function change<T extends TSchema>(session: RedfishSession, asked: Change<T>, signal: AbortSignal) {
  for (const [attempt, form] of IF_MATCH_FORMS.entries()) {
    const reply = await session.ask('GET', asked.link, signal)
    const etag = reply.headers.etag ?? checked(session, reply, asked.link, Tagged)['@odata.etag']
    const body = asked.body(checked(session, reply, asked.link, asked.schema))
    const headers = etag !== undefined && /^[\x20-\x7e]*$/.test(etag) ? { 'if-match': form(etag) } : {}
    try {
      await send(session, 'PATCH', asked.link, { body, headers, ...(asked.secret && { secret: asked.secret }) }, signal)
      return
    } catch (error) {
      const again = error instanceof RedfishRefusal && CHANGED_MEANWHILE.has(error.status)
      if (!again || attempt === IF_MATCH_FORMS.length - 1) throw error
    }
  }
}

/** Sends a change, and waits for its task if the service makes one (202). */
export async function send(
  session: RedfishSession,
  method: 'POST' | 'PATCH' | 'DELETE',
  link: string,
  asked: { body?: unknown; headers?: Record<string, string>; secret?: Password },
  signal: AbortSignal,
): Promise<WireReply> {
  const reply = await session.ask(method, link, signal, asked)
  return reply.status === 202 ? followTask(session, reply, link, signal) : reply
}

/** DSP2046 Task.TaskState, by what it means for who waits. Words that are not here are waited for. */
const ENDED = { Completed: true, Exception: false, Killed: false, Cancelled: false } as const

const Task = Type.Object({
  '@odata.id': Type.Optional(Type.String()),
  TaskMonitor: Type.Optional(Type.String()),
  TaskState: Type.Optional(Type.String()),
  TaskStatus: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  Messages: Type.Optional(Type.Array(Type.Object({ Message: Type.Optional(Type.String()) }))),
})

/** DSP0266 §12.2: the task monitor answers 202 until the work is done, then as the work itself would have. */
async function followTask(
  session: RedfishSession,
  first: WireReply,
  what: string,
  signal: AbortSignal,
): Promise<WireReply> {
  const start = first.bodyIs === 'json' ? checked(session, first, what, Task) : {}
  const monitor = first.headers.location ?? start.TaskMonitor ?? start['@odata.id']
  if (monitor === undefined) return first // accepted, and nothing to follow: the effect is observed by the caller
  const deadline = AbortSignal.timeout(session.limits.taskMs)
  const both = AbortSignal.any([signal, deadline])
  let reply = first
  for (;;) {
    await pause(session, reply, what, signal, both)
    reply = await session.ask('GET', monitor, both).catch((error: unknown) => gone(error, first))
    const ended = outcome(session, reply, what)
    if (ended) return ended
  }
}

/** Also for a service that says 'at once'. */
const SHORTEST_POLL_MS = 20

async function pause(session: RedfishSession, reply: WireReply, what: string, signal: AbortSignal, both: AbortSignal) {
  const { taskPollMs, busyWaitMs } = session.limits
  const askedMs = retryAfterMs(reply.headers['retry-after'], Date.now()) ?? taskPollMs
  const waitMs = Math.min(Math.max(askedMs, SHORTEST_POLL_MS), busyWaitMs)
  try {
    await sleep(waitMs, undefined, { signal: both })
  } catch {
    if (signal.aborted) throw signal.reason
    const words = `${session.host}: the task of ${what} did not end within ${session.limits.taskMs / 1000} s`
    throw new AppError('bmc_busy', session.hide(words))
  }
}

/** Monitors of tasks that are done may be removed (§12.2): the task itself was accepted. */
function gone(error: unknown, first: WireReply): WireReply {
  if (error instanceof RedfishRefusal && (error.status === 410 || error.status === 404))
    return { ...first, status: 204, body: undefined, bodyIs: 'empty' }
  throw error
}

function outcome(session: RedfishSession, reply: WireReply, what: string): WireReply | undefined {
  const isTask =
    reply.bodyIs === 'json' && typeof (reply.body as { TaskState?: unknown } | null)?.TaskState === 'string'
  if (!isTask) return reply.status === 202 ? undefined : reply
  const task = checked(session, reply, what, Task)
  const state = task.TaskState ?? ''
  if (!Object.hasOwn(ENDED, state)) return undefined
  if (ENDED[state as keyof typeof ENDED] && task.TaskStatus !== 'Critical') return reply
  const told = toldBy({ '@Message.ExtendedInfo': task.Messages ?? [] }, session.limits.wordsLength)
  const words = `${session.host}: the task of ${what} ended as ${state} (${task.TaskStatus ?? 'no status'}): ${told.words}`
  throw new AppError('bmc_bad_reply', session.hide(words))
}
