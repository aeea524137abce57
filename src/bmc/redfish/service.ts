import { Type, type Static, type TSchema } from 'typebox'
import { AppError } from '../../lib/errors.ts'
import { ifThere, linksOf, membersOf, type Member } from './collection.ts'
import { toldBy } from './messages.ts'
import { codeOf, RedfishRefusal } from './refusal.ts'
import { checked, read } from './resource.ts'
import { Link, maybe } from './schema.ts'
import type { RedfishSession } from './session.ts'
import { isSystem, type WantedSystem } from './uuid.ts'

/** Known to every service (DSP0266 §6.3); all else is found by its links, as ids differ from vendor to vendor. */
const ROOT = '/redfish/v1/'

export const Root = Type.Object({
  RedfishVersion: maybe(Type.String()),
  Vendor: maybe(Type.String()),
  Product: maybe(Type.String()),
  Systems: maybe(Link),
  Managers: maybe(Link),
  Chassis: maybe(Link),
  AccountService: maybe(Link),
  UpdateService: maybe(Link),
  Links: maybe(Type.Object({ Sessions: maybe(Link) })),
  ProtocolFeaturesSupported: maybe(
    Type.Object({ ExpandQuery: maybe(Type.Object({ NoLinks: maybe(Type.Boolean()) })) }),
  ),
})
export type Root = Static<typeof Root>

const SystemLinks = Type.Object({
  Id: maybe(Type.String()),
  UUID: maybe(Type.String()),
  SerialNumber: maybe(Type.String()),
  SKU: maybe(Type.String()),
  Links: maybe(Type.Object({ Chassis: maybe(Type.Array(Link)), ManagedBy: maybe(Type.Array(Link)) })),
})

export interface Places {
  readonly system: string
  readonly managers: readonly string[]
  readonly chassis: readonly string[]
}

/** Where things are in one service. Links are kept, states never. */
export class RedfishService {
  readonly session: RedfishSession
  readonly #wanted: WantedSystem | undefined
  #root: Promise<Root> | undefined
  #places: Promise<Places> | undefined

  constructor(session: RedfishSession, wanted?: WantedSystem) {
    this.session = session
    this.#wanted = wanted
  }

  async root(signal: AbortSignal): Promise<Root> {
    if (!this.#root) this.#root = this.#readRoot(signal)
    return kept(this.#root, () => (this.#root = undefined))
  }

  async places(signal: AbortSignal): Promise<Places> {
    if (!this.#places) this.#places = this.#find(signal)
    return kept(this.#places, () => (this.#places = undefined))
  }

  /** The system's resource, read now. */
  async system<T extends TSchema>(schema: T, signal: AbortSignal): Promise<Static<T>> {
    const { system } = await this.places(signal)
    return read(this.session, system, schema, signal)
  }

  /** The resources of all chassis of the system, or of all managers, read now; links to what is gone are passed over. */
  async each<T extends TSchema>(
    kind: 'managers' | 'chassis',
    schema: T,
    signal: AbortSignal,
  ): Promise<Member<Static<T>>[]> {
    const members: Member<Static<T>>[] = []
    for (const link of (await this.places(signal))[kind]) {
      const value = await ifThere(read(this.session, link, schema, signal))
      if (value !== undefined) members.push({ link, value })
    }
    return members
  }

  async members<T extends TSchema>(link: string, schema: T, signal: AbortSignal): Promise<Member<Static<T>>[]> {
    const root = await this.root(signal)
    const expand = root.ProtocolFeaturesSupported?.ExpandQuery?.NoLinks === true
    return membersOf(this.session, link, schema, { expand }, signal)
  }

  /** What the service leaves out is an ability that it has not. @throws AppError `bmc_unsupported` */
  require<T>(thing: T | null | undefined, words: string): T {
    if (thing === null || thing === undefined)
      throw new AppError('bmc_unsupported', `${this.session.host}: offers no ${words}`)
    return thing
  }

  async #readRoot(signal: AbortSignal): Promise<Root> {
    const reply = await this.session.askOpenly(ROOT, signal)
    const { host, limits } = this.session
    const told = toldBy(reply.body, limits.wordsLength)
    // Some firmware guards even its root, which the standard leaves open.
    if (reply.status !== 200 && reply.status !== 401) {
      const code = reply.status === 404 ? 'bmc_unsupported' : codeOf(reply.status, told, false)
      const what = `${host}: there is no Redfish service (GET ${ROOT}: HTTP ${reply.status} ${this.session.hide(told.words)})`
      throw new RedfishRefusal(code, what, { status: reply.status, told, retryAfterMs: undefined })
    }
    const root =
      reply.status === 200 ? checked(this.session, reply, ROOT, Root) : await read(this.session, ROOT, Root, signal)
    if (root.Links?.Sessions) this.session.useSessionsPath(root.Links.Sessions['@odata.id'])
    return root
  }

  async #find(signal: AbortSignal): Promise<Places> {
    const root = await this.root(signal)
    const { link, value } = await this.#choose(this.require(root.Systems, 'computer systems')['@odata.id'], signal)
    const all = async (given: readonly Static<typeof Link>[] | null | undefined, collection: Root['Chassis']) => {
      if (given && given.length > 0) return given.map(one => one['@odata.id'])
      return collection ? linksOf(this.session, collection['@odata.id'], signal) : []
    }
    const managers = await all(value.Links?.ManagedBy, root.Managers)
    return { system: link, managers, chassis: await all(value.Links?.Chassis, root.Chassis) }
  }

  async #choose(collection: string, signal: AbortSignal): Promise<Member<Static<typeof SystemLinks>>> {
    const { host } = this.session
    const systems = await membersOf(this.session, collection, SystemLinks, { expand: false }, signal)
    if (systems.length === 0) throw new AppError('bmc_transitional', `${host}: lists no computer system now`)
    const wanted = this.#wanted
    const fitting = wanted ? systems.filter(({ value }) => isSystem(value, wanted)) : systems
    const [only] = fitting
    if (only && fitting.length === 1) return only
    const names = systems.map(
      ({ value }) => `${value.Id ?? '?'} (UUID ${value.UUID ?? '?'}, serial ${value.SerialNumber ?? '?'})`,
    )
    const which = wanted ? `UUID ${wanted.uuid ?? 'any'}, serial ${wanted.serial ?? 'any'}` : 'exactly one'
    const what = `${host}: expected ${which}; it serves ${names.slice(0, 16).join(', ')}`
    throw new AppError('bmc_unsupported', this.session.hide(what), {
      fix: 'Give the UUID or serial of the right system.',
    })
  }
}

/** A failure is not kept. */
async function kept<T>(promise: Promise<T>, forget: () => void): Promise<T> {
  try {
    return await promise
  } catch (error) {
    forget()
    throw error
  }
}
