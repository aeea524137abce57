import type { Shape } from './shapes.ts'
import type { State } from './state.ts'

export type Document = Record<string, unknown>

const V1 = '/redfish/v1'
const link = (path: string) => ({ '@odata.id': path })

export function pathsOf({ ids, media, logIn }: Shape) {
  const system = `${V1}/Systems/${ids.system}`
  const manager = `${V1}/Managers/${ids.manager}`
  return {
    system,
    manager,
    chassis: `${V1}/Chassis/${ids.chassis}`,
    media: `${media.in === 'system' ? system : manager}/VirtualMedia`,
    logs: `${logIn === 'system' ? system : manager}/LogServices`,
    sessions: `${V1}/SessionService/Sessions`,
    accounts: `${V1}/AccountService/Accounts`,
    settings: `${system}/Settings`,
    bios: `${system}/Bios`,
    tasks: `${V1}/TaskService/Tasks`,
  }
}

/** Every resource as it is now, by its path without a slash at the end. */
export function documentsOf(state: State): Record<string, Document> {
  return {
    ...serviceDocuments(state),
    ...systemDocuments(state),
    ...chassisDocuments(state),
    ...managerDocuments(state),
  }
}

/** The schema (DSP2046) of a collection's members, by the collection's name. */
const TYPES: Readonly<Record<string, string>> = {
  Accounts: 'ManagerAccount.v1_12_0.ManagerAccount',
  BootOptions: 'BootOption.v1_0_4.BootOption',
  Chassis: 'Chassis.v1_25_0.Chassis',
  Entries: 'LogEntry.v1_16_0.LogEntry',
  EthernetInterfaces: 'EthernetInterface.v1_12_0.EthernetInterface',
  FirmwareInventory: 'SoftwareInventory.v1_10_0.SoftwareInventory',
  LogServices: 'LogService.v1_5_0.LogService',
  Managers: 'Manager.v1_19_0.Manager',
  Memory: 'Memory.v1_19_0.Memory',
  Processors: 'Processor.v1_20_0.Processor',
  Sensors: 'Sensor.v1_9_0.Sensor',
  Storage: 'Storage.v1_16_0.Storage',
  Systems: 'ComputerSystem.v1_22_0.ComputerSystem',
  VirtualMedia: 'VirtualMedia.v1_6_3.VirtualMedia',
}

/** A collection and its members. */
function collection(path: string, members: Record<string, Document>): Record<string, Document> {
  const paths = Object.keys(members).map(id => `${path}/${id}`)
  const name = path.split('/').at(-1) ?? ''
  const type = { '@odata.type': `#${TYPES[name]}` }
  const list = { Name: name, 'Members@odata.count': paths.length, Members: paths.map(link) }
  const each = Object.entries(members).map(([id, document]) => [
    `${path}/${id}`,
    { ...type, Id: id, Name: id, ...document },
  ])
  return { [path]: list, ...Object.fromEntries(each) }
}

function serviceDocuments({ shape, accounts }: State): Record<string, Document> {
  const at = pathsOf(shape)
  const members = accounts.map(({ Password: _hidden, ...account }) => [account.Id, { ...account, Password: null }])
  return {
    [V1]: {
      Id: 'RootService',
      Name: 'Root Service',
      RedfishVersion: '1.17.0',
      UUID: '92384634-2938-2342-8820-489239905423',
      ...shape.root,
      Systems: link(`${V1}/Systems`),
      Managers: link(`${V1}/Managers`),
      Chassis: link(`${V1}/Chassis`),
      SessionService: link(`${V1}/SessionService`),
      AccountService: link(`${V1}/AccountService`),
      UpdateService: link(`${V1}/UpdateService`),
      TaskService: link(`${V1}/TaskService`),
      Links: { Sessions: link(at.sessions) },
      ...(shape.expand && { ProtocolFeaturesSupported: { ExpandQuery: { NoLinks: true, MaxLevels: 1 } } }),
    },
    [`${V1}/SessionService`]: { Id: 'SessionService', Name: 'Session Service', Sessions: link(at.sessions) },
    [`${V1}/AccountService`]: { Id: 'AccountService', Name: 'Account Service', Accounts: link(at.accounts) },
    [`${V1}/UpdateService`]: {
      Id: 'UpdateService',
      Name: 'Update',
      FirmwareInventory: link(`${V1}/UpdateService/FirmwareInventory`),
    },
    ...collection(at.accounts, Object.fromEntries(members)),
    ...collection(`${V1}/UpdateService/FirmwareInventory`, {
      BMC: { Name: 'BMC', Version: shape.manager.FirmwareVersion, Updateable: true },
      BIOS: { Name: 'System ROM', Version: '2.4.4', Updateable: true },
    }),
  }
}

