import { expect, test, vi } from 'vitest'
import { VirtualBmc } from '../../../lab/bmc/ipmi/bmc.ts'
import { bmcConfig } from '../../../lab/bmc/ipmi/config.ts'
import type { FaultScript } from '../../../lab/bmc/ipmi/faults.ts'
import { SimulatedMachine } from '../../../lab/bmc/simulated-machine.ts'
import type { ConnectUdp } from '../../../src/bmc/io.ts'
import { IpmiClient } from '../../../src/bmc/ipmi/client.ts'
import { chassisControl, getChassisStatus } from '../../../src/bmc/ipmi/commands/chassis.ts'
import { getDeviceId } from '../../../src/bmc/ipmi/commands/device.ts'
import { Password } from '../../../src/bmc/password.ts'
import { mutants } from '../../pxe/support/mutants.ts'
import { FAST, HASTY } from '../../bmc/ipmi/support/lab.ts'

const ALWAYS = new AbortController().signal
const known = { cipherSuite: 17 }

interface Pair {
  readonly bmc: VirtualBmc
  readonly machine: SimulatedMachine
  readonly client: IpmiClient
}

/** A client and a BMC without a network between them but `between`, which may do anything to what the BMC answers. */
function pair(
  faults: FaultScript,
  seed: number,
  between: Between = (answer, deliver) => deliver(answer),
  timing = FAST,
): Pair {
  const machine = new SimulatedMachine({ power: 'on' })
  const bmc = new VirtualBmc(bmcConfig({ machine, faults, seed }))
  const connectUdp: ConnectUdp = (_address, _port, receive) => ({
    send: packet => void setImmediate(() => bmc.receive(packet, answer => between(answer, receive))),
    close: () => undefined,
  })
  const target = { address: '192.0.2.1', user: 'admin', password: new Password('secret'), known }
  const client = new IpmiClient(target, { connectUdp, onLearned: () => undefined }, { timing })
  return { bmc, machine, client }
}
type Between = (answer: Buffer, deliver: (packet: Buffer) => void) => void

const times = <Value>(count: number, make: (index: number) => Value) =>
  Array.from({ length: count }, (_, index) => make(index))

async function expectNothingLeft(pairs: readonly Pair[]): Promise<void> {
  await Promise.all(pairs.map(({ client }) => client.close()))
  await vi.waitFor(() => {
    for (const { bmc } of pairs) expect(bmc.sessions.taken(performance.now())).toBe(0)
  })
}

/** Set-up is not protected by any code; damage to it has a test of its own. */
const isOfSetup = (packet: Buffer) => packet.readUInt32LE(6) === 0

test('100,000 damaged replies: none is believed, and each right one is', { timeout: 120_000 }, async () => {
  let damaged = 0
  const pairs = times(20, seed => {
    const real: Buffer[] = []
    return pair({}, seed, (answer, deliver) => {
      real.push(answer)
      if (real.length > 20) real.shift()
      // Before each answer come five that somebody damaged: of this answer, of earlier ones, and of both.
      for (const mutant of mutants(seed * 1_000_003 + damaged, 5, real)) {
        if (isOfSetup(answer) || real.some(whole => whole.equals(mutant))) continue
        damaged += 1
        deliver(mutant)
      }
      deliver(answer)
    })
  })
  await Promise.all(
    pairs.map(async ({ client, machine }) => {
      const run = client.runner(ALWAYS)
      for (let count = 0; count < 1_050; count++) {
        machine.power = count % 2 === 0 ? 'on' : 'off'
        expect((await run(getChassisStatus)).powered).toBe(machine.power === 'on')
      }
    }),
  )
  expect(damaged).toBeGreaterThan(100_000)
  await expectNothingLeft(pairs)
})

test('damage while sessions are set up: each comes about in the end, or fails with a reason', {
  timeout: 60_000,
}, async () => {
  const pairs = times(300, seed => pair({ network: { damage: 0.2 } }, seed))
  const outcomes = await Promise.all(
    pairs.map(({ client }) =>
      client
        .runner(ALWAYS)(getDeviceId)
        .then(
          () => 'opened',
          error => String(error.code),
        ),
    ),
  )
  expect(new Set(outcomes)).not.toContain('undefined')
  expect(outcomes.filter(outcome => outcome === 'opened').length).toBeGreaterThan(270)
  await Promise.all(pairs.map(({ client }) => client.close()))
})

test('1 % loss in both directions: 20,000 commands, each with its own answer', { timeout: 120_000 }, async () => {
  const pairs = times(100, seed => pair({ network: { loss: 0.01 } }, seed))
  await Promise.all(
    pairs.map(async ({ client, machine }) => {
      const run = client.runner(ALWAYS)
      for (let count = 0; count < 200; count++) {
        machine.power = count % 3 === 0 ? 'on' : 'off'
        expect((await run(getChassisStatus)).powered).toBe(machine.power === 'on')
      }
    }),
  )
  const resent = pairs.reduce((sum, { client }) => sum + client.counters.resent, 0)
  expect(resent).toBeGreaterThan(200)
  await expectNothingLeft(pairs)
})

test('replies with old sequence numbers are never taken for new ones', { timeout: 60_000 }, async () => {
  const pairs = times(20, seed => {
    const old: Buffer[] = []
    return pair({}, seed, (answer, deliver) => {
      // All of the last forty come once more, before the one that is wanted.
      for (const packet of old) deliver(packet)
      old.push(answer)
      if (old.length > 40) old.shift()
      deliver(answer)
    })
  })
  await Promise.all(
    pairs.map(async ({ client, machine }) => {
      const run = client.runner(ALWAYS)
      for (let count = 0; count < 300; count++) {
        machine.power = count % 2 === 0 ? 'on' : 'off'
        expect((await run(getChassisStatus)).powered).toBe(machine.power === 'on')
      }
      expect(client.counters.replayed).toBeGreaterThan(8_000)
    }),
  )
  await expectNothingLeft(pairs)
})

test('500 peers that answer RAKP 2 with a wrong code: no session, no success', { timeout: 60_000 }, async () => {
  const pairs = times(500, seed => pair({ setup: { rakp2: 'wrong-code' } }, seed))
  const codes = await Promise.all(
    pairs.map(({ client }) =>
      client
        .runner(ALWAYS)(getChassisStatus)
        .then(
          () => 'success',
          error => String(error.code),
        ),
    ),
  )
  expect(new Set(codes)).toEqual(new Set(['bmc_auth']))
  await expectNothingLeft(pairs)
  expect(pairs.reduce((sum, { bmc }) => sum + bmc.sessions.counts.opened, 0)).toBe(0)
})

test('no action is done twice on the worst network', { timeout: 120_000 }, async () => {
  const network = { loss: 0.2, duplicate: 0.3, reorder: 0.1, replay: 0.3, damage: 0.1, jitterMs: 3 }
  const pairs = times(50, seed => pair({ network }, seed, undefined, HASTY))
  await Promise.all(
    pairs.map(async ({ client, machine }) => {
      for (let count = 1; count <= 20; count++) {
        await client
          .runner(ALWAYS)(chassisControl, 'nmi')
          .catch(() => undefined)
        expect(machine.actions.length).toBeLessThanOrEqual(count)
      }
    }),
  )
  expect(pairs.reduce((sum, { machine }) => sum + machine.actions.length, 0)).toBeGreaterThan(300)
  await Promise.all(pairs.map(({ client }) => client.close()))
})
