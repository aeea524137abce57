import * as fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import type { RedfishDriver } from '../../../src/bmc/redfish/driver.ts'
import { AppError } from '../../../src/lib/errors.ts'
import { LOGIN, openLab, openTo, soon } from './support.ts'

const RUNS = Number(process.env.HOSTILE_RUNS ?? 40)
/** So short that whatever hangs would be seen; nothing here takes that long. */
const LIMITS = {
  requestMs: 1_000,
  loginMs: 1_000,
  logoutMs: 1_000,
  busyWaitMs: 5,
  taskPollMs: 2,
  taskMs: 200,
  members: 200,
  pages: 20,
}

const READS: readonly (keyof RedfishDriver & `read${string}`)[] = [
  'readPower',
  'readIdentity',
  'readBoot',
  'readBootEntries',
  'readSensors',
  'readWatts',
  'readLog',
  'readHardware',
  'readFirmware',
  'readMedia',
  'readBios',
]

/** Links that lead elsewhere, names that JavaScript knows, and values of every wrong type. */
const EDGES = [
  '//203.0.113.9/redfish/v1/',
  'http://203.0.113.9/',
  '/redfish/v1/../../etc/passwd',
  '/redfish/v1/Systems',
  '',
  '\0\r\nX: y',
  'x'.repeat(100_000),
  LOGIN.password,
  -1,
  1e308,
  null,
  true,
  [],
  {},
  { '@odata.id': 7 },
  [[[[]]]],
  [null],
]

type Injury = { readonly at: number; readonly value: unknown } | { readonly cut: number } | { readonly rename: number }

const injury: fc.Arbitrary<Injury> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      at: fc.nat(1_000),
      value: fc.oneof(fc.constantFrom(...EDGES), fc.jsonValue({ maxDepth: 2 })),
    }),
  },
  { weight: 1, arbitrary: fc.record({ cut: fc.nat(2_000) }) },
  { weight: 1, arbitrary: fc.record({ rename: fc.nat(1_000) }) },
)

/** Every place of a document, as the object and the key in it. */
function placesIn(value: unknown): [Record<string, unknown>, string][] {
  if (typeof value !== 'object' || value === null) return []
  const here = value as Record<string, unknown>
  return Object.keys(here).flatMap(key => [[here, key] as [Record<string, unknown>, string], ...placesIn(here[key])])
}

function injure(text: string, what: Injury): string {
  if ('cut' in what) return text.slice(0, what.cut)
  const document: unknown = JSON.parse(text === '' ? '{}' : text)
  const places = placesIn(document)
  const [holder, key] = places[('at' in what ? what.at : what.rename) % Math.max(1, places.length)] ?? []
  if (!holder || key === undefined) return text
  if ('at' in what) holder[key] = what.value
  else {
    Object.assign(holder, { constructor: holder[key] })
    delete holder[key]
  }
  return JSON.stringify(document)
}

const lab = openLab({ shape: 'hpe-like' })
const newer = openLab({ shape: 'dell-like' })
afterAll(async () => {
  for (const { driver, service } of [await lab, await newer]) {
    await driver.close()
    await service.close()
  }
})

test('damaged documents end in classified errors, and in no session that stays', { timeout: 300_000 }, async () => {
  const labs = [await lab, await newer]
  const codes = new Map<string, number>()
  const property = fc.asyncProperty(
    fc.array(injury, { minLength: 1, maxLength: 3 }),
    fc.nat(1),
    async (injuries, which) => {
      const service = labs[which]?.service ?? (await lab).service
      // Only the text of GETs: who damages the reply to a login has the session to himself.
      service.fail(
        injuries.map(what => ({ path: /./, effect: { kind: 'mutate', change: text => safely(text, what) } })),
      )
      const driver = openTo(service, { plainHttp: true, limits: LIMITS })
      const asked = [
        ...READS.map(name => driver[name](soon())),
        driver.sendPower('on', soon()),
        driver.setBoot({ device: 'pxe', mode: 'uefi', persistent: false }, soon()),
        driver.clearLog(soon()),
      ]
      for (const outcome of await Promise.allSettled<unknown>(asked)) {
        if (outcome.status === 'fulfilled') continue
        const error: unknown = outcome.reason
        expect(error).toBeInstanceOf(AppError)
        const { code, message } = error as AppError
        expect(code).toMatch(/^bmc_/)
        expect(message).not.toContain(LOGIN.password)
        expect(message.length).toBeLessThan(5_000)
        codes.set(code, (codes.get(code) ?? 0) + 1)
      }
      await driver.close()
      expect(service.sessions.open).toBe(0)
    },
  )
  await fc.assert(property, { numRuns: RUNS, seed: 7, endOnFailure: true })
  // The injuries reach what they are meant to reach.
  expect(codes.get('bmc_bad_reply')).toBeGreaterThan(RUNS)
})

/** A text that an earlier injury left without JSON stays as it is. */
function safely(text: string, what: Injury): string {
  try {
    return injure(text, what)
  } catch {
    return text
  }
}
