import { AppError } from '../../lib/errors.ts'
import type { BmcDriver, BmcTarget, Learned } from '../driver.ts'
import { changeAccount, createAccount, deleteAccount, listAccounts, type NewAccount, testPassword } from './accounts.ts'
import { type BiosSettings, type BiosValue, readBios, setBios } from './bios.ts'
import { type BootEntry, readBoot, readBootEntries, setBoot, setBootOrder } from './boot.ts'
import { type FirmwareVersion, readFirmware } from './firmware.ts'
import { type Hardware, readHardware, readParts } from './hardware.ts'
import { readIdentity, type RedfishIdentity } from './identity.ts'
import { identify } from './lamp.ts'
import type { Limits } from './limits.ts'
import { clearLog, readLog } from './log.ts'
import { resetBmc } from './manager.ts'
import { ejectMedia, type InsertedMedia, insertMedia, readMedia } from './media.ts'
import { readPower, sendPower } from './power.ts'
import { readSensors, readWatts } from './sensors.ts'
import { RedfishService } from './service.ts'
import { RedfishSession } from './session.ts'
import type { Trust } from './trust.ts'
import type { WantedSystem } from './uuid.ts'

/** What a Redfish service teaches, besides. */
export interface RedfishLearned extends Learned {
  /** SHA-256 of the BMC's certificate, 64 hexadecimal digits: seen at first contact, expected ever after. */
  readonly certificate?: string
}

export interface RedfishTarget extends BmcTarget {
  readonly known?: RedfishLearned
  /** Which one, of a service with several systems; and with one, that it is that one. */
  readonly system?: WantedSystem
  /** Authorities (PEM) that signed the BMC's certificate; without them it is pinned at first contact. */
  readonly ca?: string
  /** HTTP without TLS, only if the inventory says so. */
  readonly plainHttp?: boolean
  readonly limits?: Partial<Limits>
}

export interface RedfishIo {
  readonly onLearned: (learned: RedfishLearned) => void
}

/** What the shared interface has no names for. */
export interface RedfishDriver extends Required<Omit<BmcDriver, 'openConsole'>> {
  readIdentity(signal: AbortSignal): Promise<RedfishIdentity>
  readHardware(signal: AbortSignal): Promise<Hardware>
  readFirmware(signal: AbortSignal): Promise<FirmwareVersion[]>
  readBootEntries(signal: AbortSignal): Promise<BootEntry[]>
  setBootOrder(order: readonly string[], signal: AbortSignal): Promise<void>
  /** Resolves with the new account's id. */
  createAccount(account: NewAccount, signal: AbortSignal): Promise<string>
  deleteAccount(id: string, signal: AbortSignal): Promise<void>
  readMedia(signal: AbortSignal): Promise<InsertedMedia>
  insertMedia(image: string, signal: AbortSignal): Promise<void>
  ejectMedia(signal: AbortSignal): Promise<void>
  readBios(signal: AbortSignal): Promise<BiosSettings>
  setBios(values: Readonly<Record<string, BiosValue>>, signal: AbortSignal): Promise<void>
}

function trustOf({ plainHttp, ca, known }: RedfishTarget, { onLearned }: RedfishIo): Trust {
  if (plainHttp) return { kind: 'plain' }
  if (ca !== undefined) return { kind: 'ca', ca }
  const onCertificate = (certificate: string) => onLearned({ ...known, certificate })
  return { kind: 'pinned', onCertificate, ...(known?.certificate !== undefined && { sha256: known.certificate }) }
}

/** Connects and logs in at the first call. `close` ends the session, whatever happened before. */
export function openRedfish(target: RedfishTarget, io: RedfishIo): RedfishDriver {
  const { address, port, user, password, limits, system } = target
  const credentials = { user, password }
  const where = { address, ...(port !== undefined && { port }), ...(limits && { limits }) }
  const session = new RedfishSession({ ...where, credentials, trust: trustOf(target, io) })
  const service = new RedfishService(session, system)
  return {
    readPower: signal => readPower(service, signal),
    sendPower: (action, signal) => sendPower(service, action, signal),
    readIdentity: signal => readIdentity(service, signal),
    setBoot: (override, signal) => setBoot(service, override, signal),
    readBoot: signal => readBoot(service, signal),
    readBootEntries: signal => readBootEntries(service, signal),
    setBootOrder: (order, signal) => setBootOrder(service, order, signal),
    readSensors: signal => readSensors(service, signal),
    readWatts: signal => readWatts(service, signal),
    readLog: signal => readLog(service, signal),
    clearLog: signal => clearLog(service, signal),
    readParts: signal => readParts(service, signal),
    readHardware: signal => readHardware(service, signal),
    readFirmware: signal => readFirmware(service, signal),
    identify: async (state, signal) => {
      if (typeof state === 'object')
        throw new AppError('bmc_unsupported', `${address}: Redfish has no lamp with a timer`)
      await identify(service, state === 'on', signal)
    },
    listAccounts: signal => listAccounts(service, signal),
    changeAccount: (id, change, signal) => changeAccount(service, id, change, signal),
    createAccount: (account, signal) => createAccount(service, account, signal),
    deleteAccount: (id, signal) => deleteAccount(service, id, signal),
    testPassword: (id, tried, signal) => testPassword(service, id, tried, signal),
    readMedia: signal => readMedia(service, signal),
    insertMedia: (image, signal) => insertMedia(service, image, signal),
    ejectMedia: signal => ejectMedia(service, signal),
    readBios: signal => readBios(service, signal),
    setBios: (values, signal) => setBios(service, values, signal),
    resetBmc: signal => resetBmc(service, signal),
    close: () => session.close(),
  }
}
