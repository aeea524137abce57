import { createHash } from 'node:crypto'
import { act, pollTask } from './actions.ts'
import { type Document, documentsOf, pathsOf } from './documents.ts'
import type { Effect } from './faults.ts'
import { patch, remove } from './patches.ts'
import { message, missing, notAllowed, type Reply } from './reply.ts'
import type { LabSessions } from './sessions.ts'
import type { State } from './state.ts'

export interface Request {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: unknown
}

type Body = Readonly<Record<string, unknown>>
const ROOT = '/redfish/v1'

/** The answer of the service, without any I/O. */
export function answer(state: State, sessions: LabSessions, request: Request, effects: readonly Effect[]): Reply {
  const { method } = request
  if (request.path === '/redfish') return { status: 200, body: { v1: '/redfish/v1/' } }
  if (state.shape.slashes && method === 'GET' && !request.path.endsWith('/'))
    return { status: 308, headers: { location: `${request.path}/${request.query}` } }
  const path = request.path.replace(/\/$/, '')
  const at = pathsOf(state.shape)
  const body: Body = typeof request.body === 'object' && request.body !== null ? (request.body as Body) : {}
  if (method === 'POST' && path === at.sessions) return sessions.login(body)
  if (path === ROOT && method === 'GET') return get(state, path, request.query, effects)
  const refused = sessions.check(request.headers)
  if (refused) return refused
  if (method === 'DELETE' && path.startsWith(`${at.sessions}/`)) return sessions.logout(path)
  if (method === 'GET') return get(state, path, request.query, effects)
  return write(state, request, path, body, effects)
}

function get(state: State, path: string, query: string, effects: readonly Effect[]): Reply {
  const at = pathsOf(state.shape)
  const [, task] = path.startsWith(at.tasks) ? (/\/(\d+)(?:\/Monitor)?$/.exec(path) ?? []) : []
  if (task !== undefined) return pollTask(state, task) ?? missing(path)
  const documents = documentsOf(state)
  const found = Object.hasOwn(documents, path) ? documents[path] : undefined
  if (!found) return missing(path)
  const lies = effects.flatMap(effect => (effect.kind === 'lie' ? [effect.fields] : []))
  const isExpanded = state.shape.expand && query.includes('$expand')
  const document = isExpanded ? { ...found, Members: expand(found, documents) } : found
  const etag = etagOf(state, path)
  const headers: Record<string, string> = etag === undefined ? {} : { etag }
  return { status: 200, headers, body: Object.assign({ '@odata.id': path, ...document }, ...lies) as Document }
}

function expand({ Members }: Document, documents: Record<string, Document>): unknown {
  if (!Array.isArray(Members)) return Members
  return (Members as { '@odata.id': string }[]).map(member => ({ ...member, ...documents[member['@odata.id']] }))
}

/** One for each document and state; written weak by firmware that compares it as a strong one. */
function etagOf({ shape, version }: State, path: string): string | undefined {
  if (shape.etag === 'none') return undefined
  const tag = `"${createHash('sha256').update(`${path} ${version}`).digest('hex').slice(0, 8)}"`
  return shape.etag === 'weak-then-strong' ? `W/${tag}` : tag
}

function write(
  state: State,
  { method, headers }: Request,
  path: string,
  body: Body,
  effects: readonly Effect[],
): Reply {
  const has = (kind: Effect['kind']) => effects.some(effect => effect.kind === kind)
  if (method === 'POST') return changed(state, act(state, path, body, has('fail-task')))
  if (method === 'DELETE') return changed(state, remove(state, path))
  if (method !== 'PATCH') return notAllowed
  const stale = checkEtag(state, path, headers['if-match'])
  return stale ?? changed(state, patch(state, path, body, { ignoreBoot: has('ignore-boot') }))
}

function checkEtag(state: State, path: string, given: string | string[] | undefined): Reply | undefined {
  const etag = etagOf(state, path)?.replace(/^W\//, '')
  if (etag === undefined) return undefined
  if (given === undefined && state.shape.etag === 'required')
    return message(428, 'PreconditionRequired', 'If-Match is needed.')
  return given === undefined || given === etag
    ? undefined
    : message(412, 'PreconditionFailed', 'The ETag does not match.')
}

function changed(state: State, reply: Reply): Reply {
  if (reply.status < 300) state.version += 1
  return reply
}
