import type { Kysely } from 'kysely'
import type { Db } from '../../db/schema.ts'
import { KIND_NAMES, type Kind } from '../../inventory/documents/kinds.ts'
import type { View } from '../../inventory/documents/status.ts'
import { compareDigests } from '../../inventory/save/compare.ts'
import { applyDocuments } from '../../inventory/save/apply.ts'
import { readDocument } from '../../inventory/save/read.ts'
import { mergePatch } from '../../inventory/save/merge-patch.ts'
import { save } from '../../inventory/save/save.ts'
import { remove } from '../../inventory/remove.ts'
import { list, viewOf } from '../../inventory/store/list.ts'
import { load, lock } from '../../inventory/store/load.ts'
import { AppError } from '../../lib/errors.ts'
import { apply, compare, inventory } from '../contract/inventory.ts'
import { type Answer, type Call, handle, type Parts, type Route } from '../handle.ts'

/** The five routes of every kind, and apply. */
export const inventoryRoutes = (parts: Parts): Route[] => [
  ...KIND_NAMES.flatMap(kind => resourceRoutes(kind, parts)),
  handle(compare, async ({ body, db }) => ({
    body: { differing: await compareDigests(db, body.digests, body.withPassword) },
  })),
  handle(apply, async ({ body, query, actor, db }) => {
    const { sealer } = parts
    return {
      body: {
        dryRun: query.dryRun,
        changes: await applyDocuments(db, { documents: body, dryRun: query.dryRun, actor: actor.name, sealer }),
      },
    }
  }),
]

function resourceRoutes(kind: Kind, parts: Parts): Route[] {
  const { list: listing, get, create, change, remove: removal } = inventory[kind]
  return [
    handle(listing, async ({ query, db }) => {
      const { sort, limit, cursor, ...filter } = query as { sort: 'name'; limit: number; cursor?: string }
      return { body: (await list(db, kind, filter as never, { sort, limit, cursor })) as never }
    }),
    handle(get, async ({ params, db }) => show(db, kind, params.name) as never),
    handle(create, async call => write(parts, kind, call, call.body as object, 'absent') as never),
    handle(change, async call => {
      refuseRename(kind, call.params.name, call.body)
      await lock(call.db, kind, [call.params.name])
      const current = await required(call.db, kind, call.params.name)
      return write(parts, kind, call, mergePatch(current.document, call.body) as object, 'present') as never
    }),
    handle(removal, async ({ params, actor, db, revision }) => {
      await remove(db, { kind, name: params.name, actor: actor.name, revision })
      return { body: undefined }
    }),
  ]
}

/** Documents are saved by their name: under another one a patch would overwrite another document. */
function refuseRename(kind: Kind, name: string, patch: Record<string, unknown>): void {
  if (patch.name === undefined || patch.name === null || patch.name === name) return
  throw new AppError('invalid_input', `The name of a ${kind} does not change`, {
    faults: [{ path: '/name', message: `expected '${name}', as in the path` }],
  })
}

/** What POST and PATCH share: the document is read, saved, and shown as it is then. */
async function write<K extends Kind>(
  { sealer }: Parts,
  kind: K,
  { db, actor, revision }: Pick<Call<never>, 'db' | 'actor' | 'revision'>,
  input: object,
  expect: 'absent' | 'present',
): Promise<Answer<View<K>>> {
  const { incoming, sealedPasswords } = readDocument(kind, input, sealer)
  await save(db, { documents: [incoming], sealedPasswords, actor: actor.name, expect, revision })
  return show(db, kind, incoming.document.name)
}

export async function show<K extends Kind>(db: Kysely<Db>, kind: K, name: string): Promise<Answer<View<K>>> {
  const stored = await required(db, kind, name)
  return { body: viewOf(kind, stored), revision: stored.revision }
}

async function required<K extends Kind>(db: Kysely<Db>, kind: K, name: string) {
  const [stored] = await load(db, kind, [name])
  if (stored) return stored
  throw new AppError('not_found', `There is no ${kind} '${name}'`)
}
