import { Type } from 'typebox'
import type { BmcIdentity } from '../driver.ts'
import { EMPTY_PRODUCTS, type Quirk, quirksOf } from './quirks.ts'
import { maybe } from './schema.ts'
import type { RedfishService } from './service.ts'
import { uuidsOf } from './uuid.ts'

const Text = maybe(Type.String())
const System = Type.Object({
  Manufacturer: Text,
  Model: Text,
  SerialNumber: Text,
  SKU: Text,
  PartNumber: Text,
  AssetTag: Text,
  UUID: Text,
})
const Chassis = Type.Object({
  Manufacturer: Text,
  Model: Text,
  SerialNumber: Text,
  SKU: Text,
  PartNumber: Text,
  AssetTag: Text,
})
const Manager = Type.Object({ FirmwareVersion: Text, Model: Text, UUID: Text })

export interface RedfishIdentity extends BmcIdentity {
  /** Of the system, as its maker prints it on the label. */
  readonly serial: string
  /** Every number that was found for it: the inventory may know it by another one. */
  readonly serials: readonly string[]
  readonly partNumber: string
  readonly assetTag: string
  readonly quirks: readonly Quirk[]
}

/** Who the system is, not its manager: both have ids, and the manager's name no machine. Known wrong fields are put right. */
export async function readIdentity(service: RedfishService, signal: AbortSignal): Promise<RedfishIdentity> {
  const root = await service.root(signal)
  const system = await service.system(System, signal)
  const [chassis] = (await service.each('chassis', Chassis, signal)).map(({ value }) => value)
  const [manager] = (await service.each('managers', Manager, signal)).map(({ value }) => value)
  const manufacturer = first(system.Manufacturer, chassis?.Manufacturer, root.Vendor)
  const firmware = first(manager?.FirmwareVersion)
  const quirks = quirksOf({ manufacturer, model: first(manager?.Model), firmware })
  const [sku, number] = [system.SKU, system.SerialNumber]
  const serials = quirks.includes('serial-in-sku') ? [sku, number] : [number]
  return {
    manufacturer,
    product: first(
      ...[system.Model, chassis?.Model, root.Product].filter(name => !EMPTY_PRODUCTS.test(name?.trim() ?? '')),
    ),
    firmware,
    systemIds: uuidsOf(system.UUID ?? ''),
    serial: first(...serials, chassis?.SerialNumber),
    serials: [...new Set([...serials, chassis?.SerialNumber].map(one => one?.trim() ?? '').filter(Boolean))],
    partNumber: first(system.PartNumber, chassis?.PartNumber),
    assetTag: first(system.AssetTag, chassis?.AssetTag),
    quirks,
  }
}

/** The first one that says something. */
export const first = (...texts: readonly (string | null | undefined)[]): string =>
  texts.map(text => text?.trim() ?? '').find(text => text !== '') ?? ''
