import type { BootDevice, BootOverride } from '../../driver.ts'
import { command, CompletionError, nothing, type Run } from '../command.ts'

/** Parameters of System Boot Options (table 28-14). */
export const BOOT_PARAMETER = { setInProgress: 0, validBitClearing: 3, acknowledge: 4, flags: 5 } as const
type BootParameter = keyof typeof BOOT_PARAMETER

/** Data 2 of the boot flags, bits 5 to 2 (table 28-14, parameter 5). */
const BOOT_SELECTOR = {
  none: 0b0000,
  pxe: 0b0001,
  disk: 0b0010,
  'disk-safe-mode': 0b0011,
  diagnostics: 0b0100,
  cdrom: 0b0101,
  bios: 0b0110,
  'remote-floppy': 0b0111,
  'remote-cdrom': 0b1000,
  'remote-media': 0b1001,
  'remote-disk': 0b1011,
  floppy: 0b1111,
} as const satisfies Record<BootDevice, number>

const CODES = {
  0x80: { words: 'this boot option is not supported', code: 'bmc_unsupported' },
  0x81: { words: 'somebody else is setting boot options', code: 'bmc_busy' },
  0x82: { words: 'this boot option cannot be written', code: 'bmc_unsupported' },
} as const

export const setSystemBootOption = command({
  name: 'Set System Boot Options',
  ref: '§28.12',
  netFn: 'chassis',
  command: 0x08,
  codes: CODES,
  encode: (parameter: BootParameter, data: readonly number[]) => [BOOT_PARAMETER[parameter], ...data],
  decode: nothing,
})

export const getSystemBootOption = command({
  name: 'Get System Boot Options',
  ref: '§28.13',
  netFn: 'chassis',
  command: 0x09,
  codes: CODES,
  encode: (parameter: BootParameter) => [BOOT_PARAMETER[parameter], 0, 0],
  decode: reply => reply.skip(2).rest(),
})

const FLAG = { valid: 0x80, persistent: 0x40, efi: 0x20 } as const

export interface BootFlags {
  /** False: the override does not hold, because it was used up, was dropped by a timer, or was never set. */
  readonly valid: boolean
  readonly override: BootOverride
  /** All five bytes. */
  readonly raw: string
}

export function encodeBootFlags({ device, mode, persistent }: BootOverride): number[] {
  const flags = FLAG.valid | (persistent ? FLAG.persistent : 0) | (mode === 'uefi' ? FLAG.efi : 0)
  return [flags, BOOT_SELECTOR[device] << 2, 0, 0, 0]
}

export function decodeBootFlags(data: Buffer): BootFlags {
  const [flags = 0, device = 0] = data
  const selector = (device >> 2) & 0x0f
  const names = Object.keys(BOOT_SELECTOR) as BootDevice[]
  return {
    valid: (flags & FLAG.valid) !== 0,
    override: {
      device: names.find(name => BOOT_SELECTOR[name] === selector) ?? 'none',
      mode: (flags & FLAG.efi) !== 0 ? 'uefi' : 'bios',
      persistent: (flags & FLAG.persistent) !== 0,
    },
    raw: data.toString('hex'),
  }
}

/** Keeps the valid bit though no chassis control command comes within 60 s (parameter 3, bit 3): POST may take longer. */
const KEEP_WITHOUT_CONTROL = 0x08
/** 'Set in progress' and 'set complete' (parameter 0). */
const [COMPLETE, IN_PROGRESS] = [0, 1]
/** The BIOS has not handled the boot info yet (parameter 4, mask and data). */
const ACKNOWLEDGE_BY_BIOS = [0x01, 0x01]

/** Sets the override for the next start, or for all. Nothing tells that the firmware will heed it: read it back. */
export async function setBootOverride(run: Run, override: BootOverride): Promise<void> {
  await ifTaken(run(setSystemBootOption, 'setInProgress', [IN_PROGRESS]))
  try {
    await ifTaken(run(setSystemBootOption, 'validBitClearing', [KEEP_WITHOUT_CONTROL]))
    await ifTaken(run(setSystemBootOption, 'acknowledge', ACKNOWLEDGE_BY_BIOS))
    await run(setSystemBootOption, 'flags', encodeBootFlags(override))
  } finally {
    await ifTaken(run(setSystemBootOption, 'setInProgress', [COMPLETE]))
  }
}

/** Removes any override, so that the machine boots by its own order again. */
export async function clearBootOverride(run: Run): Promise<void> {
  await run(setSystemBootOption, 'flags', [0, 0, 0, 0, 0])
}

export async function readBootFlags(run: Run): Promise<BootFlags> {
  return decodeBootFlags(await run(getSystemBootOption, 'flags'))
}

/**
 * Only the flags themselves are mandatory: what goes with them, many BMCs refuse. And who died in the midst of it may have
 * left 'in progress' behind, which must not keep everybody out for ever.
 */
async function ifTaken(done: Promise<unknown>): Promise<void> {
  try {
    await done
  } catch (error) {
    if (!(error instanceof CompletionError) || error.code === 'bmc_auth') throw error
  }
}
