import { Reader } from './reader.ts'

/** Sequence numbers of SOL packets have four bits; 0 is of packets that only acknowledge (§15.9). */
const MAX_SEQUENCE = 15
export const SOL_HEADER_BYTES = 4

/** What the console tells with a packet (table 15-2, byte 4, remote console to BMC). */
export const SOL_OPERATION = {
  nack: 0x40,
  ringWakeUp: 0x20,
  break: 0x10,
  pauseCts: 0x08,
  dropDcdDsr: 0x04,
  flushInbound: 0x02,
  flushOutbound: 0x01,
} as const

/** What the BMC tells with a packet (table 15-2, byte 4, BMC to remote console). */
export const SOL_STATUS = {
  nack: 0x40,
  transferUnavailable: 0x20,
  deactivating: 0x10,
  overrun: 0x08,
  break: 0x04,
} as const

export interface SolPacket {
  /** 0: carries nothing that needs an acknowledgement. */
  readonly sequence: number
  /** Sequence of the packet that this one acknowledges; 0: none. */
  readonly acknowledged: number
  /** How many of that packet's characters were taken. */
  readonly accepted: number
  /** Operation or status bits. */
  readonly bits: number
  readonly data: Buffer
}

export const nextSolSequence = (sequence: number): number => (sequence % MAX_SEQUENCE) + 1

/** SOL payload data format (§15.9, table 15-2). */
export function encodeSol({ sequence, acknowledged, accepted, bits, data }: SolPacket): Buffer {
  return Buffer.concat([Buffer.from([sequence, acknowledged, accepted, bits]), data])
}

/** @throws CodecError */
export function decodeSol(payload: Buffer): SolPacket {
  const reader = new Reader(payload, 'SOL payload')
  const [sequence, acknowledged, accepted, bits] = [reader.u8(), reader.u8(), reader.u8(), reader.u8()]
  return { sequence: sequence & 0x0f, acknowledged: acknowledged & 0x0f, accepted, bits, data: reader.rest() }
}