function systemDocuments(state: State): Record<string, Document> {
  const { shape, machine } = state
  const at = pathsOf(shape)
  const [power, settling] = [machine.power(), shape.settling]
  const PowerState = power === 'on' ? 'On' : power === 'off' ? 'Off' : settling[power]
  const inSettings = shape.bootIn === 'settings'
  const { target, enabled, mode } = machine.boot
  const Boot = {
    BootSourceOverrideTarget: target,
    BootSourceOverrideEnabled: enabled,
    BootSourceOverrideMode: mode,
    'BootSourceOverrideTarget@Redfish.AllowableValues': shape.bootTargets,
    BootOptions: link(`${at.system}/BootOptions`),
    BootOrder: state.bootOrder,
  }
  const none = { BootSourceOverrideTarget: 'None', BootSourceOverrideEnabled: 'Disabled' }
  return {
    ...collection(`${V1}/Systems`, {
      [shape.ids.system]: {
        ...shape.system,
        PowerState,
        Boot: inSettings ? { ...Boot, ...none } : Boot,
        ...(inSettings && { '@Redfish.Settings': { SettingsObject: link(at.settings) } }),
        ...lampOf(state),
        Status: { State: 'Enabled', Health: 'OK' },
        Bios: link(at.bios),
        Processors: link(`${at.system}/Processors`),
        Memory: link(`${at.system}/Memory`),
        Storage: link(`${at.system}/Storage`),
        EthernetInterfaces: link(`${at.system}/EthernetInterfaces`),
        ...(shape.logIn === 'system' && { LogServices: link(at.logs) }),
        ...(shape.media.in === 'system' && { VirtualMedia: link(at.media) }),
        Links: { Chassis: [link(at.chassis)], ManagedBy: [link(at.manager)] },
        Actions: { '#ComputerSystem.Reset': resetOf(shape, at.system, 'ComputerSystem.Reset') },
      },
    }),
    ...(inSettings && { [at.settings]: { Id: 'Settings', Name: 'Settings', Boot } }),
    [`${at.system}/ResetActionInfo`]: {
      Id: 'ResetActionInfo',
      Name: 'Reset',
      Parameters: [{ Name: 'ResetType', AllowableValues: shape.resetTypes }],
    },
    [at.bios]: {
      Id: 'Bios',
      Name: 'BIOS',
      Attributes: state.bios.now,
      '@Redfish.Settings': { SettingsObject: link(`${at.bios}/Settings`) },
    },
    [`${at.bios}/Settings`]: {
      Id: 'Settings',
      Name: 'BIOS settings',
      Attributes: { ...state.bios.now, ...state.bios.pending },
    },
    ...partDocuments(at.system),
  }
}

const lampOf = ({ shape, lamp }: State): Document =>
  shape.lamp === 'IndicatorLED' ? { IndicatorLED: lamp ? 'Blinking' : 'Off' } : { LocationIndicatorActive: lamp }

function resetOf(shape: Shape, path: string, name: string): Document {
  const target = `${path}/Actions/${name}`
  if (shape.resetTypesIn === 'action') return { target, 'ResetType@Redfish.AllowableValues': shape.resetTypes }
  return { target, '@Redfish.ActionInfo': `${path}/ResetActionInfo` }
}

function partDocuments(system: string): Record<string, Document> {
  const dimm = { Manufacturer: 'Lab', CapacityMiB: 32_768, OperatingSpeedMhz: 4800, Status: { State: 'Enabled' } }
  return {
    ...collection(`${system}/BootOptions`, {
      Boot0002: { BootOptionReference: 'Boot0002', DisplayName: 'Disk', BootOptionEnabled: true },
      Boot0001: { BootOptionReference: 'Boot0001', DisplayName: 'PXE IPv4', BootOptionEnabled: true },
    }),
    ...collection(`${system}/Processors`, {
      CPU1: { Socket: 'CPU 1', Model: 'Lab CPU', TotalCores: 32, TotalThreads: 64, Status: { State: 'Enabled' } },
      CPU2: { Socket: 'CPU 2', Status: { State: 'Absent' } },
    }),
    ...collection(`${system}/Memory`, {
      DIMM1: { ...dimm, DeviceLocator: 'A1', SerialNumber: '0001' },
      DIMM2: { DeviceLocator: 'A2', CapacityMiB: 0 },
    }),
    ...collection(`${system}/Storage`, { 1: { Drives: [link(`${system}/Storage/1/Drives/0`)] } }),
    [`${system}/Storage/1/Drives/0`]: {
      Id: '0',
      Name: 'Disk 0',
      Model: 'Lab NVMe',
      SerialNumber: 'D-1',
      CapacityBytes: 960_197_124_096,
      MediaType: 'SSD',
    },
    ...collection(`${system}/EthernetInterfaces`, {
      NIC1: {
        MACAddress: '3C:EC:EF:11:22:33',
        PermanentMACAddress: '3C:EC:EF:11:22:33',
        SpeedMbps: 25_000,
        LinkStatus: 'LinkUp',
        Status: { State: 'Enabled', Health: 'OK' },
      },
      NIC2: { MACAddress: null, LinkStatus: 'LinkDown' },
    }),
  }
}

