import { Type, type Static, type TSchema } from 'typebox'
import { Compile, type Validator } from 'typebox/compile'
import type { TLocalizedValidationError } from 'typebox/error'
import { Settings } from 'typebox/system'
import { Default } from 'typebox/value'
import { AppError, type Fault } from './errors.ts'

/** A document can be wrong in many places, and all of them are told at once; this bounds a hostile one. */
const FAULTS_MAX = 200
Settings.Set({ maxErrors: FAULTS_MAX })

const compiled = new WeakMap<TSchema, Validator>()

function validatorOf(schema: TSchema): Validator {
  let validator = compiled.get(schema)
  if (!validator) compiled.set(schema, (validator = Compile(schema)))
  return validator
}

/** Every fault of `value` under `schema`, worst path first; [] when it fits. Defaults are not filled in here. */
export function faultsOf(schema: TSchema, value: unknown): Fault[] {
  const validator = validatorOf(schema)
  if (validator.Check(value)) return []
  const errors = [...validator.Errors(value)]
  const faults = explain(schema, value, errors)
  // The errors end where there are too many, and what explains them may lie behind: that must not look like none.
  return faults.length > 0 ? faults : errors.map(({ instancePath: path }) => ({ path, message: 'is not as expected' }))
}

/** Fills in defaults (in `value` itself), then checks. @throws AppError `invalid_input` that lists all faults; `what` names the input. */
export function parse<T extends TSchema>(schema: T, value: unknown, what: string): Static<T> {
  const filled = fillDefaults(schema, value)
  const faults = faultsOf(schema, filled)
  if (faults.length > 0) throw inputError(what, faults)
  return filled as Static<T>
}

const fillable = new WeakMap<TSchema, TSchema>()

/** Fills in defaults, in `value` itself as far as it can. What does not fit stays as it is: `faultsOf` tells it. */
export function fillDefaults(schema: TSchema, value: unknown): unknown {
  const open = fillable.get(schema) ?? withOpenRecords(schema)
  fillable.set(schema, open)
  return Default(open, value)
}

/** `Default` (typebox 1.4) throws at a name that a closed record does not have, so it gets to see open ones. */
function withOpenRecords<T>(schema: T): T {
  if (Array.isArray(schema)) return schema.map(withOpenRecords) as T
  if (typeof schema !== 'object' || schema === null) return schema
  // With what TypeBox keeps in properties that are not enumerable.
  const { additionalProperties, ...own } = Object.getOwnPropertyDescriptors(schema) as PropertyDescriptorMap
  const kept = additionalProperties && !('patternProperties' in own) ? { ...own, additionalProperties } : own
  const copied = Object.entries(kept).map(([key, one]) => [
    key,
    { ...one, value: withOpenRecords(one.value as unknown) },
  ])
  return Object.defineProperties({}, Object.fromEntries(copied) as PropertyDescriptorMap) as T
}

/** So many faults are told of an input of many documents; who corrects these is told the next ones. */
export const FAULTS_TOLD = 1_000

export function inputError(what: string, faults: readonly Fault[]): AppError {
  const [first] = faults
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : ''
  return new AppError('invalid_input', `${what} is not valid: ${first ? faultLine(first) : ''}${more}`, {
    faults: faults.slice(0, FAULTS_TOLD).map(({ path, message }) => ({ path, message })),
  })
}

export function faultLine(fault: Fault): string {
  return fault.path === '' ? fault.message : `${fault.path}: ${fault.message}`
}

/** One of some words: a union of literals, which clients and OpenAPI show as such. */
export function oneOf<const W extends readonly string[]>(
  words: W,
  options: { description?: string; default?: W[number] } = {},
) {
  const literals = words.map(word => Type.Literal(word))
  return Type.Unsafe<W[number]>(Type.Union(literals, { description: `one of ${words.join(', ')}`, ...options }))
}

/** `boolean` repeats additionalProperties; and of a union and what is below it, one is enough. */
function explain(schema: TSchema, value: unknown, errors: TLocalizedValidationError[]): Fault[] {
  const unions = errors.filter(error => error.keyword === 'anyOf')
  const opened = new Set(unions.filter(error => isFilled(schema, value, error)).map(error => error.schemaPath))
  const hidden = unions.map(({ schemaPath }) => `${schemaPath}/anyOf/${opened.has(schemaPath) ? '1' : ''}`)
  const told = errors.filter(
    ({ keyword, schemaPath }) =>
      keyword !== 'boolean' &&
      !(keyword === 'anyOf' && opened.has(schemaPath)) &&
      !hidden.some(path => schemaPath.startsWith(path)),
  )
  const faults = told.flatMap(error => faultsOfError(schema, value, error))
  return [...new Map(faults.map(fault => [`${fault.path} ${fault.message}`, fault])).values()]
}

