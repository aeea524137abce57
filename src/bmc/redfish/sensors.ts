import { Type, type Static } from 'typebox'
import type { SensorReading, Threshold } from '../driver.ts'
import { ifThere } from './collection.ts'
import { read } from './resource.ts'
import { Link, maybe, Status } from './schema.ts'
import type { RedfishService } from './service.ts'

const Text = maybe(Type.String())
const Num = maybe(Type.Number())
const Limit = maybe(Type.Object({ Reading: Num }))

/** DSP2046 Sensor: its thresholds by their names here. */
const SENSOR_LIMITS = {
  LowerCaution: 'lowerNonCritical',
  LowerCritical: 'lowerCritical',
  LowerFatal: 'lowerNonRecoverable',
  UpperCaution: 'upperNonCritical',
  UpperCritical: 'upperCritical',
  UpperFatal: 'upperNonRecoverable',
} as const satisfies Record<string, Threshold>

/** DSP2046 Thermal and Power, the older way to tell the same. */
const OLD_LIMITS = {
  LowerThresholdNonCritical: 'lowerNonCritical',
  LowerThresholdCritical: 'lowerCritical',
  LowerThresholdFatal: 'lowerNonRecoverable',
  UpperThresholdNonCritical: 'upperNonCritical',
  UpperThresholdCritical: 'upperCritical',
  UpperThresholdFatal: 'upperNonRecoverable',
} as const satisfies Record<string, Threshold>

const Sensor = Type.Object({
  Name: Text,
  ReadingType: Text,
  Reading: Num,
  ReadingUnits: Text,
  PhysicalContext: Text,
  Status,
  Thresholds: maybe(
    Type.Object({
      LowerCaution: Limit,
      LowerCritical: Limit,
      LowerFatal: Limit,
      UpperCaution: Limit,
      UpperCritical: Limit,
      UpperFatal: Limit,
    }),
  ),
})

const OLD = {
  Name: Text,
  FanName: Text,
  PhysicalContext: Text,
  Status,
  LowerThresholdNonCritical: Num,
  LowerThresholdCritical: Num,
  LowerThresholdFatal: Num,
  UpperThresholdNonCritical: Num,
  UpperThresholdCritical: Num,
  UpperThresholdFatal: Num,
}
const Temperature = Type.Object({ ...OLD, ReadingCelsius: Num })
const Fan = Type.Object({ ...OLD, Reading: Num, ReadingUnits: Text })
const Voltage = Type.Object({ ...OLD, ReadingVolts: Num })
const Thermal = Type.Object({ Temperatures: maybe(Type.Array(Temperature)), Fans: maybe(Type.Array(Fan)) })
const Power = Type.Object({
  Voltages: maybe(Type.Array(Voltage)),
  PowerControl: maybe(Type.Array(Type.Object({ Name: Text, PowerConsumedWatts: Num, Status }))),
})
const Chassis = Type.Object({
  Sensors: maybe(Link),
  Thermal: maybe(Link),
  Power: maybe(Link),
  EnvironmentMetrics: maybe(Link),
})
const Metrics = Type.Object({ PowerWatts: maybe(Type.Object({ Reading: Num })) })

/** Of all chassis of the system: the Sensors collection where there is one, else Thermal and Power. */
export async function readSensors(service: RedfishService, signal: AbortSignal): Promise<SensorReading[]> {
  const readings: SensorReading[] = []
  for (const { value: chassis } of await service.each('chassis', Chassis, signal)) {
    const sensors = chassis.Sensors ? await newWay(service, chassis.Sensors['@odata.id'], signal) : []
    readings.push(...(sensors.length > 0 ? sensors : await oldWay(service, chassis, signal)))
  }
  return readings
}

