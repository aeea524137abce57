import { Type, type Static } from 'typebox'
import { AppError } from '../../lib/errors.ts'
import type { BootDevice, BootOverride } from '../driver.ts'
import { ifThere } from './collection.ts'
import { readIdentity } from './identity.ts'
import { isUnsupported } from './refusal.ts'
import { change, read } from './resource.ts'
import { Link, maybe, Settings } from './schema.ts'
import type { RedfishService } from './service.ts'

/** DSP2046 ComputerSystem.BootSource: for each device the word that is best, then others that mean it. */
const TARGETS = {
  none: ['None'],
  pxe: ['Pxe'],
  disk: ['Hdd'],
  'disk-safe-mode': [],
  diagnostics: ['Diags'],
  cdrom: ['Cd', 'UsbCd'],
  bios: ['BiosSetup'],
  'remote-floppy': ['Floppy'],
  'remote-cdrom': ['UsbCd', 'Cd'],
  'remote-media': ['RemoteDrive', 'Usb'],
  'remote-disk': ['RemoteDrive'],
  floppy: ['Floppy'],
} as const satisfies Record<BootDevice, readonly string[]>

/** Backwards, the plain devices: Redfish does not tell virtual media from real ones, so `remote-cdrom` reads `cdrom`. */
const DEVICES: Readonly<Record<string, BootDevice>> = {
  Pxe: 'pxe',
  Hdd: 'disk',
  Diags: 'diagnostics',
  Cd: 'cdrom',
  UsbCd: 'cdrom',
  BiosSetup: 'bios',
  Floppy: 'floppy',
  RemoteDrive: 'remote-media',
  Usb: 'remote-media',
}

const MODES = { uefi: 'UEFI', bios: 'Legacy' } as const

const Boot = Type.Object({
  BootSourceOverrideTarget: maybe(Type.String()),
  BootSourceOverrideEnabled: maybe(Type.String()),
  BootSourceOverrideMode: maybe(Type.String()),
  'BootSourceOverrideTarget@Redfish.AllowableValues': maybe(Type.Array(Type.String())),
  BootOptions: maybe(Link),
  BootOrder: maybe(Type.Array(Type.String())),
})
const System = Type.Object({ Boot: maybe(Boot), '@Redfish.Settings': Settings })
type System = Static<typeof System>

/** undefined: no override holds, neither now nor waiting in the settings object. */
export async function readBoot(service: RedfishService, signal: AbortSignal): Promise<BootOverride | undefined> {
  const system = await service.system(System, signal)
  const now = overrideOf(service, system)
  const settings = system['@Redfish.Settings']?.SettingsObject
  if (now || !settings) return now
  const pending = await ifThere(read(service.session, settings['@odata.id'], System, signal))
  return pending && overrideOf(service, pending)
}

function overrideOf(service: RedfishService, { Boot: boot }: System): BootOverride | undefined {
  const [enabled, target] = [boot?.BootSourceOverrideEnabled ?? 'Disabled', boot?.BootSourceOverrideTarget ?? 'None']
  if (enabled === 'Disabled' || target === 'None') return undefined
  const device = Object.hasOwn(DEVICES, target) ? DEVICES[target] : undefined
  const words = `${service.session.host}: its boot override is '${target}' '${enabled}', which has no name here`
  if (device === undefined || !['Once', 'Continuous'].includes(enabled))
    throw new AppError('bmc_unsupported', service.session.hide(words.slice(0, service.session.limits.wordsLength)))
  const mode = boot?.BootSourceOverrideMode === 'Legacy' ? 'bios' : 'uefi'
  return { device, mode, persistent: enabled === 'Continuous' }
}

/** Where it is written, in the order in which it is tried: where a quirk or a settings object asks for it, there. */
export async function setBoot(service: RedfishService, override: BootOverride, signal: AbortSignal): Promise<void> {
  const { system: link } = await service.places(signal)
  const system = await service.system(System, signal)
  const boot = service.require(system.Boot, 'boot override')
  const target = targetOf(service.session.host, override.device, boot)
  const settings = system['@Redfish.Settings']?.SettingsObject?.['@odata.id']
  const inSettings = settings !== undefined && (await readIdentity(service, signal)).quirks.includes('boot-in-settings')
  const places = settings === undefined ? [link] : inSettings ? [settings] : [link, settings]
  const attempts = places.flatMap(place => bodiesOf(override, target, boot).map(body => ({ place, body })))
  await firstThatIsTaken(service, attempts, signal)
}