/** A union says it best itself; but `X or null` does not say what is wrong inside of an X that is there. */
function isFilled(schema: TSchema, value: unknown, { schemaPath, instancePath }: TLocalizedValidationError): boolean {
  const { anyOf = [] } = at(schema, schemaPath) as { anyOf?: readonly { type?: string }[] }
  const [first, second, ...more] = anyOf.map(({ type }) => type)
  const inner = at(value, instancePath)
  const type = Array.isArray(inner) ? 'array' : typeof inner
  return second === 'null' && more.length === 0 && inner !== null && first === type && /^(array|object)$/.test(type)
}

function faultsOfError(schema: TSchema, value: unknown, error: TLocalizedValidationError): Fault[] {
  const path = error.instancePath
  switch (error.keyword) {
    case 'required':
      return error.params.requiredProperties.map(name => ({
        path: `${path}/${escapePointer(name)}`,
        message: 'is missing',
      }))
    case 'additionalProperties':
      return error.params.additionalProperties.map(name => ({
        path: `${path}/${escapePointer(name)}`,
        message: `is not a known field${known(at(schema, error.schemaPath))}`,
      }))
    default:
      return [
        { path, message: `expected ${expected(schema, error)}, got ${show(schemaOf(schema, error), at(value, path))}` },
      ]
  }
}

interface Words {
  description?: string
  writeOnly?: boolean
}

const schemaOf = (schema: TSchema, error: TLocalizedValidationError): Words => at(schema, error.schemaPath) ?? {}

function expected(schema: TSchema, error: TLocalizedValidationError): string {
  const { description } = schemaOf(schema, error)
  if (error.keyword === 'type') return describeType(error.params.type)
  if (description !== undefined) return description
  return error.message.replace(/^must (be )?/, '')
}

const describeType = (type: string | readonly string[]): string => (typeof type === 'string' ? type : type.join(' or '))

function known(schema: unknown): string {
  const names = Object.keys((schema as { properties?: object } | undefined)?.properties ?? {})
  return names.length > 0 ? `; known: ${names.join(', ')}` : ''
}

/** Scalars only: a whole object may hold a secret, and what is wrong inside it is told at its own path. */
function show(schema: Words, value: unknown): string {
  if (schema.writeOnly) return 'another'
  if (typeof value === 'object' && value !== null)
    return Array.isArray(value) ? `a list of ${value.length}` : 'an object'
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}

/** RFC 6901 §3. */
export const escapePointer = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1')
export const pointerParts = (path: string): string[] =>
  path
    .replace(/^#?\/?/, '')
    .split('/')
    .filter(Boolean)
    .map(part => part.replaceAll('~1', '/').replaceAll('~0', '~'))

function at(value: unknown, path: string): unknown {
  return pointerParts(path).reduce<unknown>(
    (here, part) => (here as Record<string, unknown> | undefined)?.[part],
    value,
  )
}

/** The schema of what may be sent: fields with a default may be left out. For people and OpenAPI; `parse` fills them in. */
export function inputOf<T extends TSchema>(schema: T): T {
  return relaxed(schema) as T
}

function relaxed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(relaxed)
  if (typeof schema !== 'object' || schema === null) return schema
  const copy = Object.fromEntries(Object.entries(schema).map(([key, inner]) => [key, relaxed(inner)]))
  const properties = copy.properties as Record<string, object> | undefined
  if (!properties || !Array.isArray(copy.required)) return copy
  return { ...copy, required: copy.required.filter(name => !('default' in (properties[String(name)] ?? {}))) }
}

/** The schema of a JSON merge patch (RFC 7396): every field may be absent, or null to remove it; lists are replaced whole. */
export function mergePatchOf(schema: TSchema): TSchema {
  const { properties, patternProperties, additionalProperties } = schema as {
    properties?: Record<string, TSchema>
    patternProperties?: Record<string, TSchema>
    additionalProperties?: boolean
  }
  if (patternProperties) return { ...(withoutDefaults(schema) as object), patternProperties: orNull(patternProperties) }
  if (!properties) return withoutDefaults(relaxed(schema)) as TSchema
  const fields = Object.entries(properties).map(([name, inner]) => [
    name,
    Type.Optional(Type.Union([mergePatchOf(inner), Type.Null()], describe(inner))),
  ])
  return Type.Object(Object.fromEntries(fields), { additionalProperties: additionalProperties ?? true })
}

const orNull = (schemas: Record<string, TSchema>): Record<string, TSchema> =>
  Object.fromEntries(
    Object.entries(schemas).map(([key, inner]) => [key, Type.Union([inner, Type.Null()], describe(inner))]),
  )

/** What a patch does not name stays as it is: a default would overwrite it. */
function withoutDefaults(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutDefaults)
  if (typeof schema !== 'object' || schema === null) return schema
  const kept = Object.entries(schema).filter(([key]) => key !== 'default')
  return Object.fromEntries(kept.map(([key, inner]) => [key, withoutDefaults(inner)]))
}

const describe = (schema: TSchema): { description?: string; writeOnly?: true } => {
  const { description, writeOnly } = schema as Words
  return {
    ...(description !== undefined && { description: `${description}, or null` }),
    ...(writeOnly && { writeOnly }),
  }
}
