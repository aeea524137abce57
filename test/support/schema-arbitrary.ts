import * as fc from 'fast-check'
import type { TSchema } from 'typebox'

/** What of a JSON schema decides about values; TypeBox schemas are such. */
interface Schema {
  type?: string
  const?: unknown
  anyOf?: Schema[]
  properties?: Record<string, Schema>
  required?: string[]
  patternProperties?: Record<string, Schema>
  items?: Schema
  pattern?: string
  format?: string
  minimum?: number
  maximum?: number
  multipleOf?: number
  minLength?: number
  maxLength?: number
}

/** Values of each format, so that documents come past the schema and meet the checks behind it. */
const FORMATS: Record<string, readonly string[]> = {
  ip: [
    ...Array.from({ length: 30 }, (_, at) => `10.1.0.${at + 100}`),
    '10.1.0.5',
    '10.1.0.1',
    '10.9.9.9',
    'fd00::5',
    'FD00:0::5',
    '0.0.0.0',
    '255.255.255.255',
    '::',
    '0:0:0:0:0:ffff:a01:5',
  ],
  cidr4: ['10.1.0.0/24', '10.7.0.0/16', '10.1.0.5/32', '0.0.0.0/0', '255.255.255.255/32', '10.8.0.0/31'],
  cidr6: ['fd00::/64', '::/0', 'fd01::1/128', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe/127'],
  cron: ['0 1 * * *', '*/5 * * * 1-5', '0 0 29 2 *', '0 0 31 2 *'],
  'date-time': [
    '2026-12-24T18:00:00Z',
    '0001-01-01T00:00:00Z',
    '9999-12-31T23:59:59.999Z',
    '2026-12-24t18:00:00.123456+14:00',
  ],
  'time-zone': ['UTC', 'Europe/London', '+05:30'],
}
/** Names that exist in the database, now and then: references that hold, twins, things to overwrite. */
const NAMES = ['lon1', 'net1', 'rack1', 'svc1', 'm1', 'm2', 'constructor', 'x', '0', 'a.b_c-d', 'n'.repeat(63)]
/** Fields that refer to something: mostly to what is there, so that documents come through. */
const REFERENCES: Record<string, string> = {
  datacenter: 'lon1',
  room: 'x',
  rack: 'rack1',
  network: 'net1',
  service: 'svc1',
  profile: 'x',
}
const LABEL = '^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$'

/** Values that fit a schema; for texts with a pattern, as far as the pattern can be followed. */
export function fitting(schema: TSchema): fc.Arbitrary<unknown> {
  return valueOf(schema)
}

function valueOf(schema: Schema): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (schema.anyOf)
    return fc.oneof(...schema.anyOf.map(one => ({ weight: one.type === 'null' ? 1 : 4, arbitrary: valueOf(one) })))
  switch (schema.type) {
    case 'object':
      return objectOf(schema)
    case 'array':
      return fc.array(schema.items ? valueOf(schema.items) : fc.jsonValue(), { maxLength: 3 })
    case 'string':
      return textOf(schema)
    case 'integer':
    case 'number':
      return numberOf(schema)
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    default:
      return fc.jsonValue({ maxDepth: 2 })
  }
}

function objectOf({ properties = {}, required = [], patternProperties }: Schema): fc.Arbitrary<unknown> {
  const [[pattern, inner] = []] = Object.entries(patternProperties ?? {})
  if (pattern !== undefined && inner) return fc.dictionary(textOf({ pattern }), valueOf(inner), { maxKeys: 3 })
  const fields = Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, fieldOf(key, value)]))
  return fc.record(fields, { requiredKeys: required })
}

function fieldOf(key: string, schema: Schema): fc.Arbitrary<unknown> {
  const name = REFERENCES[key]
  if (name === undefined) return valueOf(schema)
  return fc.oneof({ weight: 5, arbitrary: fc.constant(name) }, { weight: 1, arbitrary: valueOf(schema) })
}

function textOf({ pattern, format, minLength, maxLength }: Schema): fc.Arbitrary<string> {
  if (format !== undefined) return fc.constantFrom(...(FORMATS[format] ?? ['x']))
  if (pattern === LABEL) return fc.constantFrom(...NAMES)
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern), { maxLength: maxLength ?? 100 })
  return fc.string({ minLength: minLength ?? 0, maxLength: Math.min(maxLength ?? 40, 40) })
}

