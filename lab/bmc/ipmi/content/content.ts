import type { BmcConfig, UserConfig } from '../config.ts'
import { FRUS } from './fru.ts'
import { encodeSdrs } from './sdr.ts'
import { type SensorState, SENSORS } from './sensors.ts'
import { Sel } from './sel.ts'

/** What a virtual BMC keeps: users, records, sensors, inventory, settings. Made when it is first looked at: BMCs are many. */
export class Content {
  readonly users: UserConfig[]
  readonly sel = new Sel()
  /** Parameters of LAN and SOL configuration, by code. */
  readonly lan: Map<number, Buffer>
  readonly sol = new Map<number, Buffer>([
    [0, Buffer.from([0])],
    [1, Buffer.from([1])],
    [2, Buffer.from([0xc4])], // encrypted, authenticated, administrators (table 26-5)
    [3, Buffer.from([12, 96])],
    [4, Buffer.from([7, 50])],
    [5, Buffer.from([0x0a])], // 115,200 bit/s
    [6, Buffer.from([0x0a])],
    [7, Buffer.from([1])],
    [8, Buffer.from([0x6f, 0x02])],
  ])
  /** Shared by all BMCs: nothing in it is ever changed. */
  readonly sdrs: readonly Buffer[] = SHARED_SDRS
  restorePolicy = 1
  watts = 212
  sdrReservation = 0
  readonly #serialNumber: string
  #frus: ReadonlyMap<number, Buffer> | undefined
  #sensors: Map<number, SensorState> | undefined

  constructor(config: BmcConfig) {
    this.users = config.users.map(user => ({ ...user }))
    this.#serialNumber = config.serialNumber
    this.lan = lanParameters()
  }

  get frus(): ReadonlyMap<number, Buffer> {
    this.#frus ??= new Map(FRUS.map(({ id, encode }) => [id, encode(this.#serialNumber)]))
    return this.#frus
  }

  get sensors(): Map<number, SensorState> {
    this.#sensors ??= new Map(SENSORS.map(({ number, raw, states }) => [number, { raw, states: states ?? 0 }]))
    return this.#sensors
  }
}

const SHARED_SDRS = encodeSdrs()

function lanParameters(): Map<number, Buffer> {
  return new Map<number, Buffer>([
    [0, Buffer.from([0])],
    [1, Buffer.from([0])], // no authentication types of IPMI 1.5
    [2, Buffer.alloc(5)],
    [3, Buffer.from([192, 0, 2, 10])],
    [4, Buffer.from([1])], // static
    [5, Buffer.from('025600000001', 'hex')],
    [6, Buffer.from([255, 255, 255, 0])],
    [12, Buffer.from([192, 0, 2, 1])],
    [13, Buffer.from('025600000002', 'hex')],
    [14, Buffer.from([0, 0, 0, 0])],
    [20, Buffer.from([0, 0])],
    [21, Buffer.from([0])],
    [22, Buffer.from([4])],
    [23, Buffer.from([0, 3, 8, 12, 17])],
    [24, Buffer.from([0, 0x44, 0x44, 0, 0, 0, 0, 0, 0])],
  ])
}
