import { randomInt } from 'node:crypto'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { VirtualBmc } from '../../../../lab/bmc/ipmi/bmc.ts'
import { type BmcConfig, bmcConfig } from '../../../../lab/bmc/ipmi/config.ts'
import { type BmcServer, serveBmcs } from '../../../../lab/bmc/ipmi/server.ts'
import { SimulatedMachine, type SimulatedOptions } from '../../../../lab/bmc/simulated-machine.ts'
import type { BmcDriver, BmcTarget, Learned } from '../../../../src/bmc/driver.ts'
import type { ClientOptions } from '../../../../src/bmc/ipmi/client.ts'
import { openIpmiDriver } from '../../../../src/bmc/ipmi/driver.ts'
import { TIMING, type Timing } from '../../../../src/bmc/ipmi/session/timing.ts'
import { Password } from '../../../../src/bmc/password.ts'
import { openUdpPool, type UdpPool } from '../../../../src/bmc/udp.ts'

/** On the loopback answers come at once: what is lost is missed sooner than on a LAN. */
export const FAST: Timing = {
  ...TIMING,
  resend: { firstMs: 60, factor: 1.5, longestMs: 400, attempts: 6 },
  closing: { firstMs: 60, factor: 1.5, longestMs: 200, attempts: 4 },
  busy: { firstMs: 20, factor: 2, longestMs: 200, attempts: 6 },
  anew: { firstMs: 20, factor: 2, longestMs: 200, attempts: 6 },
}

export interface LabBmc {
  readonly bmc: VirtualBmc
  readonly machine: SimulatedMachine
  readonly port: number
}

export interface StartOptions {
  readonly machine?: SimulatedOptions
  /** For clients that take no higher port: FreeIPMI's console ends at 32767. */
  readonly lowPort?: true
}

export interface Opened {
  readonly driver: BmcDriver
  /** What the driver told to keep, in its order. */
  readonly learned: Learned[]
}

/** Virtual BMCs, and drivers to them, for one file of tests. When it ends, no BMC may have a session left. */
export function useLab() {
  const bmcs: VirtualBmc[] = []
  const servers: BmcServer[] = []
  const drivers: BmcDriver[] = []
  let pool: UdpPool

  beforeAll(() => {
    pool = openUdpPool()
  })
  afterEach(async () => {
    await Promise.all(drivers.splice(0).map(driver => driver.close()))
  })
  afterAll(async () => {
    const left = bmcs.map(bmc => bmc.sessions.active)
    await Promise.all(servers.map(server => server.close()))
    await pool.close()
    expect(left.filter(count => count > 0)).toEqual([])
  })

  return {
    get pool(): UdpPool {
      return pool
    },

    async start(change: Partial<BmcConfig> = {}, options: StartOptions = {}): Promise<LabBmc> {
      const machine = new SimulatedMachine({ power: 'on', ...options.machine })
      const bmc = new VirtualBmc(bmcConfig({ machine, ...change }))
      const server = options.lowPort ? await serveLow(bmc) : await serveBmcs([{ address: '127.0.0.1', port: 0, bmc }])
      bmcs.push(bmc)
      servers.push(server)
      return { bmc, machine, port: server.ports[0] ?? 0 }
    },

    /** A driver to whatever listens there; closed when the test ends. */
    open(port: number, change: Partial<BmcTarget> = {}, options: ClientOptions = {}): Opened {
      const learned: Learned[] = []
      const target = { address: '127.0.0.1', port, user: 'admin', password: new Password('secret'), ...change }
      const io = { connectUdp: pool.connect, onLearned: (what: Learned) => void learned.push(what) }
      const driver = openIpmiDriver(target, io, { timing: FAST, ...options })
      drivers.push(driver)
      return { driver, learned }
    },
  }
}

const LOW_PORTS = { first: 20_000, last: 32_767 } as const
const TRIES = 20

/** On a free port below those that the kernel gives by itself. */
async function serveLow(bmc: VirtualBmc): Promise<BmcServer> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await serveBmcs([{ address: '127.0.0.1', port: randomInt(LOW_PORTS.first, LOW_PORTS.last), bmc }])
    } catch (error) {
      if (attempt >= TRIES) throw error
    }
  }
}

/** For tests in which nothing answers. */
export const HASTY: Timing = { ...FAST, resend: { ...FAST.resend, attempts: 3 }, anew: { ...FAST.anew, attempts: 2 } }

/** For calls that should be over long before. */
export const soon = (): AbortSignal => AbortSignal.timeout(15_000)