function numberOf({ type, minimum = -1e9, maximum = 1e9, multipleOf }: Schema): fc.Arbitrary<number> {
  if (type === 'integer') return fc.integer({ min: minimum, max: Math.min(maximum, 2 ** 31 - 1) })
  if (multipleOf === undefined) return fc.double({ min: minimum, max: maximum, noNaN: true })
  return fc.integer({ min: minimum / multipleOf, max: maximum / multipleOf }).map(steps => steps * multipleOf)
}

/** What programs and people send who mean harm, or do not look. */
export const HOSTILE: readonly unknown[] = [
  null,
  true,
  [],
  {},
  '',
  ' ',
  '\0',
  'a\0b',
  '\ud800',
  'x\udc00y',
  '\u202eabc',
  '👩‍🚀𝕏',
  'ﷺ'.repeat(60),
  'a'.repeat(100_000),
  '\r\nset-cookie: a=b',
  "'; drop table machine; --",
  '$(reboot)',
  '`id`',
  '../../etc/passwd',
  '%00',
  '{{7*7}}',
  '\u0085\u2028',
  0,
  -0,
  -1,
  0.1,
  1.5,
  1e308,
  -1e308,
  5e-324,
  2 ** 31,
  2 ** 53,
  2 ** 63,
  Number.MAX_SAFE_INTEGER,
  'NaN',
  'Infinity',
  '1e9',
  '0x10',
  '1,5',
  '٣',
  '999999999999999999999999',
  { __proto__: null, constructor: { prototype: { admin: true } } },
  JSON.parse('{"__proto__":1}'),
  { length: 1e9 },
  [[[[[[[[]]]]]]]],
  Array.from({ length: 10_000 }, () => 'lon1'),
  Array.from({ length: 10_000 }, () => ({})),
  'Tue, 15 Nov 1994 08:12:31 GMT',
  '0000-01-01T00:00:00Z',
  '2016-12-31T23:59:60Z',
  '10.1.0.0/24',
  '010.001.000.005',
  '::ffff:10.1.0.5',
  'fe80::1%eth0',
  '52:54-00:12:34:56',
]
const KEYS = [
  'A B',
  '__proto__',
  'constructor',
  'toString',
  '',
  '\0',
  'name',
  'id',
  'revision',
  'a/b~c',
  'hasOwnProperty',
  'x'.repeat(1_000),
]

interface Mutation {
  /** Chooses the place in the value. */
  at: number
  does: 'replace' | 'remove' | 'add' | 'double' | 'wrap'
  value: unknown
  key: string
}

const mutation: fc.Arbitrary<Mutation> = fc.record({
  at: fc.nat(200),
  does: fc.constantFrom('replace', 'replace', 'replace', 'remove', 'add', 'double', 'wrap'),
  value: fc.constantFrom(...HOSTILE),
  key: fc.constantFrom(...KEYS),
})

/** Values that nearly fit: with some of their parts replaced, removed, doubled or more than there should be. */
export function nearly(schema: TSchema): fc.Arbitrary<unknown> {
  return fc
    .tuple(fitting(schema), fc.array(mutation, { maxLength: 3 }))
    .map(([value, mutations]) => mutations.reduce<unknown>(mutate, value))
}

function mutate(value: unknown, { at, does, value: bad, key }: Mutation): unknown {
  const copy: unknown = structuredClone(value)
  const places = placesIn(copy)
  const place = places[at % Math.max(1, places.length)]
  if (!place) return bad
  const [holder, name] = place
  if (does === 'replace') put(holder, name, bad)
  if (does === 'add') put(holder, Array.isArray(holder) ? String(holder.length) : key, bad)
  if (does === 'wrap') put(holder, name, [holder[name]])
  if (does === 'remove') delete holder[name]
  if (does === 'double' && Array.isArray(holder)) holder.push(holder[name as never])
  return copy
}

type Holder = Record<string, unknown>

/** Every field and item, at any depth. */
function placesIn(value: unknown): [Holder, string][] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) => [
    [value as Holder, name] as [Holder, string],
    ...placesIn(inner),
  ])
}

/** As JSON.parse does: '__proto__' becomes a field like others. */
function put(holder: Holder, name: string, value: unknown): void {
  Object.defineProperty(holder, name, { value, enumerable: true, writable: true, configurable: true })
}
