import { Type } from 'typebox'
import { read } from './resource.ts'
import { Link, maybe } from './schema.ts'
import type { RedfishService } from './service.ts'

const UpdateService = Type.Object({ FirmwareInventory: maybe(Link) })
const Software = Type.Object({
  Id: Type.String(),
  Name: maybe(Type.String()),
  Version: maybe(Type.String()),
  Updateable: maybe(Type.Boolean()),
})

export interface FirmwareVersion {
  readonly id: string
  readonly name: string
  readonly version: string
  readonly updateable: boolean | undefined
}

/** DSP2046 UpdateService.FirmwareInventory. */
export async function readFirmware(service: RedfishService, signal: AbortSignal): Promise<FirmwareVersion[]> {
  const root = await service.root(signal)
  const at = service.require(root.UpdateService, 'firmware inventory')['@odata.id']
  const update = await read(service.session, at, UpdateService, signal)
  const link = service.require(update.FirmwareInventory, 'firmware inventory')['@odata.id']
  return (await service.members(link, Software, signal)).map(({ value }) => ({
    id: value.Id,
    name: value.Name ?? '',
    version: value.Version ?? '',
    updateable: value.Updateable ?? undefined,
  }))
}
