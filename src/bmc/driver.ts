import type { Duplex } from 'node:stream'
import type { ConnectUdp } from './io.ts'
import type { Password } from './password.ts'

export const POWER_ACTIONS = ['on', 'off', 'cycle', 'reset', 'soft-off', 'nmi'] as const
export type PowerAction = (typeof POWER_ACTIONS)[number]
export type ObservedPower = 'on' | 'off' | 'transitioning' | 'unknown'

/** `none`: no override, the machine's own order. `remote-*`: media that the BMC itself offers. */
export const BOOT_DEVICES = [
  'none',
  'pxe',
  'disk',
  'disk-safe-mode',
  'diagnostics',
  'cdrom',
  'bios',
  'remote-floppy',
  'remote-cdrom',
  'remote-media',
  'remote-disk',
  'floppy',
] as const
export type BootDevice = (typeof BOOT_DEVICES)[number]

export interface BootOverride {
  readonly device: BootDevice
  readonly mode: 'bios' | 'uefi'
  /** False: for the next start only. */
  readonly persistent: boolean
}

export interface BmcIdentity {
  readonly manufacturer: string
  readonly product: string
  readonly firmware: string
  /** The system's UUID, in every byte order that it may be meant in. */
  readonly systemIds: readonly string[]
}

/** In the order of IPMI's bits and bytes (§35.9). */
export const THRESHOLDS = [
  'lowerNonCritical',
  'lowerCritical',
  'lowerNonRecoverable',
  'upperNonCritical',
  'upperCritical',
  'upperNonRecoverable',
] as const
export type Threshold = (typeof THRESHOLDS)[number]

export interface SensorReading {
  readonly name: string
  readonly type: string
  readonly entity: string
  /** undefined: not available now, or the sensor has none. */
  readonly value: number | undefined
  readonly unit: string
  /** What holds of the sensor's states, in words: thresholds that are crossed, parts that are present, and the like. */
  readonly states: readonly string[]
  readonly thresholds: Readonly<Partial<Record<Threshold, number>>>
}

export interface LogEntry {
  readonly id: string
  /** By the BMC's clock, ISO 8601; undefined: it had none, or the entry has no time. */
  readonly at: string | undefined
  readonly sensor: string
  readonly words: string
  readonly asserted: boolean
  /** As the BMC keeps it, for whoever doubts the words. */
  readonly raw: string
}

/** Who made what, and which one it is; empty where the BMC does not tell. */
export interface PartInventory {
  readonly part: string
  readonly manufacturer: string
  readonly product: string
  readonly serial: string
  readonly partNumber: string
  readonly assetTag: string
}

export interface BmcAccount {
  readonly id: string
  readonly name: string
  /** undefined: the BMC does not tell. */
  readonly enabled: boolean | undefined
  readonly role: string | undefined
}

export interface AccountChange {
  readonly name?: string
  readonly password?: Password
  readonly role?: 'administrator' | 'operator' | 'user'
  readonly enabled?: boolean
}

export interface BmcConsole {
  /** What the machine's serial port says, and what it is told. Destroyed with an error if the console is lost or taken. */
  readonly stream: Duplex
  readonly sendBreak: () => void
  /** Asks the machine to stop sending, or to go on. */
  readonly pause: (paused: boolean) => void
  readonly close: () => Promise<void>
}

/**
 * What a BMC can do, by whatever protocol. A missing ability is a missing method. Every method ends by its signal at the
 * latest, and throws AppError `bmc_auth`, `bmc_busy`, `bmc_transitional`, `bmc_unsupported`, `bmc_unreachable`, `bmc_bad_reply`.
 */
export interface BmcDriver {
  readPower(signal: AbortSignal): Promise<ObservedPower>
  /** Resolves when the BMC accepts it; the effect is to be observed. Asking for the present state is no error. */
  sendPower(action: PowerAction, signal: AbortSignal): Promise<void>
  readIdentity?(signal: AbortSignal): Promise<BmcIdentity>
  /** Resolves when the BMC accepts it; `readBoot` tells what it kept. Device `none` removes the override. */
  setBoot?(override: BootOverride, signal: AbortSignal): Promise<void>
  /** undefined: no override holds. */
  readBoot?(signal: AbortSignal): Promise<BootOverride | undefined>
  readSensors?(signal: AbortSignal): Promise<SensorReading[]>
  /** What the machine draws now, in watts. */
  readWatts?(signal: AbortSignal): Promise<number>
  readLog?(signal: AbortSignal): Promise<LogEntry[]>
  clearLog?(signal: AbortSignal): Promise<void>
  readParts?(signal: AbortSignal): Promise<PartInventory[]>
  /** Lights the machine's lamp for so many seconds, or until it is told otherwise. */
  identify?(state: 'on' | 'off' | { seconds: number }, signal: AbortSignal): Promise<void>
  listAccounts?(signal: AbortSignal): Promise<BmcAccount[]>
  changeAccount?(id: string, change: AccountChange, signal: AbortSignal): Promise<void>
  testPassword?(id: string, password: Password, signal: AbortSignal): Promise<boolean>
  /** The BMC starts anew, and does not answer for a while. The machine goes on. */
  resetBmc?(signal: AbortSignal): Promise<void>
  /** `steal`: take it from whoever has it. */
  openConsole?(options: { steal: boolean }, signal: AbortSignal): Promise<BmcConsole>
  /** Ends its session. Always resolves. */
  close(): Promise<void>
}

export interface BmcTarget {
  /** IP address; names are looked up before. */
  readonly address: string
  readonly port?: number
  readonly user: string
  readonly password: Password
  /** A second secret that a few IPMI BMCs want: KG (IPMI 2.0 §13.33). */
  readonly bmcKey?: Password
  /** What was learned of this BMC before: it saves the search. */
  readonly known?: Learned
  /** Cipher suite 0, which protects nothing, only if the inventory says so. */
  readonly allowUnprotected?: boolean
}

/** What talking to a BMC taught, to be kept with its record. */
export interface Learned {
  readonly cipherSuite?: number
  readonly quirks?: readonly string[]
}

export interface BmcIo {
  readonly connectUdp: ConnectUdp
  readonly onLearned: (learned: Learned) => void
}

/** @public */
export type OpenDriver = (target: BmcTarget, io: BmcIo) => BmcDriver
