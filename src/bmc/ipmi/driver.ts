import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '../../lib/errors.ts'
import type { BmcDriver, BmcIdentity, BmcIo, BmcTarget, BootOverride } from '../driver.ts'
import { type ClientOptions, IpmiClient } from './client.ts'
import { CompletionError, type Run } from './command.ts'
import { clearBootOverride, readBootFlags, setBootOverride } from './commands/boot.ts'
import { chassisIdentify } from './commands/chassis.ts'
import { getPowerReading } from './commands/dcmi.ts'
import { coldReset, getDeviceId, getSystemGuid, warmReset } from './commands/device.ts'
import { readFru } from './commands/fru.ts'
import { getSdrRepositoryInfo, readSdrs } from './commands/sdr.ts'
import { eraseSel, readSel } from './commands/sel.ts'
import { readSensors } from './commands/sensor.ts'
import { changeAccount, listAccounts, testPassword } from './driver/accounts.ts'
import { describe } from './driver/log.ts'
import { readParts } from './driver/parts.ts'
import { readPower, sendPower } from './driver/power.ts'
import { manufacturerName } from './manufacturers.ts'
import type { Sdr } from './records/sdr-record.ts'
import { openConsole } from './sol/console.ts'

/** Between two looks whether the log is erased. */
const ERASE_LOOK_MS = 250

/** A BMC by IPMI 2.0 over LAN. Its session is opened by the first call, and stays until `close`. */
export function openIpmiDriver(target: BmcTarget, io: BmcIo, options: ClientOptions = {}): BmcDriver {
  const client = new IpmiClient(target, io, options)
  const sdrs = sdrCache()
  const run = (signal: AbortSignal) => client.runner(signal)
  return {
    readPower: signal => readPower(run(signal)),
    sendPower: (action, signal) => sendPower(run(signal), action),
    readIdentity: signal => readIdentity(run(signal)),
    setBoot: (override, signal) => setBoot(run(signal), override),
    readBoot: signal => readBoot(run(signal)),
    readSensors: async signal => readSensors(run(signal), await sdrs(run(signal))),
    readWatts: signal => readWatts(run(signal), client.host),
    readLog: async signal => {
      const records = await readSel(run(signal))
      const known = records.length > 0 ? await sdrs(run(signal)) : []
      return records.map(record => describe(record, known))
    },
    clearLog: signal => eraseSel(run(signal), () => sleep(ERASE_LOOK_MS, undefined, { signal })),
    readParts: async signal => readParts(run(signal), await sdrs(run(signal))),
    identify: (state, signal) => identify(run(signal), state),
    listAccounts: signal => listAccounts(run(signal)),
    changeAccount: (id, change, signal) => changeAccount(run(signal), id, change),
    testPassword: (id, password, signal) => testPassword(run(signal), id, password),
    resetBmc: signal => resetBmc(client, signal),
    openConsole: async (how, signal) => openConsole(await client.session(signal), client.host, how, signal),
    close: () => client.close(),
  }
}

/** Reading the records takes a hundred commands and more: they are kept until the BMC says that they changed. */
function sdrCache(): (run: Run) => Promise<readonly Sdr[]> {
  let kept: { stamp: string; sdrs: readonly Sdr[] } | undefined
  return async run => {
    const stamp = await run(getSdrRepositoryInfo).then(
      info => info.stamp,
      () => '',
    )
    if (!kept || kept.stamp !== stamp) kept = { stamp, sdrs: await readSdrs(run) }
    return kept.sdrs
  }
}

async function readIdentity(run: Run): Promise<BmcIdentity> {
  const device = await run(getDeviceId)
  const guid = await orUnsupported(run(getSystemGuid))
  const fru = await orUnsupported(readFru(run))
  return {
    manufacturer: manufacturerName(device.manufacturerId),
    product: fru?.product?.product ?? fru?.board?.product ?? `product ${device.productId}`,
    firmware: device.firmware,
    systemIds: guid ? [...new Set([guid.smbios, guid.ipmi, guid.plain])] : [],
  }
}

const setBoot = (run: Run, override: BootOverride) =>
  override.device === 'none' ? clearBootOverride(run) : setBootOverride(run, override)

async function readBoot(run: Run): Promise<BootOverride | undefined> {
  const { valid, override } = await readBootFlags(run)
  return valid && override.device !== 'none' ? override : undefined
}

async function readWatts(run: Run, host: string): Promise<number> {
  const { watts, active } = await run(getPowerReading)
  if (active) return watts
  throw new AppError('bmc_unsupported', `${host} does not measure power at present`)
}

/** What a BMC may be asked for at most, where it cannot switch the lamp on without an end. */
const LONGEST_SECONDS = 255

async function identify(run: Run, state: 'on' | 'off' | { seconds: number }): Promise<void> {
  if (state !== 'on') return run(chassisIdentify, state === 'off' ? 0 : state.seconds)
  if ((await orUnsupported(run(chassisIdentify, 'on').then(() => true))) !== true)
    await run(chassisIdentify, LONGEST_SECONDS)
}

/** Many BMCs are gone before they answer, so silence is no failure here. */
async function resetBmc(client: IpmiClient, signal: AbortSignal): Promise<void> {
  const session = await client.session(signal)
  const run = session.runner(signal)
  try {
    await run(coldReset).catch(error => {
      if (error instanceof CompletionError && error.code === 'bmc_unsupported') return run(warmReset)
      throw error
    })
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'bmc_unreachable') throw error
  }
  session.drop('the BMC was reset')
}

/** undefined: the BMC has no such thing, or only rubbish there. */
async function orUnsupported<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof AppError && (error.code === 'bmc_unsupported' || error.code === 'bmc_bad_reply'))
      return undefined
    throw error
  }
}
