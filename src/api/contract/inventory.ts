import { type Static, type TProperties, type TSchema, Type } from 'typebox'
import { type Document, KIND_NAMES, KINDS, type Kind } from '../../inventory/documents/kinds.ts'
import { FILTERS, type Filter, SORTS, type SortKey, type View, viewSchema } from '../../inventory/documents/status.ts'
import { Label, LABEL_PATTERN } from '../../inventory/documents/fields.ts'
import { inputOf, mergePatchOf, oneOf } from '../../lib/schema.ts'
import { closed, endpoint, Nothing } from './endpoint.ts'

export const PAGE_LIMIT = { default: 100, max: 1_000 } as const
const Named = Type.Object({ name: Label }, closed)

type ListQuery<K extends Kind> = Filter<K> & { sort: SortKey | `-${SortKey}`; limit: number; cursor?: string }
export type ListReply<K extends Kind> = { items: View<K>[]; next?: string }

/** The five endpoints that every kind of document has. */
function resource<K extends Kind>(kind: K) {
  const { plural, input } = KINDS[kind]
  const path = `/v1/${plural}`
  const view = viewSchema(kind)
  const common = { tag: plural, params: Named }
  return {
    list: endpoint({
      method: 'GET',
      path,
      role: 'viewer',
      tag: plural,
      summary: `List ${plural}`,
      query: listQuery(kind),
      replies: { 200: listReply<K>(view) },
    }),
    get: endpoint({
      ...common,
      method: 'GET',
      path: `${path}/:name`,
      role: 'viewer',
      summary: `Show one ${kind}`,
      replies: { 200: view },
    }),
    create: endpoint({
      method: 'POST',
      path,
      role: 'operator',
      tag: plural,
      summary: `Create a ${kind}`,
      body: Type.Unsafe<Document<K>>(inputOf(input as TSchema)),
      replies: { 201: view },
    }),
    change: endpoint({
      ...common,
      method: 'PATCH',
      path: `${path}/:name`,
      role: 'operator',
      summary: `Change a ${kind} by a JSON merge patch: null removes a field, a list is replaced as a whole`,
      body: Type.Unsafe<Record<string, unknown>>(mergePatchOf(input as TSchema)),
      ifMatch: true,
      replies: { 200: view },
    }),
    remove: endpoint({
      ...common,
      method: 'DELETE',
      path: `${path}/:name`,
      role: 'operator',
      summary: `Remove a ${kind} that nothing refers to`,
      ifMatch: true,
      replies: { 204: Nothing },
    }),
  }
}

function listQuery<K extends Kind>(kind: K) {
  const filters: TProperties = Object.fromEntries(
    Object.entries<TSchema>(FILTERS[kind]).map(([name, schema]) => [name, Type.Optional(schema)]),
  )
  const sorts = SORTS[kind].flatMap(key => [key, `-${key}`] as const)
  const query = Type.Object(
    {
      ...filters,
      sort: oneOf(sorts, { default: 'name' }),
      limit: Type.Integer({
        minimum: 1,
        maximum: PAGE_LIMIT.max,
        default: PAGE_LIMIT.default,
        description: `a number from 1 to ${PAGE_LIMIT.max}`,
      }),
      cursor: Type.Optional(Type.String({ maxLength: 1_000, description: '`next` of the page before' })),
    },
    closed,
  )
  return Type.Unsafe<ListQuery<K>>(query)
}

const listReply = <K extends Kind>(view: TSchema) =>
  Type.Unsafe<ListReply<K>>(Type.Object({ items: Type.Array(view), next: Type.Optional(Type.String()) }))

type Resources = { [K in Kind]: ReturnType<typeof resource<K>> }
export const inventory = Object.fromEntries(KIND_NAMES.map(kind => [kind, resource(kind)])) as Resources

/** What an inventory file holds: documents by the plural of their kind. Each is checked by itself, and all faults told. */
const Documents = Type.Object(
  Object.fromEntries(
    KIND_NAMES.map(kind => [
      KINDS[kind].plural,
      Type.Optional(Type.Array(Type.Unknown(), { maxItems: 100_000, description: `a list of ${KINDS[kind].plural}` })),
    ]),
  ),
  closed,
)
export type Documents = { [K in Kind as (typeof KINDS)[K]['plural']]?: unknown[] }

const Change = Type.Object({
  kind: oneOf(KIND_NAMES),
  name: Type.String(),
  action: oneOf(['create', 'change', 'none']),
  differences: Type.Array(
    Type.Object({ path: Type.String(), from: Type.Optional(Type.Unknown()), to: Type.Optional(Type.Unknown()) }),
  ),
})
export type Change = Static<typeof Change>

export const apply = endpoint({
  method: 'POST',
  path: '/v1/inventory/apply',
  role: 'operator',
  tag: 'inventory',
  summary: 'Bring the inventory to what these documents say, all or nothing; `dryRun` does it and takes it back',
  query: Type.Object({ dryRun: Type.Boolean({ default: false, description: 'true or false' }) }, closed),
  body: Type.Unsafe<Documents>(Documents),
  bodyLimitBytes: 64 * 2 ** 20,
  replies: { 200: Type.Object({ dryRun: Type.Boolean(), changes: Type.Array(Change) }) },
})

const Digest = Type.String({ pattern: '^[0-9a-f]{64}$', description: 'a SHA-256 of 64 hexadecimal digits' })
const byKind = <T extends TSchema>(inner: T) => Object.fromEntries(KIND_NAMES.map(kind => [kind, Type.Optional(inner)]))

/** So that a file of 10,000 machines of which one changed sends one machine, and the server works for one. */
export const compare = endpoint({
  method: 'POST',
  path: '/v1/inventory/compare',
  role: 'viewer',
  tag: 'inventory',
  summary: 'Of documents given by digest, name those that differ from the inventory or are missing there',
  body: Type.Unsafe<{ digests: { [K in Kind]?: Record<string, string> }; withPassword: string[] }>(
    Type.Object(
      {
        digests: Type.Object(byKind(Type.Record(Type.String({ pattern: LABEL_PATTERN }), Digest, closed)), closed),
        withPassword: Type.Array(Label, {
          default: [],
          maxItems: 100_000,
          description: 'machines that come with a first BMC password',
        }),
      },
      closed,
    ),
  ),
  bodyLimitBytes: 16 * 2 ** 20,
  replies: {
    200: Type.Unsafe<{ differing: { [K in Kind]?: string[] } }>(
      Type.Object({ differing: Type.Object(byKind(Type.Array(Type.String()))) }),
    ),
  },
})
