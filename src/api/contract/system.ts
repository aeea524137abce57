import { Type } from 'typebox'
import { Label } from '../../inventory/documents/fields.ts'
import { closed, endpoint } from './endpoint.ts'

export const stock = endpoint({
  method: 'GET',
  path: '/v1/stock',
  role: 'viewer',
  tag: 'stock',
  summary: 'How many machines there are, by datacenter and profile, and what can be done with them',
  query: Type.Object({ datacenter: Type.Optional(Label), profile: Type.Optional(Label) }, closed),
  replies: {
    200: Type.Object({
      items: Type.Array(
        Type.Object({
          datacenter: Type.String(),
          profile: Type.Union([Type.String(), Type.Null()]),
          total: Type.Integer(),
          free: Type.Integer(),
          expected: Type.Integer(),
          commissioning: Type.Integer(),
          reserved: Type.Integer(),
          inUse: Type.Integer(),
          recycling: Type.Integer(),
          held: Type.Integer(),
          retired: Type.Integer(),
        }),
      ),
    }),
  },
})

export const healthz = endpoint({
  method: 'GET',
  path: '/healthz',
  role: 'public',
  tag: 'system',
  summary: 'Whether the process lives',
  replies: { 200: Type.Object({ status: Type.String(), version: Type.String() }) },
})

export const readyz = endpoint({
  method: 'GET',
  path: '/readyz',
  role: 'public',
  tag: 'system',
  summary: 'Whether it can serve: the database answers, and is of this version',
  replies: { 200: Type.Object({ status: Type.String() }) },
})

export const metrics = endpoint({
  method: 'GET',
  path: '/metrics',
  role: 'viewer',
  tag: 'system',
  summary: 'Measurements for Prometheus',
  replies: { 200: Type.String() },
  contentType: 'text/plain',
})

export const openapi = endpoint({
  method: 'GET',
  path: '/openapi.json',
  role: 'public',
  tag: 'system',
  summary: 'This description',
  replies: { 200: Type.Unknown() },
})
