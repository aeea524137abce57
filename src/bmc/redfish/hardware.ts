import { Type } from 'typebox'
import type { PartInventory } from '../driver.ts'
import { ifThere } from './collection.ts'
import { first, readIdentity } from './identity.ts'
import { read } from './resource.ts'
import { Link, maybe, Status } from './schema.ts'
import type { RedfishService } from './service.ts'

const Text = maybe(Type.String())
const Num = maybe(Type.Number())
const PART = { Id: Text, Name: Text, Manufacturer: Text, Model: Text, SerialNumber: Text, PartNumber: Text, Status }
const System = Type.Object({
  Processors: maybe(Link),
  Memory: maybe(Link),
  Storage: maybe(Link),
  EthernetInterfaces: maybe(Link),
})
const Processor = Type.Object({ ...PART, Socket: Text, TotalCores: Num, TotalThreads: Num, MaxSpeedMHz: Num })
const Memory = Type.Object({ ...PART, DeviceLocator: Text, CapacityMiB: Num, OperatingSpeedMhz: Num })
const Storage = Type.Object({ Drives: maybe(Type.Array(Link)) })
const Drive = Type.Object({ ...PART, CapacityBytes: Num, MediaType: Text, Protocol: Text })
const Nic = Type.Object({
  Id: Text,
  Name: Text,
  MACAddress: Text,
  PermanentMACAddress: Text,
  SpeedMbps: Num,
  LinkStatus: Text,
})

export interface HardwarePart extends PartInventory {
  readonly kind: 'processor' | 'memory' | 'drive'
  readonly cores?: number
  readonly threads?: number
  readonly sizeBytes?: number
  readonly mediaType?: string
}

export interface HardwareNic {
  readonly name: string
  /** In small letters with colons; undefined: not told. */
  readonly mac: string | undefined
  readonly speedMbps: number | undefined
  readonly linkUp: boolean | undefined
}

export interface Hardware {
  readonly parts: readonly HardwarePart[]
  readonly nics: readonly HardwareNic[]
}

interface Shown {
  readonly Id?: string | null
  readonly Name?: string | null
  readonly Manufacturer?: string | null
  readonly Model?: string | null
  readonly SerialNumber?: string | null
  readonly PartNumber?: string | null
  readonly Status?: { State?: string | null } | null
}

const isThere = ({ value }: { value: Shown }): boolean => value.Status?.State !== 'Absent'

const part = (shown: Shown, name?: string | null): PartInventory => ({
  part: first(name, shown.Name, shown.Id),
  manufacturer: first(shown.Manufacturer),
  product: first(shown.Model),
  serial: first(shown.SerialNumber),
  partNumber: first(shown.PartNumber),
  assetTag: '',
})

/** What is built in, as the BMC saw it at the last start of the machine: an empty slot is left out. */
export async function readHardware(service: RedfishService, signal: AbortSignal): Promise<Hardware> {
  const system = await service.system(System, signal)
  const parts: HardwarePart[] = []
  if (system.Processors)
    for (const { value } of (await service.members(system.Processors['@odata.id'], Processor, signal)).filter(
      isThere,
    )) {
      const counts = {
        ...(value.TotalCores && { cores: value.TotalCores }),
        ...(value.TotalThreads && { threads: value.TotalThreads }),
      }
      parts.push({ ...part(value, value.Socket), kind: 'processor', ...counts })
    }
  if (system.Memory)
    for (const { value } of (await service.members(system.Memory['@odata.id'], Memory, signal)).filter(isThere)) {
      if (value.CapacityMiB === 0) continue // an empty slot without a status
      const size = value.CapacityMiB ? { sizeBytes: value.CapacityMiB * 1024 * 1024 } : {}
      parts.push({ ...part(value, value.DeviceLocator), kind: 'memory', ...size })
    }
  if (system.Storage) parts.push(...(await readDrives(service, system.Storage['@odata.id'], signal)))
  return {
    parts,
    nics: system.EthernetInterfaces ? await readNics(service, system.EthernetInterfaces['@odata.id'], signal) : [],
  }
}

async function readDrives(service: RedfishService, link: string, signal: AbortSignal): Promise<HardwarePart[]> {
  const drives: HardwarePart[] = []
  for (const { value: controller } of await service.members(link, Storage, signal))
    for (const drive of controller.Drives ?? []) {
      const value = await ifThere(read(service.session, drive['@odata.id'], Drive, signal))
      if (!value || !isThere({ value })) continue
      const size = value.CapacityBytes ? { sizeBytes: value.CapacityBytes } : {}
      drives.push({ ...part(value), kind: 'drive', ...size, ...(value.MediaType && { mediaType: value.MediaType }) })
    }
  return drives
}

/** The permanent address first: the other one may be changed by the host. */
async function readNics(service: RedfishService, link: string, signal: AbortSignal): Promise<HardwareNic[]> {
  return (await service.members(link, Nic, signal)).map(({ value }) => ({
    name: first(value.Name, value.Id),
    mac: macOf(first(value.PermanentMACAddress, value.MACAddress)),
    speedMbps: value.SpeedMbps ?? undefined,
    linkUp: value.LinkStatus ? value.LinkStatus === 'LinkUp' : undefined,
  }))
}

function macOf(text: string): string | undefined {
  const hex = text.toLowerCase().replaceAll(/[:-]/g, '')
  return /^[0-9a-f]{12}$/.test(hex) && !/^0+$/.test(hex) ? (hex.match(/../g) ?? []).join(':') : undefined
}

/** The system itself, then its parts. */
export async function readParts(service: RedfishService, signal: AbortSignal): Promise<PartInventory[]> {
  const { manufacturer, product, serial, partNumber, assetTag } = await readIdentity(service, signal)
  const { parts } = await readHardware(service, signal)
  const system = { part: 'system', manufacturer, product, serial, partNumber, assetTag }
  return [system, ...parts.map(({ part: name, ...one }) => ({ ...one, part: name }))]
}
