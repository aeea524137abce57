import { AppError } from '../../../lib/errors.ts'
import type { PartInventory } from '../../driver.ts'
import type { Run } from '../command.ts'
import { readFru } from '../commands/fru.ts'
import type { Fru } from '../records/fru.ts'
import type { Sdr } from '../records/sdr-record.ts'

const BMC = 0x20

/** The inventory of the machine and of every part that the BMC keeps one of. Parts that are out now are left out. */
export async function readParts(run: Run, sdrs: readonly Sdr[]): Promise<PartInventory[]> {
  const parts = fruPartsOf('system', await readFru(run))
  for (const { name, id } of otherFrus(sdrs)) {
    try {
      parts.push(...fruPartsOf(name, await readFru(run, id)))
    } catch (error) {
      const absent = error instanceof AppError && (error.code === 'bmc_unsupported' || error.code === 'bmc_bad_reply')
      if (!absent) throw error
    }
  }
  return parts
}

function otherFrus(sdrs: readonly Sdr[]): { name: string; id: number }[] {
  return sdrs.flatMap(sdr =>
    sdr.kind === 'fru' && sdr.address === BMC && sdr.fruId !== undefined && sdr.fruId !== 0
      ? [{ name: sdr.name, id: sdr.fruId }]
      : [],
  )
}

function fruPartsOf(part: string, { chassis, board, product }: Fru): PartInventory[] {
  const parts: PartInventory[] = []
  if (product) parts.push({ part, ...pick(product) })
  if (board) parts.push({ part: product ? `${part} board` : part, ...pick(board) })
  if (chassis) parts.push({ part: `${part} chassis`, ...pick({ ...chassis, product: chassis.type }) })
  return parts
}

interface Some {
  readonly manufacturer?: string
  readonly product: string
  readonly serial: string
  readonly partNumber: string
  readonly assetTag?: string
}

const pick = ({ manufacturer = '', product, serial, partNumber, assetTag = '' }: Some) => ({
  manufacturer,
  product,
  serial,
  partNumber,
  assetTag,
})
