import type { ErrorCode } from '../../../lib/errors.ts'

interface StatusRow {
  readonly words: string
  readonly code: ErrorCode
}

/** Status codes of Open Session and RAKP messages (table 13-15), and what each means for whoever asked. */
export const RMCP_STATUS: Readonly<Record<number, StatusRow>> = {
  0x01: { words: 'insufficient resources to create a session', code: 'bmc_busy' },
  0x02: { words: 'invalid session id', code: 'bmc_bad_reply' },
  0x03: { words: 'invalid payload type', code: 'bmc_unsupported' },
  0x04: { words: 'invalid authentication algorithm', code: 'bmc_unsupported' },
  0x05: { words: 'invalid integrity algorithm', code: 'bmc_unsupported' },
  0x06: { words: 'no matching authentication payload', code: 'bmc_unsupported' },
  0x07: { words: 'no matching integrity payload', code: 'bmc_unsupported' },
  0x08: { words: 'inactive session id', code: 'bmc_bad_reply' },
  0x09: { words: 'invalid role', code: 'bmc_auth' },
  0x0a: { words: 'unauthorized role or privilege level', code: 'bmc_auth' },
  0x0b: { words: 'insufficient resources to create a session at the requested role', code: 'bmc_busy' },
  0x0c: { words: 'invalid name length', code: 'bmc_auth' },
  0x0d: { words: 'unauthorized name', code: 'bmc_auth' },
  0x0e: { words: 'unauthorized GUID', code: 'bmc_auth' },
  0x0f: { words: 'invalid integrity check value', code: 'bmc_auth' },
  0x10: { words: 'invalid confidentiality algorithm', code: 'bmc_unsupported' },
  0x11: { words: 'no cipher suite match with the proposed algorithms', code: 'bmc_unsupported' },
  0x12: { words: 'illegal or unrecognized parameter', code: 'bmc_unsupported' },
}

export const STATUS_OK = 0x00
