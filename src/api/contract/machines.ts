import { Type } from 'typebox'
import { Label, Line, Timestamp } from '../../inventory/documents/fields.ts'
import { viewSchema } from '../../inventory/documents/status.ts'
import { oneOf } from '../../lib/schema.ts'
import { closed, endpoint, Nothing } from './endpoint.ts'
import { Event, eventPage } from './events.ts'

const common = { tag: 'machines', params: Type.Object({ name: Label }, closed) } as const
const view = viewSchema('machine')

export const machineEvents = endpoint({
  ...common,
  method: 'GET',
  path: '/v1/machines/:name/events',
  role: 'viewer',
  summary: 'What happened to a machine, newest first',
  query: Type.Object(eventPage, closed),
  replies: { 200: Type.Object({ items: Type.Array(Event), next: Type.Optional(Type.Integer()) }) },
})

export const machineLifecycle = endpoint({
  ...common,
  method: 'POST',
  path: '/v1/machines/:name/lifecycle',
  role: 'operator',
  summary: 'Take a step of the lifecycle that needs no job: enroll, adopt (in use already), release, retire',
  body: Type.Object({ event: oneOf(['enroll', 'adopt', 'release', 'retire']) }, closed),
  replies: { 200: view },
})

export const machineCondition = endpoint({
  ...common,
  method: 'PUT',
  path: '/v1/machines/:name/condition',
  role: 'operator',
  summary: 'Put a machine into maintenance, mark it broken, or say that it is well again',
  body: Type.Union(
    [
      Type.Object({ state: Type.Literal('ok') }, closed),
      Type.Object({ state: Type.Literal('maintenance'), reason: Line, until: Type.Optional(Timestamp) }, closed),
      Type.Object({ state: Type.Literal('broken'), reason: Line }, closed),
    ],
    { description: '{state: ok}, {state: maintenance, reason, until} or {state: broken, reason}' },
  ),
  replies: { 200: view },
})

export const machineBmcPassword = endpoint({
  ...common,
  method: 'PUT',
  path: '/v1/machines/:name/bmc/password',
  role: 'operator',
  summary: 'Seal the password that the controller logs in to the BMC with; it is never given back',
  body: Type.Object(
    { password: Type.String({ minLength: 1, maxLength: 256, writeOnly: true, description: 'a password' }) },
    closed,
  ),
  replies: { 204: Nothing },
})

const Text = Type.Optional(Type.String({ maxLength: 200 }))
const Count = Type.Optional(Type.Number({ minimum: 0 }))

/** What an inspection reports, as far as profiles ask for it. */
const HardwareFacts = Type.Object({
  vendor: Text,
  model: Text,
  cpu: Type.Optional(Type.Object({ sockets: Count, cores: Count, model: Text, architecture: Text })),
  memoryBytes: Count,
  disks: Type.Optional(Type.Array(Type.Object({ medium: Text, sizeBytes: Count }), { maxItems: 1_000 })),
  nics: Type.Optional(Type.Array(Type.Object({ speedMbps: Count }), { maxItems: 1_000 })),
  gpus: Type.Optional(Type.Array(Type.Object({}), { maxItems: 1_000 })),
})

const Matches = Type.Array(
  Type.Object({ profile: Type.String(), matches: Type.Boolean(), reasons: Type.Array(Type.String()) }),
)

export const machineHardware = endpoint({
  ...common,
  method: 'GET',
  path: '/v1/machines/:name/hardware',
  role: 'viewer',
  summary: 'What the last inspection found, and which profiles that fits; null before the first',
  replies: { 200: Type.Object({ hardware: Type.Unknown(), profiles: Matches }) },
})

export const profileMatch = endpoint({
  method: 'POST',
  path: '/v1/profiles/match',
  role: 'viewer',
  tag: 'profiles',
  summary: 'Which profiles some hardware would fit, and why not the others',
  body: HardwareFacts,
  replies: { 200: Type.Object({ profiles: Matches }) },
})