const SENSORS = [
  { name: 'Inlet', type: 'Temperature', unit: 'Cel', value: 23.5, critical: 45 },
  { name: 'Fan 1', type: 'Rotational', unit: 'RPM', value: 5400, critical: undefined },
  { name: '12V', type: 'Voltage', unit: 'V', value: 12.1, critical: undefined },
] as const
const WATTS = 217

function chassisDocuments({ shape }: State): Record<string, Document> {
  const at = pathsOf(shape)
  const isNew = shape.sensors === 'sensors'
  const ways = isNew ? ['Sensors', 'EnvironmentMetrics'] : ['Thermal', 'Power']
  const links = Object.fromEntries(ways.map(name => [name, link(`${at.chassis}/${name}`)]))
  const { SerialNumber, Manufacturer } = shape.system
  const Model = `${Manufacturer.split(' ')[0]} 1U`
  const chassis = { [shape.ids.chassis]: { ChassisType: 'RackMount', Model, Manufacturer, SerialNumber, ...links } }
  return { ...collection(`${V1}/Chassis`, chassis), ...(isNew ? newSensors(at.chassis) : oldSensors(at.chassis)) }
}

function newSensors(chassis: string): Record<string, Document> {
  const members = SENSORS.map(({ name, type, unit, value, critical }, index) => [
    `sensor_${index}`,
    {
      Name: name,
      ReadingType: type,
      Reading: value,
      ReadingUnits: unit,
      Status: { State: 'Enabled', Health: 'OK' },
      ...(critical !== undefined && { Thresholds: { UpperCritical: { Reading: critical } } }),
    },
  ])
  return {
    ...collection(`${chassis}/Sensors`, Object.fromEntries(members)),
    [`${chassis}/EnvironmentMetrics`]: { Id: 'EnvironmentMetrics', Name: 'Metrics', PowerWatts: { Reading: WATTS } },
  }
}

function oldSensors(chassis: string): Record<string, Document> {
  const [inlet, fan, volts] = SENSORS
  const Status = { State: 'Enabled', Health: 'OK' }
  return {
    [`${chassis}/Thermal`]: {
      Temperatures: [{ Name: inlet.name, ReadingCelsius: inlet.value, UpperThresholdCritical: inlet.critical, Status }],
      Fans: [{ FanName: fan.name, Reading: fan.value, ReadingUnits: fan.unit, Status }],
    },
    [`${chassis}/Power`]: {
      Voltages: [{ Name: volts.name, ReadingVolts: volts.value, Status }],
      PowerControl: [{ Name: 'Server Power Control', PowerConsumedWatts: WATTS }],
    },
  }
}

function managerDocuments({ shape, log, media }: State): Record<string, Document> {
  const at = pathsOf(shape)
  const by = shape.media.by === 'action'
  const media1 = `${at.media}/Cd`
  const mediaActions = {
    '#VirtualMedia.InsertMedia': { target: `${media1}/Actions/VirtualMedia.InsertMedia` },
    '#VirtualMedia.EjectMedia': { target: `${media1}/Actions/VirtualMedia.EjectMedia` },
  }
  const entries = Object.fromEntries(log.map(entry => [entry.Id, { ...entry }]))
  const logPath = `${at.logs}/${shape.ids.log}`
  return {
    ...collection(`${V1}/Managers`, {
      [shape.ids.manager]: {
        ...shape.manager,
        UUID: 'ffffffff-1111-2222-3333-444444444444',
        ...(shape.logIn === 'manager' && { LogServices: link(at.logs) }),
        ...(shape.media.in === 'manager' && { VirtualMedia: link(at.media) }),
        Actions: {
          '#Manager.Reset': {
            target: `${at.manager}/Actions/Manager.Reset`,
            'ResetType@Redfish.AllowableValues': ['ForceRestart'],
          },
        },
      },
    }),
    ...collection(at.media, {
      Usb: { MediaTypes: ['Floppy', 'USBStick'], Image: null, Inserted: false },
      Cd: { MediaTypes: ['CD', 'DVD'], ...media, ...(by && { Actions: mediaActions }) },
    }),
    ...collection(at.logs, {
      Audit: { Name: 'Audit log', Entries: link(`${at.logs}/Audit/Entries`) },
      [shape.ids.log]: {
        Entries: link(`${logPath}/Entries`),
        Actions: { '#LogService.ClearLog': { target: `${logPath}/Actions/LogService.ClearLog` } },
      },
    }),
    ...collection(`${at.logs}/Audit/Entries`, {}),
    ...collection(`${logPath}/Entries`, entries),
  }
}
