import { Type } from 'typebox'
import { AppError } from '../../lib/errors.ts'
import { ifThere } from './collection.ts'
import { change, read } from './resource.ts'
import { Link, maybe, Settings } from './schema.ts'
import type { RedfishService } from './service.ts'

export type BiosValue = string | number | boolean | null
const Attributes = maybe(
  Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()])),
)
const System = Type.Object({ Bios: maybe(Link) })
const Bios = Type.Object({ Attributes, '@Redfish.Settings': Settings })
const Pending = Type.Object({ Attributes })

export interface BiosSettings {
  readonly now: Readonly<Record<string, BiosValue>>
  /** What differs from `now`, and takes effect at the next start. */
  readonly pending: Readonly<Record<string, BiosValue>>
}

async function biosOf(service: RedfishService, signal: AbortSignal) {
  const { Bios: link } = await service.system(System, signal)
  const at = service.require(link, 'BIOS attributes')['@odata.id']
  const bios = await read(service.session, at, Bios, signal)
  // Without a settings object it is mostly where it stood before there was a name for it.
  const settings = bios['@Redfish.Settings']?.SettingsObject?.['@odata.id'] ?? `${at.replace(/\/$/, '')}/Settings`
  return { bios, settings }
}

/** DSP2046 Bios.Attributes, by the names that the vendor's attribute registry gives them. */
export async function readBios(service: RedfishService, signal: AbortSignal): Promise<BiosSettings> {
  const { bios, settings } = await biosOf(service, signal)
  const now = bios.Attributes ?? {}
  const waiting = (await ifThere(read(service.session, settings, Pending, signal)))?.Attributes ?? {}
  return { now, pending: Object.fromEntries(Object.entries(waiting).filter(([name, value]) => now[name] !== value)) }
}

/** To take effect at the next start. All names must be known to the BIOS: firmware passes over a misspelt one without a word. */
export async function setBios(
  service: RedfishService,
  values: Readonly<Record<string, BiosValue>>,
  signal: AbortSignal,
): Promise<void> {
  const { bios, settings } = await biosOf(service, signal)
  const unknown = Object.keys(values).filter(name => !Object.hasOwn(bios.Attributes ?? {}, name))
  if (unknown.length > 0)
    throw new AppError('invalid_input', `${service.session.host}: its BIOS has no attribute ${unknown.join(', ')}`)
  await change(
    service.session,
    { link: settings, schema: Type.Object({}), body: () => ({ Attributes: values }) },
    signal,
  )
}
