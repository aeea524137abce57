import { Type } from 'typebox'
import { isUnsupported } from './refusal.ts'
import { change } from './resource.ts'
import { maybe } from './schema.ts'
import type { RedfishService } from './service.ts'

const Lamp = Type.Object({ LocationIndicatorActive: maybe(Type.Boolean()), IndicatorLED: maybe(Type.String()) })
/** Firmware has one word or the other for a lamp that shines. */
const LIT = ['Lit', 'Blinking'] as const

/** The lamp that shows which machine it is; of the system, or of a chassis. Redfish has no lamp with a timer. */
export async function identify(service: RedfishService, on: boolean, signal: AbortSignal): Promise<void> {
  const { system } = await service.places(signal)
  const places = [
    { link: system, value: await service.system(Lamp, signal) },
    ...(await service.each('chassis', Lamp, signal)),
  ]
  const place = places.find(({ value }) => value.LocationIndicatorActive !== undefined || value.IndicatorLED)
  const { link, value } = service.require(place, 'lamp')
  const bodies =
    value.LocationIndicatorActive === undefined
      ? on
        ? LIT.map(word => ({ IndicatorLED: word }))
        : [{ IndicatorLED: 'Off' }]
      : [{ LocationIndicatorActive: on }]
  let refusal: unknown
  for (const body of bodies)
    try {
      await change(service.session, { link, schema: Lamp, body: () => body }, signal)
      return
    } catch (error) {
      if (!isUnsupported(error)) throw error
      refusal ??= error
    }
  throw refusal
}
