import type { ErrorCode } from '../../lib/errors.ts'

/** What a reply says about itself: message ids without their registry and version, and the words for people. */
export interface Told {
  readonly ids: readonly string[]
  readonly words: string
}

/**
 * What messages mean for whoever asked, by the last part of their id: those of the registry Base (DSP2053), and of vendors
 * where that is named. Firmware sends them with all kinds of HTTP status, so they come before it.
 */
export const MESSAGE_MEANS: Readonly<Record<string, ErrorCode>> = {
  AccessDenied: 'bmc_auth',
  AccountForSessionNoLongerExists: 'bmc_auth',
  AuthenticationTokenRequired: 'bmc_auth',
  InsufficientPrivilege: 'bmc_auth',
  InsufficientPrivilegeForOperation: 'bmc_auth',
  InvalidAuthenticationToken: 'bmc_auth',
  NoValidSession: 'bmc_auth',
  PasswordChangeRequired: 'bmc_auth',
  ResourceAtUriUnauthorized: 'bmc_auth',
  CouldNotEstablishConnection: 'bmc_busy',
  PreconditionFailed: 'bmc_busy',
  PreconditionRequired: 'bmc_busy',
  ResourceInUse: 'bmc_busy',
  ServiceInUnknownState: 'bmc_busy',
  ServiceShuttingDown: 'bmc_busy',
  ServiceTemporarilyUnavailable: 'bmc_busy',
  SessionLimitExceeded: 'bmc_busy',
  MaximumNumberOfSessionsReached: 'bmc_busy', // Supermicro, older firmware
  ResourceInStandby: 'bmc_transitional',
  InvalidOperationForSystemState: 'bmc_transitional', // HPE iLO
  UnableToModifyDuringSystemPOST: 'bmc_transitional', // HPE iLO
  DeviceResetRequired: 'bmc_transitional', // HPE iLO
  ActionDeprecated: 'bmc_unsupported',
  ActionNotSupported: 'bmc_unsupported',
  ActionParameterNotSupported: 'bmc_unsupported',
  ActionParameterUnknown: 'bmc_unsupported',
  ActionParameterValueFormatError: 'bmc_unsupported',
  ActionParameterValueNotInList: 'bmc_unsupported',
  ActionParameterMissing: 'bmc_unsupported',
  PropertyNotWritable: 'bmc_unsupported',
  PropertyUnknown: 'bmc_unsupported',
  PropertyValueFormatError: 'bmc_unsupported',
  PropertyValueNotInList: 'bmc_unsupported',
  PropertyValueTypeError: 'bmc_unsupported',
  ResourceMissingAtURI: 'bmc_unsupported',
  InternalError: 'bmc_bad_reply',
}

/** Means that nothing was wrong: firmware attaches these to refusals, too, so they decide nothing. */
const SAYS_NOTHING = new Set(['Success', 'GeneralError', 'Created', 'Accepted', 'NoOperation'])

const MOST_MESSAGES = 20

/** DSP0266 §8.6: `error.@Message.ExtendedInfo`; older firmware puts the list at the top. Anything else is told as nothing. */
export function toldBy(body: unknown, wordsLength: number): Told {
  const error = field(body, 'error')
  const infos = list(field(error, '@Message.ExtendedInfo')) ?? list(field(body, '@Message.ExtendedInfo')) ?? []
  const messages = infos.slice(0, MOST_MESSAGES)
  const ids = [text(field(error, 'code')), ...messages.map(info => text(field(info, 'MessageId')))].map(lastPart)
  const words = messages.flatMap(info => [text(field(info, 'Message')) || lastPart(text(field(info, 'MessageId')))])
  const told = words.filter(Boolean).length > 0 ? words : [text(field(error, 'message'))]
  return {
    ids: ids.filter(id => id !== '' && !SAYS_NOTHING.has(id)),
    words: oneLine([...new Set(told.filter(Boolean))].join(' '), wordsLength),
  }
}

/** What a BMC says ends in logs and terminals: no control characters, and not without end. */
export function oneLine(words: string, length: number): string {
  const plain = words
    .slice(0, length * 4)
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
  return plain.length > length ? `${plain.slice(0, length - 1)}…` : plain
}

/** `Base.1.8.PropertyUnknown`, `iLO.2.14.…` */
const lastPart = (id: string): string => id.slice(0, 300).split('.').at(-1) ?? ''

function field(value: unknown, name: string): unknown {
  const has = typeof value === 'object' && value !== null && Object.hasOwn(value, name)
  return has ? (value as Record<string, unknown>)[name] : undefined
}

const list = (value: unknown): unknown[] | undefined => (Array.isArray(value) ? value : undefined)
const text = (value: unknown): string => (typeof value === 'string' ? value : '')
