import { tokenCreate, tokenList, tokenRevoke, whoami } from '../contract/tokens.ts'
import { handle, type Route } from '../handle.ts'
import { createToken, listTokens, revokeToken } from '../tokens.ts'

export const tokenRoutes = (): Route[] => [
  handle(tokenList, async ({ db }) => ({ body: { items: await listTokens(db) } })),
  handle(tokenCreate, async ({ body, actor, db }) => ({ body: await createToken(db, body, actor.name) })),
  handle(tokenRevoke, async ({ params, actor, db }) => {
    await revokeToken(db, params.name, actor.name)
    return { body: undefined }
  }),
  handle(whoami, async ({ actor }) => ({ body: actor })),
]
