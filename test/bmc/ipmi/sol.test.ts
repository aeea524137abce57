import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import type { FaultScript } from '../../../lab/bmc/ipmi/faults.ts'
import type { BmcConsole } from '../../../src/bmc/driver.ts'
import { SolReceiver } from '../../../src/bmc/ipmi/sol/receiver.ts'
import { decodeSol } from '../../../src/bmc/ipmi/wire/sol.ts'
import { listen } from './support/console.ts'
import { FAST, soon, useLab } from './support/lab.ts'

const lab = useLab()
const known = { cipherSuite: 17 }

async function openConsole(port: number, steal = false): Promise<BmcConsole> {
  const console = await lab.open(port, { known }, { timing: FAST }).driver.openConsole?.({ steal }, soon())
  if (!console) throw new Error('no console')
  return console
}
const withFaults = (faults: FaultScript) => lab.start({ faults, seed: 11 })
const LONG = Array.from({ length: 400 }, (_, line) => `line ${line}\r\n`).join('')

describe('every character comes once, and in its order', () => {
  test.each<{ name: string; faults: FaultScript }>([
    { name: 'on a good network', faults: {} },
    { name: 'when the BMC takes only a part of each packet', faults: { sol: { acceptsAtMost: 7 } } },
    {
      name: 'when packets are doubled, replayed and late',
      faults: { network: { duplicate: 0.3, replay: 0.3, jitterMs: 4 } },
    },
    { name: 'when packets are lost', faults: { network: { loss: 0.03 } } },
  ])('$name', async ({ faults }) => {
    const { port } = await withFaults(faults)
    const console = await openConsole(port)
    const said = listen(console)
    console.stream.write(LONG)
    expect(await said.until(LONG.length)).toBe(LONG)
    await console.close()
  })
})

test('a break reaches the machine', async () => {
  const { port } = await withFaults({})
  const console = await openConsole(port)
  const said = listen(console)
  console.sendBreak()
  await said.until('[break]')
  expect(said.text()).toContain('[break]')
  await console.close()
})

test('a machine that is asked to wait does, and goes on when it may', async () => {
  const { port } = await withFaults({})
  const console = await openConsole(port)
  const said = listen(console)
  console.pause(true)
  console.stream.write('held')
  await new Promise(resolve => setTimeout(resolve, 60))
  expect(said.text()).toBe('')
  console.pause(false)
  await said.until('held')
  await console.close()
})

describe('a console that is lost', () => {
  test('because somebody else takes it, says so', async () => {
    const { port } = await withFaults({})
    const first = await openConsole(port)
    const lost = once(first.stream, 'error')
    const second = await openConsole(port, true)
    const [error] = await lost
    expect(error).toMatchObject({ code: 'bmc_unreachable', message: expect.stringContaining('somebody else takes it') })
    const said = listen(second)
    second.stream.write('mine')
    await said.until('mine')
    await second.close()
  })

  test('because the BMC was reset, says so', async () => {
    const { bmc, port } = await withFaults({})
    const { driver } = lab.open(port, { known }, { timing: FAST })
    const console = await driver.openConsole?.({ steal: false }, soon())
    if (!console) throw new Error('no console')
    const lost = once(console.stream, 'error')
    bmc.reset()
    await driver.readPower(soon()).catch(() => undefined)
    const [error] = await lost
    expect(error).toMatchObject({ message: expect.stringContaining('the session is over (silent)') })
  })

  test('ends for good when it is closed', async () => {
    const { bmc, port } = await withFaults({})
    const console = await openConsole(port)
    const ended = once(console.stream, 'end')
    console.stream.resume()
    await console.close()
    await ended
    expect(bmc.sol.owner).toBeUndefined()
  })
})

test('a packet that comes again is acknowledged, and its new characters are taken', () => {
  const taken: string[] = []
  const sent: string[] = []
  const receiver = new SolReceiver({
    send: payload => {
      const { acknowledged, accepted, bits } = decodeSol(payload)
      sent.push(`${acknowledged}:${accepted}:${bits}`)
    },
    take: data => {
      if (data.toString() === 'full') return false
      taken.push(data.toString())
      return true
    },
  })
  const packet = (sequence: number, text: string) => ({
    sequence,
    acknowledged: 0,
    accepted: 0,
    bits: 0,
    data: Buffer.from(text),
  })
  for (const [sequence, text] of [
    [1, 'abc'],
    [1, 'abc'],
    [1, 'abcde'],
    [0, ''],
    [2, 'full'],
    [2, 'full'],
  ] as const)
    receiver.receive(packet(sequence, text))
  expect(taken).toEqual(['abc', 'de'])
  expect(sent).toEqual(['1:3:0', '1:3:0', '1:5:0', '2:0:64', '2:0:64'])
})
