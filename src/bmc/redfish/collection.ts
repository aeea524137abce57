import { Type, type Static, type TSchema } from 'typebox'
import { AppError, type ErrorCode } from '../../lib/errors.ts'
import { faultsOf } from '../../lib/schema.ts'
import { RedfishRefusal } from './refusal.ts'
import { read } from './resource.ts'
import { Link } from './schema.ts'
import type { RedfishSession } from './session.ts'

const Page = Type.Object({ Members: Type.Array(Link), 'Members@odata.nextLink': Type.Optional(Type.String()) })

export interface Member<T> {
  readonly link: string
  readonly value: T
}

/** Links of all members, page by page (DSP0266 §9.7). @throws AppError `bmc_bad_reply` for pages that run in a circle */
export async function linksOf(session: RedfishSession, link: string, signal: AbortSignal): Promise<string[]> {
  return (await pagesOf(session, link, signal)).map(member => member['@odata.id'])
}

async function pagesOf(session: RedfishSession, link: string, signal: AbortSignal): Promise<Static<typeof Link>[]> {
  const { pages, members } = session.limits
  const found: Static<typeof Link>[] = []
  const seen = new Set<string>()
  for (let next: string | undefined = link; next !== undefined; ) {
    if (seen.has(next) || seen.size >= pages || found.length > members)
      throw new AppError(
        'bmc_bad_reply',
        session.hide(`${session.host}: ${link} has no end after ${found.length} members`),
      )
    seen.add(next)
    const page: Static<typeof Page> = await read(session, next, Page, signal)
    found.push(...page.Members)
    next = page['Members@odata.nextLink']
  }
  return found
}

/**
 * All members. `expand`: the service can send them along (§7.3.3), which saves a request each; a whole one has its type and
 * id (§9.6), others are asked for. Those that vanish are left out.
 */
export async function membersOf<T extends TSchema>(
  session: RedfishSession,
  link: string,
  schema: T,
  options: { expand: boolean },
  signal: AbortSignal,
): Promise<Member<Static<T>>[]> {
  const found = options.expand ? await expanded(session, link, signal) : await pagesOf(session, link, signal)
  const members: Member<Static<T>>[] = []
  for (const member of found) {
    const at = member['@odata.id']
    const whole = '@odata.type' in member && 'Id' in member && faultsOf(schema, member).length === 0
    const value = whole ? (member as Static<T>) : await ifThere(read(session, at, schema, signal))
    if (value !== undefined) members.push({ link: at, value })
  }
  return members
}

const EXPAND = '?$expand=.($levels=1)'
const NOT_EXPANDED = new Set<ErrorCode>(['bmc_unsupported', 'bmc_bad_reply'])

/** Services promise more than they keep: what does not come expanded is asked for member by member. */
async function expanded(session: RedfishSession, link: string, signal: AbortSignal): Promise<Static<typeof Link>[]> {
  try {
    return await pagesOf(session, `${link}${EXPAND}`, signal)
  } catch (error) {
    if (error instanceof AppError && NOT_EXPANDED.has(error.code)) return pagesOf(session, link, signal)
    throw error
  }
}

/** Parts come and go: 'not there' is an answer. */
export async function ifThere<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof RedfishRefusal && (error.status === 404 || error.status === 410)) return undefined
    throw error
  }
}
