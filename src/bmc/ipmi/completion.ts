import type { ErrorCode } from '../../lib/errors.ts'

export interface CompletionRow {
  readonly words: string
  /** What it means for whoever asked. */
  readonly code: ErrorCode
  /** The command was not begun, and the same one may be sent again soon. */
  readonly again?: true
}

export const COMPLETION_OK = 0x00

/** Generic completion codes (table 5-2). Those of one command stand with it. */
export const COMPLETION_CODES: Readonly<Record<number, CompletionRow>> = {
  0xc0: { words: 'node busy', code: 'bmc_busy', again: true },
  0xc1: { words: 'invalid command', code: 'bmc_unsupported' },
  0xc2: { words: 'command invalid for the given LUN', code: 'bmc_unsupported' },
  0xc3: { words: 'timeout while processing the command', code: 'bmc_busy' },
  0xc4: { words: 'out of space', code: 'bmc_unsupported' },
  0xc5: { words: 'reservation cancelled or invalid', code: 'bmc_busy' },
  0xc6: { words: 'request data truncated', code: 'bmc_unsupported' },
  0xc7: { words: 'request data length invalid', code: 'bmc_unsupported' },
  0xc8: { words: 'request data field length limit exceeded', code: 'bmc_unsupported' },
  0xc9: { words: 'parameter out of range', code: 'bmc_unsupported' },
  0xca: { words: 'cannot return that many bytes', code: 'bmc_unsupported' },
  0xcb: { words: 'requested sensor, data or record not present', code: 'bmc_unsupported' },
  0xcc: { words: 'invalid data field in the request', code: 'bmc_unsupported' },
  0xcd: { words: 'command illegal for this sensor or record type', code: 'bmc_unsupported' },
  0xce: { words: 'response could not be provided', code: 'bmc_bad_reply' },
  0xcf: { words: 'cannot execute a duplicated request', code: 'bmc_busy', again: true },
  0xd0: { words: 'SDR repository in update mode', code: 'bmc_busy', again: true },
  0xd1: { words: 'device in firmware update mode', code: 'bmc_transitional' },
  0xd2: { words: 'BMC initialization in progress', code: 'bmc_transitional', again: true },
  0xd3: { words: 'destination unavailable', code: 'bmc_transitional' },
  0xd4: { words: 'insufficient privilege, or refused by the firmware firewall', code: 'bmc_auth' },
  0xd5: { words: 'not supported in the present state', code: 'bmc_transitional' },
  0xd6: { words: 'sub-function disabled or unavailable', code: 'bmc_unsupported' },
  0xff: { words: 'unspecified error', code: 'bmc_bad_reply' },
}
