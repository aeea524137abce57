import { type Static, type TSchema, Type } from 'typebox'

/** Each role may do what those before it may. A developer belongs to a team. */
export const ROLES = ['viewer', 'developer', 'operator', 'admin'] as const
export type Role = (typeof ROLES)[number]

export interface Endpoint {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Parameters as ':name'. */
  path: string
  /** The least role that may call it. `public` needs no token: health and the description of the API. */
  role: Role | 'public'
  summary: string
  /** A group in the description of the API. */
  tag: string
  params?: TSchema
  query?: TSchema
  body?: TSchema
  /** What it answers when it did what was asked, by HTTP status. Everything else is a problem (RFC 9457). */
  replies: Readonly<Record<number, TSchema>>
  /** Bytes; 1 MiB without. */
  bodyLimitBytes?: number
  /** The answer holds a secret: it is never stored, so it takes no Idempotency-Key. */
  secretReply?: true
  /** Takes If-Match, refuses what has another version. */
  ifMatch?: true
  /** The answer is no JSON. */
  contentType?: 'text/event-stream' | 'text/plain'
}

/** Checks the row's form and keeps its exact types, for the server's handlers and the client. */
export const endpoint = <const E extends Endpoint>(row: E): E => row

type StaticOf<S> = S extends TSchema ? Static<S> : undefined
export type ParamsOf<E extends Endpoint> = StaticOf<E['params']>
export type QueryOf<E extends Endpoint> = StaticOf<E['query']>
export type BodyOf<E extends Endpoint> = StaticOf<E['body']>
export type ReplyOf<E extends Endpoint> = StaticOf<E['replies'][keyof E['replies']]>

/** 204: there is nothing to say. */
export const Nothing = Type.Unsafe<undefined>(Type.Null())

/** Closed objects: an unknown field is an error, in queries too. */
export const closed = { additionalProperties: false } as const

/** RFC 9457, with `code` to branch on, and all `faults` of an input at once. */
export const Problem = Type.Object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  detail: Type.String(),
  code: Type.String(),
  requestId: Type.String(),
  faults: Type.Optional(Type.Array(Type.Object({ path: Type.String(), message: Type.String() }))),
})
export type Problem = Static<typeof Problem>