async function newWay(service: RedfishService, link: string, signal: AbortSignal): Promise<SensorReading[]> {
  const sensors = (await ifThere(service.members(link, Sensor, signal))) ?? []
  return sensors.map(({ value: sensor }) => {
    const limits = Object.entries(SENSOR_LIMITS).map(
      ([theirs, ours]) => [ours, sensor.Thresholds?.[theirs as keyof typeof SENSOR_LIMITS]?.Reading] as const,
    )
    const { ReadingType: type, ReadingUnits: unit } = sensor
    return reading({ ...sensor, name: sensor.Name, type, unit, value: sensor.Reading }, limits)
  })
}

async function oldWay(
  service: RedfishService,
  chassis: Static<typeof Chassis>,
  signal: AbortSignal,
): Promise<SensorReading[]> {
  const { session } = service
  const thermal = chassis.Thermal && (await ifThere(read(session, chassis.Thermal['@odata.id'], Thermal, signal)))
  const power = chassis.Power && (await ifThere(read(session, chassis.Power['@odata.id'], Power, signal)))
  return [
    ...(thermal?.Temperatures ?? []).map(one => old(one, 'Temperature', 'Cel', one.ReadingCelsius)),
    ...(thermal?.Fans ?? []).map(one => old(one, 'Rotational', one.ReadingUnits ?? 'RPM', one.Reading)),
    ...(power?.Voltages ?? []).map(one => old(one, 'Voltage', 'V', one.ReadingVolts)),
    ...(power?.PowerControl ?? []).map(one =>
      reading({ ...one, name: one.Name ?? 'Power', type: 'Power', unit: 'W', value: one.PowerConsumedWatts }, []),
    ),
  ]
}

type Old = Static<typeof Temperature> | Static<typeof Fan> | Static<typeof Voltage>

function old(one: Old, type: string, unit: string, value: number | null | undefined): SensorReading {
  const limits = Object.entries(OLD_LIMITS).map(
    ([theirs, ours]) => [ours, one[theirs as keyof typeof OLD_LIMITS]] as const,
  )
  return reading({ ...one, name: one.Name ?? one.FanName, type, unit, value }, limits)
}

interface Shown {
  readonly name: string | null | undefined
  readonly type: string | null | undefined
  readonly unit: string | null | undefined
  readonly value: number | null | undefined
  readonly PhysicalContext?: string | null
  readonly Status?: { State?: string | null; Health?: string | null } | null
}

/** A part that is absent or off has no value, whatever number firmware left there. */
function reading(shown: Shown, limits: readonly (readonly [Threshold, number | null | undefined])[]): SensorReading {
  const { State: state, Health: health } = shown.Status ?? {}
  const isThere = state === null || state === undefined || state === 'Enabled' || state === 'Quiesced'
  return {
    name: shown.name ?? '',
    type: shown.type ?? '',
    entity: shown.PhysicalContext ?? '',
    value: isThere ? (shown.value ?? undefined) : undefined,
    unit: shown.unit ?? '',
    states: [state, health].filter(word => typeof word === 'string' && word !== 'Enabled' && word !== 'OK') as string[],
    thresholds: Object.fromEntries(limits.filter(([, value]) => typeof value === 'number')),
  }
}

/** What the machine draws: EnvironmentMetrics (DSP2046), else PowerControl of Power. Of several chassis, the first that tells. */
export async function readWatts(service: RedfishService, signal: AbortSignal): Promise<number> {
  const { session } = service
  for (const { value: chassis } of await service.each('chassis', Chassis, signal)) {
    const [metrics, power] = [chassis.EnvironmentMetrics?.['@odata.id'], chassis.Power?.['@odata.id']]
    const measured = metrics && (await ifThere(read(session, metrics, Metrics, signal)))?.PowerWatts?.Reading
    if (typeof measured === 'number') return measured
    const controls = power ? (await ifThere(read(session, power, Power, signal)))?.PowerControl : undefined
    const watts = controls?.find(control => typeof control.PowerConsumedWatts === 'number')?.PowerConsumedWatts
    if (typeof watts === 'number') return watts
  }
  return service.require<number>(undefined, 'reading of its power')
}
