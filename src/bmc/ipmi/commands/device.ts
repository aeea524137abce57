import { command } from '../command.ts'

/** Functions that a controller may have (§20.1, additional device support), from bit 0 on. */
const SUPPORT = ['sensors', 'sdr', 'sel', 'fru', 'eventReceiver', 'eventGenerator', 'bridge', 'chassis'] as const
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
