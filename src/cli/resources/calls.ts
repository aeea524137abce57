import type { TUnsafe } from 'typebox'
import type { Client } from '../../api/contract/client.ts'
import type { Endpoint } from '../../api/contract/endpoint.ts'
import { inventory, PAGE_LIMIT } from '../../api/contract/inventory.ts'
import type { Kind } from '../../inventory/documents/kinds.ts'

/** A document of any kind as the API shows it, for what treats all kinds alike. */
export interface AnyView {
  name: string
  revision: number
  [field: string]: unknown
}

interface Answering<T> extends Endpoint {
  replies: { 200: TUnsafe<T> }
}
interface Named {
  params: TUnsafe<{ name: string }>
}
interface AnyResource {
  list: Answering<{ items: AnyView[]; next?: string }> & { query: TUnsafe<Record<string, unknown>> }
  get: Answering<AnyView> & Named
  change: Answering<AnyView> & Named & { body: TUnsafe<Record<string, unknown>> }
  remove: Answering<undefined> & Named
}
const RESOURCES = inventory as unknown as Record<Kind, AnyResource>

export async function getView(client: Client, kind: Kind, name: string): Promise<AnyView> {
  return client.call(RESOURCES[kind].get, { params: { name } })
}

/** Refused as `stale` if somebody has changed it since it was read. */
export async function changeView(
  client: Client,
  kind: Kind,
  { name, revision }: AnyView,
  patch: Record<string, unknown>,
): Promise<AnyView> {
  return client.call(RESOURCES[kind].change, { params: { name }, body: patch, ifMatch: `"${revision}"` })
}

/** Refused as `stale` if somebody has changed it since it was read. */
export async function removeView(client: Client, kind: Kind, { name, revision }: AnyView): Promise<void> {
  await client.call(RESOURCES[kind].remove, { params: { name }, ifMatch: `"${revision}"` })
}

export interface ListRequest {
  filter?: Record<string, string>
  sort?: string | undefined
  /** How many in all. */
  limit?: number | undefined
}

/** All documents of a kind that a filter lets through, a page at a time, as they come. */
export async function* pages(client: Client, kind: Kind, request: ListRequest = {}): AsyncGenerator<AnyView[]> {
  const { filter, sort, limit = Number.POSITIVE_INFINITY } = request
  let cursor: string | undefined
  for (let left = limit; left > 0; ) {
    const query = { ...filter, sort, limit: Math.min(left, PAGE_LIMIT.max), cursor }
    const { items, next } = await client.call(RESOURCES[kind].list, { query })
    yield items
    left -= items.length
    if (next === undefined) return
    cursor = next
  }
}
