import { Type } from 'typebox'
import { Label, Timestamp } from '../../inventory/documents/fields.ts'
import { oneOf } from '../../lib/schema.ts'
import { closed, endpoint, Nothing, ROLES } from './endpoint.ts'

const Token = {
  name: Label,
  role: oneOf(ROLES),
  team: Type.Optional(Label),
  expiresAt: Type.Optional(Timestamp),
}
const TokenView = Type.Object({
  ...Token,
  createdBy: Type.String(),
  createdAt: Timestamp,
  lastUsedAt: Type.Optional(Timestamp),
})

export const tokenList = endpoint({
  method: 'GET',
  path: '/v1/tokens',
  role: 'admin',
  tag: 'tokens',
  summary: 'List the tokens that are valid, without their secrets',
  replies: { 200: Type.Object({ items: Type.Array(TokenView) }) },
})

export const tokenCreate = endpoint({
  method: 'POST',
  path: '/v1/tokens',
  role: 'admin',
  tag: 'tokens',
  summary: 'Make a token; the answer is the only time that it is shown',
  body: Type.Object(Token, closed),
  replies: { 201: Type.Object({ ...TokenView.properties, token: Type.String() }) },
  secretReply: true,
})

export const tokenRevoke = endpoint({
  method: 'DELETE',
  path: '/v1/tokens/:name',
  role: 'admin',
  tag: 'tokens',
  summary: 'Revoke a token at once',
  params: Type.Object({ name: Label }, closed),
  replies: { 204: Nothing },
})

export const whoami = endpoint({
  method: 'GET',
  path: '/v1/whoami',
  role: 'viewer',
  tag: 'tokens',
  summary: 'Whose token this is, and what it may do',
  replies: {
    200: Type.Object({
      name: Type.String(),
      role: oneOf(ROLES),
      team: Type.Optional(Type.String()),
      expiresAt: Type.Optional(Timestamp),
    }),
  },
})
