import { AppError } from '../../../lib/errors.ts'
import type { Run } from '../command.ts'
import { CIPHER_SUITES_PIECE, getChannelCipherSuites } from '../commands/channel.ts'
import { Reader } from '../wire/reader.ts'
import { isSuiteId, type SuiteId } from '../wire/suites.ts'
import type { Link } from './link.ts'
import { runnerOutside } from './outside.ts'

/** Best first. Suites that sign or encrypt less are not spoken, but for 0, and that only where it is allowed. */
const PREFERRED: readonly SuiteId[] = [17, 3, 12, 8]
/** Where the BMC does not tell which suites it has: those two that nearly all have one of. */
const USUAL: readonly SuiteId[] = [17, 3]
/** A list has at most 64 pieces (§22.15). */
const MOST_PIECES = 64
/** Asking is worth a second: whoever does not answer that is tried with the usual suites. */
const PROBE_ATTEMPTS = 2

/** Begin of a suite's record: a standard one, or one of a vendor with its enterprise number (§22.15.1, table 22-19). */
const STANDARD = 0xc0
const OEM = 0xc1
/** Whatever is less belongs to the record before: the numbers of its algorithms. */
const FIRST_TAG = 0xc0

/** Ids of the standard suites in the records of Get Channel Cipher Suites. */
export function decodeSuiteIds(records: Buffer): number[] {
  const reader = new Reader(records, 'cipher suite records')
  const ids: number[] = []
  while (reader.left > 1) {
    const tag = reader.u8()
    if (tag === STANDARD) ids.push(reader.u8())
    else if (tag === OEM) reader.skip(Math.min(4, reader.left))
    else if (tag >= FIRST_TAG) break
  }
  return ids
}

/** The suites to try with this BMC, best first. One question, and only when nothing is known of it yet. */
export async function suitesToTry(
  link: Link,
  allowUnprotected: boolean,
  signal: AbortSignal,
): Promise<readonly SuiteId[]> {
  const offered = await readSuites(runnerOutside(link, { envelope: '2.0', attempts: PROBE_ATTEMPTS, signal }))
  const last: readonly SuiteId[] = allowUnprotected ? [0] : []
  if (!offered) return [...USUAL, ...last]
  const chosen = [...PREFERRED, ...last].filter(id => offered.includes(id))
  if (chosen.length > 0) return chosen
  const names = offered.filter(isSuiteId).join(', ') || 'none'
  throw new AppError('bmc_unsupported', `${link.host} offers cipher suites ${names}; one of 17, 3, 12, 8 was expected`)
}

/** undefined: the BMC does not tell. */
async function readSuites(run: Run): Promise<number[] | undefined> {
  const pieces: Buffer[] = []
  try {
    for (let index = 0; index < MOST_PIECES; index++) {
      const piece = await run(getChannelCipherSuites, index)
      pieces.push(piece)
      if (piece.length < CIPHER_SUITES_PIECE) break
    }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
  }
  const ids = decodeSuiteIds(Buffer.concat(pieces))
  return ids.length > 0 ? ids : undefined
}
