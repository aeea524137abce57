import { Type, type Static } from 'typebox'
import { AppError } from '../../lib/errors.ts'
import { type Member } from './collection.ts'
import { change, send } from './resource.ts'
import { Action, Link, maybe } from './schema.ts'
import type { RedfishService } from './service.ts'

const CD_TYPES = new Set(['CD', 'DVD'])

const Text = maybe(Type.String())
const Holder = Type.Object({ VirtualMedia: maybe(Link) })
const Media = Type.Object({
  Id: Text,
  MediaTypes: maybe(Type.Array(Type.String())),
  Image: Text,
  Inserted: maybe(Type.Boolean()),
  Actions: maybe(
    Type.Object({ '#VirtualMedia.InsertMedia': maybe(Action), '#VirtualMedia.EjectMedia': maybe(Action) }),
  ),
})

export interface InsertedMedia {
  readonly id: string
  readonly image: string | undefined
  readonly inserted: boolean
}

/** The drive that takes a CD image: of the system (newer services), else of a manager. */
async function drive(service: RedfishService, signal: AbortSignal): Promise<Member<Static<typeof Media>>> {
  const managers = await service.each('managers', Holder, signal)
  const holders = [await service.system(Holder, signal), ...managers.map(({ value }) => value)]
  for (const { VirtualMedia } of holders) {
    const drives = VirtualMedia ? await service.members(VirtualMedia['@odata.id'], Media, signal) : []
    const found = drives.find(({ value }) => value.MediaTypes?.some(type => CD_TYPES.has(type)))
    if (found) return found
  }
  return service.require<never>(undefined, 'virtual CD drive')
}

export async function readMedia(service: RedfishService, signal: AbortSignal): Promise<InsertedMedia> {
  const { value } = await drive(service, signal)
  const image = value.Image === '' ? undefined : (value.Image ?? undefined)
  return { id: value.Id ?? '', image, inserted: value.Inserted ?? image !== undefined }
}

/** The BMC fetches `image` (a URL) by itself. Resolves once the drive says that it holds it. */
export async function insertMedia(service: RedfishService, image: string, signal: AbortSignal): Promise<void> {
  const { link, value } = await drive(service, signal)
  // A drive that holds something refuses another one.
  if (value.Inserted && value.Image !== image) await ejectMedia(service, signal)
  const body = { Image: image, Inserted: true, WriteProtected: true }
  const target = value.Actions?.['#VirtualMedia.InsertMedia']?.target
  if (target === undefined) await change(service.session, { link, schema: Media, body: () => body }, signal)
  else await send(service.session, 'POST', target, { body }, signal)
  await expectMedia(service, true, signal)
}

export async function ejectMedia(service: RedfishService, signal: AbortSignal): Promise<void> {
  const { link, value } = await drive(service, signal)
  const target = value.Actions?.['#VirtualMedia.EjectMedia']?.target
  const body = () => ({ Image: null, Inserted: false })
  if (target === undefined) await change(service.session, { link, schema: Media, body }, signal)
  else await send(service.session, 'POST', target, { body: {} }, signal)
  await expectMedia(service, false, signal)
}

async function expectMedia(service: RedfishService, inserted: boolean, signal: AbortSignal): Promise<void> {
  if ((await readMedia(service, signal)).inserted === inserted) return
  const words = `its virtual CD drive was told to ${inserted ? 'insert' : 'eject'}, and did not`
  throw new AppError('bmc_bad_reply', `${service.session.host}: ${words}`)
}
