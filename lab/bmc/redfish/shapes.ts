/** How the services of one maker differ from those of others, as far as clients notice. */
export interface Shape {
  readonly ids: { readonly system: string; readonly manager: string; readonly chassis: string; readonly log: string }
  readonly root: { readonly Vendor?: string; readonly Product?: string }
  readonly system: Readonly<Record<'Manufacturer' | 'Model' | 'SerialNumber' | 'SKU' | 'UUID', string>>
  readonly manager: { readonly Model: string; readonly FirmwareVersion: string }
  readonly resetTypes: readonly string[]
  readonly resetTypesIn: 'action' | 'action-info'
  readonly bootTargets: readonly string[]
  /** Where a boot override is taken; the other place refuses it. */
  readonly bootIn: 'system' | 'settings'
  readonly etag: 'required' | 'weak-then-strong' | 'none'
  readonly sensors: 'sensors' | 'thermal'
  /** HTTP status for a power action that asks for the present state. */
  readonly already: 204 | 400 | 409
  /** PowerState while the machine settles. */
  readonly settling: { readonly 'powering-on': string; readonly 'powering-off': string; readonly resetting: string }
  readonly accounts: 'created' | 'slots'
  readonly media: { readonly in: 'system' | 'manager'; readonly by: 'action' | 'patch' }
  readonly lamp: 'LocationIndicatorActive' | 'IndicatorLED'
  readonly logIn: 'system' | 'manager'
  readonly expand: boolean
  /** Power and media actions answer 202 and make a task. */
  readonly tasks: boolean
  /** Paths without a slash at the end are redirected (308) to those with one. */
  readonly slashes: boolean
  readonly sessionLimit: number
}

const ALL_RESETS = ['On', 'ForceOff', 'ForceRestart', 'GracefulShutdown', 'PushPowerButton', 'Nmi', 'PowerCycle']
const PLAIN_SETTLING = { 'powering-on': 'PoweringOn', 'powering-off': 'PoweringOff', resetting: 'On' }

/** After public mock-ups and documents of these makers; each row is one of them as clients meet it, none is a copy. */
export const SHAPES = {
  'dell-like': {
    ids: { system: 'System.Embedded.1', manager: 'iDRAC.Embedded.1', chassis: 'System.Embedded.1', log: 'Sel' },
    root: { Vendor: 'Dell', Product: 'Integrated Dell Remote Access Controller' },
    system: {
      Manufacturer: 'Dell Inc.',
      Model: 'PowerEdge R660',
      SerialNumber: 'CNIVC0034A00B1',
      SKU: '7XQ4PZ3',
      UUID: '4c4c4544-0058-5110-8034-b7c04f505a33',
    },
    manager: { Model: '17G Monolithic', FirmwareVersion: '1.20.50.50' },
    resetTypes: ALL_RESETS,
    resetTypesIn: 'action',
    bootTargets: ['None', 'Pxe', 'Hdd', 'Cd', 'BiosSetup', 'Utilities', 'UefiHttp'],
    bootIn: 'settings',
    etag: 'weak-then-strong',
    sensors: 'sensors',
    already: 409,
    settling: PLAIN_SETTLING,
    accounts: 'slots',
    media: { in: 'system', by: 'action' },
    lamp: 'LocationIndicatorActive',
    logIn: 'manager',
    expand: true,
    tasks: false,
    slashes: false,
    sessionLimit: 8,
  },
  'hpe-like': {
    ids: { system: '1', manager: '1', chassis: '1', log: 'IML' },
    root: { Vendor: 'HPE', Product: 'ProLiant DL360 Gen11' },
    system: {
      Manufacturer: 'HPE',
      Model: 'ProLiant DL360 Gen11',
      SerialNumber: 'CZ2D1X0GS3',
      SKU: 'P52499-B21',
      UUID: '34353250-3939-5a43-3244-315830475333',
    },
    manager: { Model: 'iLO 6', FirmwareVersion: 'iLO 6 v1.62' },
    resetTypes: ['On', 'ForceOff', 'GracefulShutdown', 'ForceRestart', 'Nmi', 'PushPowerButton', 'GracefulRestart'],
    resetTypesIn: 'action',
    bootTargets: ['None', 'Cd', 'Hdd', 'Usb', 'Utilities', 'Diags', 'BiosSetup', 'Pxe', 'UefiShell', 'UefiHttp'],
    bootIn: 'system',
    etag: 'required',
    sensors: 'thermal',
    already: 400,
    settling: { 'powering-on': 'PoweringOn', 'powering-off': 'PoweringOff', resetting: 'Reset' },
    accounts: 'created',
    media: { in: 'manager', by: 'action' },
    lamp: 'IndicatorLED',
    logIn: 'system',
    expand: true,
    tasks: false,
    slashes: true,
    sessionLimit: 6,
  },
  'supermicro-like': {
    ids: { system: '1', manager: '1', chassis: '1', log: 'Log1' },
    root: { Product: 'Super Server' },
    system: {
      Manufacturer: 'Supermicro',
      Model: 'System',
      SerialNumber: 'S452392X1234567',
      SKU: '',
      UUID: '00000000-0000-0000-0000-3cecef112233',
    },
    manager: { Model: 'ASPEED', FirmwareVersion: '01.02.15' },
    resetTypes: [
      'On',
      'ForceOff',
      'GracefulShutdown',
      'GracefulRestart',
      'ForceRestart',
      'Nmi',
      'ForceOn',
      'PowerCycle',
    ],
    resetTypesIn: 'action-info',
    bootTargets: ['None', 'Pxe', 'Hdd', 'Diags', 'UsbCd', 'BiosSetup', 'Usb', 'Floppy'],
    bootIn: 'system',
    etag: 'required',
    sensors: 'thermal',
    already: 204,
    settling: { 'powering-on': 'Off', 'powering-off': 'On', resetting: 'On' },
    accounts: 'created',
    media: { in: 'manager', by: 'patch' },
    lamp: 'IndicatorLED',
    logIn: 'system',
    expand: false,
    tasks: true,
    slashes: false,
    sessionLimit: 16,
  },
  'openbmc-like': {
    ids: { system: 'system', manager: 'bmc', chassis: 'chassis', log: 'EventLog' },
    root: {},
    system: {
      Manufacturer: 'Lab Open Hardware',
      Model: 'Olympus',
      SerialNumber: 'OB-0001',
      SKU: '',
      UUID: '12345678-9abc-4def-8012-3456789abcde',
    },
    manager: { Model: 'OpenBmc', FirmwareVersion: '2.18.0' },
    resetTypes: [
      'On',
      'ForceOff',
      'ForceOn',
      'ForceRestart',
      'GracefulRestart',
      'GracefulShutdown',
      'PowerCycle',
      'Nmi',
    ],
    resetTypesIn: 'action-info',
    bootTargets: ['None', 'Pxe', 'Hdd', 'Cd', 'Diags', 'BiosSetup', 'Usb'],
    bootIn: 'system',
    etag: 'none',
    sensors: 'sensors',
    already: 204,
    settling: PLAIN_SETTLING,
    accounts: 'created',
    media: { in: 'manager', by: 'action' },
    lamp: 'LocationIndicatorActive',
    logIn: 'system',
    expand: false,
    tasks: false,
    slashes: false,
    sessionLimit: 64,
  },
} as const satisfies Record<string, Shape>

export type ShapeName = keyof typeof SHAPES
