import { command, nothing } from '../command.ts'

/** Payload type of SOL, of which a BMC has one instance as a rule (§24.1). */
const SOL = 0x01
const INSTANCE = 0x01
/** Auxiliary data of Activate Payload for SOL: encrypt and authenticate its packets (§24.1, table 24-2). */
const ENCRYPT = 0x80
const AUTHENTICATE = 0x40

/** "Already active in another session" (table 24-2). */
export const PAYLOAD_TAKEN = 0x80

export const activateSol = command({
  name: 'Activate Payload',
  ref: '§24.1',
  netFn: 'app',
  command: 0x48,
  // Sent again as a new command, the second would find the payload taken: by ourselves.
  repeatable: false,
  codes: {
    [PAYLOAD_TAKEN]: { words: 'serial over LAN is active in another session', code: 'bmc_busy' },
    0x81: { words: 'serial over LAN is disabled', code: 'bmc_unsupported' },
    0x82: { words: 'no more instances of serial over LAN can be active', code: 'bmc_busy' },
    0x83: { words: 'serial over LAN cannot be activated with encryption', code: 'bmc_unsupported' },
    0x84: { words: 'serial over LAN cannot be activated without encryption', code: 'bmc_unsupported' },
  },
  encode: (protect: { encrypt: boolean; authenticate: boolean }) => [
    SOL,
    INSTANCE,
    (protect.encrypt ? ENCRYPT : 0) | (protect.authenticate ? AUTHENTICATE : 0),
    0,
    0,
    0,
  ],
  decode: reply => {
    // Sizes are of whole payloads, their four bytes of header included.
    const [toBmcBytes, fromBmcBytes, port] = [reply.skip(4).u16(), reply.u16(), reply.u16()]
    return { toBmcBytes, fromBmcBytes, port }
  },
})

export const deactivateSol = command({
  name: 'Deactivate Payload',
  ref: '§24.2',
  netFn: 'app',
  command: 0x49,
  codes: {
    0x80: { words: 'serial over LAN is not active', code: 'bmc_unsupported' },
    0x81: { words: 'serial over LAN is disabled', code: 'bmc_unsupported' },
  },
  encode: () => [SOL, INSTANCE, 0, 0, 0, 0],
  decode: nothing,
})

/** Who has the instance: the id of a session; 0: nobody. */
export const getSolOwner = command({
  name: 'Get Payload Instance Info',
  ref: '§24.5',
  netFn: 'app',
  command: 0x4b,
  encode: () => [SOL, INSTANCE],
  decode: reply => reply.u32(),
})

/** Parameters of SOL configuration (table 26-5). */
const SOL_PARAMETER = {
  setInProgress: 0,
  enable: 1,
  authentication: 2,
  characterTimes: 3,
  retry: 4,
  bitRate: 5,
} as const
export type SolParameter = keyof typeof SOL_PARAMETER

const CODES = {
  0x80: { words: 'this parameter is not supported', code: 'bmc_unsupported' },
  0x81: { words: 'somebody else is setting parameters', code: 'bmc_busy' },
  0x82: { words: 'this parameter cannot be written', code: 'bmc_unsupported' },
} as const

export const getSolParameter = command({
  name: 'Get SOL Configuration Parameters',
  ref: '§26.3',
  netFn: 'transport',
  command: 0x22,
  codes: CODES,
  encode: (channel: number, parameter: SolParameter) => [channel, SOL_PARAMETER[parameter], 0, 0],
  decode: reply => reply.skip(1).rest(),
})

export const setSolParameter = command({
  name: 'Set SOL Configuration Parameters',
  ref: '§26.2',
  netFn: 'transport',
  command: 0x21,
  codes: CODES,
  encode: (channel: number, parameter: SolParameter, data: readonly number[]) => [
    channel,
    SOL_PARAMETER[parameter],
    ...data,
  ],
  decode: nothing,
})
