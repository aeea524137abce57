import type { Machine } from './machine.ts'
import type { Shape } from './shapes.ts'

export interface LabAccount {
  Id: string
  UserName: string
  Password: string
  Enabled: boolean
  RoleId: string
}

/** DSP2046 Task.TaskState. */
export interface LabTask {
  state: 'Running' | 'Completed' | 'Exception'
}

/** All that one virtual service remembers. */
export interface State {
  readonly shape: Shape
  readonly machine: Machine
  readonly accounts: LabAccount[]
  readonly tasks: Map<string, LabTask>
  readonly log: {
    Id: string
    Created: string
    Message: string
    Severity: string
    MessageId: string
    SensorType: string
  }[]
  readonly media: { Image: string | null; Inserted: boolean }
  readonly bios: { now: Record<string, string | number>; pending: Record<string, string | number> }
  bootOrder: string[]
  lamp: boolean
  /** Changes with every change: the ETag of all that can be written. */
  version: number
  bmcResets: number
}

export function newState(shape: Shape, machine: Machine, login: { user: string; password: string }): State {
  const admin = { Id: '2', UserName: login.user, Password: login.password, Enabled: true, RoleId: 'Administrator' }
  const empty = (Id: string) => ({ Id, UserName: '', Password: '', Enabled: false, RoleId: 'ReadOnly' })
  return {
    shape,
    machine,
    accounts: shape.accounts === 'slots' ? [empty('1'), admin, empty('3'), empty('4')] : [admin],
    tasks: new Map(),
    log: [1, 2, 3].map(id => ({
      Id: String(id),
      Created: `2026-03-0${id}T10:20:30+01:00`,
      Message: `The power supply ${id} lost its input.`,
      Severity: 'Critical',
      MessageId: 'Lab.1.0.PowerSupplyInputLost',
      SensorType: 'Power Supply / Converter',
    })),
    media: { Image: null, Inserted: false },
    bios: { now: { BootMode: 'Uefi', LogicalProc: 'Enabled', MemTest: 0 }, pending: {} },
    bootOrder: ['Boot0001', 'Boot0002'],
    lamp: false,
    version: 1,
    bmcResets: 0,
  }
}