interface Attempt {
  readonly place: string
  readonly body: object
}

/** What is refused as not supported is tried the next way; the first refusal is the one that is told. */
async function firstThatIsTaken(
  service: RedfishService,
  attempts: readonly Attempt[],
  signal: AbortSignal,
): Promise<void> {
  let refusal: unknown
  for (const { place, body } of attempts)
    try {
      await change(service.session, { link: place, schema: Type.Object({}), body: () => ({ Boot: body }) }, signal)
      return
    } catch (error) {
      if (!isUnsupported(error)) throw error
      refusal ??= error
    }
  throw refusal
}

/** Bodies in the order in which they are tried. A mode that holds already need not be sent: some firmware refuses to hear it. */
function bodiesOf({ device, mode, persistent }: BootOverride, target: string, boot: Static<typeof Boot>): object[] {
  if (device === 'none') {
    const off = { BootSourceOverrideEnabled: 'Disabled' }
    return [{ ...off, BootSourceOverrideTarget: 'None' }, off, { BootSourceOverrideTarget: 'None' }]
  }
  const body = { BootSourceOverrideEnabled: persistent ? 'Continuous' : 'Once', BootSourceOverrideTarget: target }
  const now = boot.BootSourceOverrideMode
  if (!now) return [body]
  const whole = { ...body, BootSourceOverrideMode: MODES[mode] }
  return now === MODES[mode] ? [whole, body] : [whole]
}

function targetOf(host: string, device: BootDevice, boot: Static<typeof Boot>): string {
  const wanted: readonly string[] = TARGETS[device]
  const offered = boot['BootSourceOverrideTarget@Redfish.AllowableValues']
  const target = offered && device !== 'none' ? wanted.find(one => offered.includes(one)) : wanted[0]
  if (target !== undefined) return target
  const words = `${host}: booting from '${device}' is not offered; offered: ${offered?.slice(0, 30).join(', ') ?? 'nothing of that kind'}`
  throw new AppError('bmc_unsupported', words)
}

const BootOption = Type.Object({
  BootOptionReference: maybe(Type.String()),
  DisplayName: maybe(Type.String()),
  BootOptionEnabled: maybe(Type.Boolean()),
  UefiDevicePath: maybe(Type.String()),
})

export interface BootEntry {
  /** As in the boot order. */
  readonly reference: string
  readonly name: string
  readonly enabled: boolean
  readonly devicePath: string
}

/** The firmware's own boot entries, in the order in which it tries them (DSP2046 BootOption). */
export async function readBootEntries(service: RedfishService, signal: AbortSignal): Promise<BootEntry[]> {
  const { Boot: boot } = await service.system(System, signal)
  const link = service.require(boot?.BootOptions, 'list of boot options')['@odata.id']
  const order = boot?.BootOrder ?? []
  const entries = (await service.members(link, BootOption, signal)).map(({ value }) => ({
    reference: value.BootOptionReference ?? '',
    name: value.DisplayName ?? '',
    enabled: value.BootOptionEnabled ?? true,
    devicePath: value.UefiDevicePath ?? '',
  }))
  const rank = (reference: string) => (order.includes(reference) ? order.indexOf(reference) : order.length)
  return entries.toSorted((a, b) => rank(a.reference) - rank(b.reference))
}

/** All of the order, first to be tried first; entries left out may be removed by the firmware. */
export async function setBootOrder(
  service: RedfishService,
  order: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const { system } = await service.places(signal)
  const settings = (await service.system(System, signal))['@Redfish.Settings']?.SettingsObject?.['@odata.id']
  const places = settings === undefined ? [system] : [system, settings]
  await firstThatIsTaken(
    service,
    places.map(place => ({ place, body: { BootOrder: order } })),
    signal,
  )
}
