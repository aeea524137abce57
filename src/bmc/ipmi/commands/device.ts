import { command, nothing } from '../command.ts'

/** Functions that a controller may have (§20.1, additional device support), from bit 0 on. */
const SUPPORT = ['sensors', 'sdr', 'sel', 'fru', 'eventReceiver', 'eventGenerator', 'bridge', 'chassis'] as const
/** @public */
export type DeviceSupport = (typeof SUPPORT)[number]

/** Get Device ID: who made the BMC, and its firmware. */
export const getDeviceId = command({
  name: 'Get Device ID',
  ref: '§20.1',
  netFn: 'app',
  command: 0x01,
  decode: reply => {
    const [deviceId, revision, firmware, minor, version, support] = [
      reply.u8(),
      reply.u8(),
      reply.u8(),
      reply.u8(),
      reply.u8(),
      reply.u8(),
    ]
    const [manufacturerId, productId] = [reply.u24(), reply.u16()]
    return {
      deviceId,
      revision: revision & 0x0f,
      providesSdrs: (revision & 0x80) !== 0,
      /** Firmware or self-initialization is in progress: most commands fail. */
      updating: (firmware & 0x80) !== 0,
      firmware: `${firmware & 0x7f}.${fromBcd(minor)}`,
      ipmiVersion: `${version & 0x0f}.${version >> 4}`,
      support: SUPPORT.filter((_, bit) => (support & (1 << bit)) !== 0),
      manufacturerId: manufacturerId & 0x0f_ff_ff,
      productId,
      /** What the vendor adds; often the rest of the firmware's version. */
      auxiliary: reply.left >= 4 ? reply.bytes(4).toString('hex') : undefined,
    }
  },
})

/** The minor version is BCD: 09h is .09. */
const fromBcd = (byte: number) => byte.toString(16).padStart(2, '0')

/** Results of the self test, by its first byte (§20.4). */
const SELF_TESTS: Readonly<Record<number, string>> = {
  0x55: 'passed',
  0x56: 'not implemented',
  0x57: 'corrupted or inaccessible data or devices',
  0x58: 'fatal hardware error',
}

export const getSelfTestResults = command({
  name: 'Get Self Test Results',
  ref: '§20.4',
  netFn: 'app',
  command: 0x04,
  decode: reply => {
    const [code, detail] = [reply.u8(), reply.u8()]
    return { passed: code === 0x55, words: SELF_TESTS[code] ?? 'failed in a way of the vendor', detail }
  },
})

/** The BMC starts anew. Sessions and everything that is not stored are lost; it may not even answer. */
export const coldReset = command({
  name: 'Cold Reset',
  ref: '§20.2',
  netFn: 'app',
  command: 0x02,
  repeatable: false,
  decode: nothing,
})

/** The BMC's interfaces start anew; its configuration and state should survive. */
export const warmReset = command({
  name: 'Warm Reset',
  ref: '§20.3',
  netFn: 'app',
  command: 0x03,
  repeatable: false,
  decode: nothing,
})

/** The id of the BMC itself. */
export const getDeviceGuid = command({
  name: 'Get Device GUID',
  ref: '§20.8',
  netFn: 'app',
  command: 0x08,
  decode: reply => readGuid(reply.bytes(16)),
})

/** The id of the machine: what SMBIOS calls the system's UUID. */
export const getSystemGuid = command({
  name: 'Get System GUID',
  ref: '§22.14',
  netFn: 'app',
  command: 0x37,
  decode: reply => readGuid(reply.bytes(16)),
})

/**
 * A GUID as text, in the three byte orders that are met. IPMI wants it backwards (table 20-10), SMBIOS with its first three
 * fields backwards; which of them firmware uses, only a comparison with the UUID from the machine's own SMBIOS tells.
 */
function readGuid(bytes: Buffer) {
  const text = (ordered: Buffer) => ordered.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
  const smbios = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15].map(at => bytes.readUInt8(at))
  return { ipmi: text(Buffer.from([...bytes].toReversed())), smbios: text(Buffer.from(smbios)), plain: text(bytes) }
}
