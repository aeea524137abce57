import type { TSchema } from 'typebox'
import { UsageError } from '../failure.ts'

/**
 * `field=value` words as a JSON merge patch (RFC 7396). What a value means is decided by the field's schema: `serial=007`
 * stays a text, `heightU=2` becomes a number, a list or object is read as JSON. `field=` removes the field. A list is
 * replaced as a whole in a merge patch, so an item of one (`nics.0.switch=sw1`, or by its key: `nics.MAC.switch=sw1`) is
 * changed in the list that `current` has. Pure. @throws UsageError
 */
export function patchOf(schema: TSchema, current: object, words: readonly string[]): Record<string, unknown> {
  const patch: Record<string, unknown> = {}
  for (const word of words) {
    const at = word.indexOf('=')
    if (at < 1) throw new UsageError(`'${word}' is not field=value. Write field=value, or field= to remove it.`)
    const path = word.slice(0, at)
    if (path === 'name')
      throw new UsageError(
        'A name cannot be changed: others refer to it. Apply it under the new name, then delete the old one.',
      )
    put({ schema, current, patch }, path.split('.'), { path, text: word.slice(at + 1) })
  }
  return patch
}

interface Level {
  schema: TSchema
  current: unknown
  patch: Record<string, unknown>
}

interface Setting {
  path: string
  text: string
}

interface Shape {
  type?: string
  properties?: Record<string, TSchema>
  patternProperties?: Record<string, TSchema>
  items?: TSchema
  anyOf?: Shape[]
  writeOnly?: boolean
  description?: string
}

function put({ schema, current, patch }: Level, keys: readonly string[], setting: Setting): void {
  const [key = '', ...rest] = keys
  const { properties, patternProperties } = schema as Shape
  // A record (labels): what is left of the path is one key, dots and all.
  const [record] = Object.values(patternProperties ?? {})
  if (record) {
    patch[keys.join('.')] = valueOf(record, setting)
    return
  }
  const inner = properties?.[key]
  if (!inner) throw unknownField(setting.path, properties)
  if ((inner as Shape).writeOnly)
    throw new UsageError(
      `${setting.path} is a secret, and arguments can be seen by others. See: rackwright machine bmc-password --help`,
    )
  if (rest.length === 0) patch[key] = valueOf(inner, setting)
  else if ((inner as Shape).items)
    patch[key] = withItem(inner, listOf(patch[key] ?? fieldOf(current, key)), rest, setting)
  else put({ schema: inner, current: fieldOf(current, key), patch: innerPatch(patch, key) }, rest, setting)
}

function innerPatch(patch: Record<string, unknown>, key: string): Record<string, unknown> {
  const existing = patch[key]
  if (isRecord(existing)) return existing
  return (patch[key] = {})
}

/** A copy of a list with one field of one item changed. */
function withItem(schema: TSchema, list: readonly unknown[], keys: readonly string[], setting: Setting): unknown[] {
  const { items = {} } = schema as Shape
  const [key = '', ...rest] = keys
  const at = list.findIndex((item, index) => String(index) === key || Object.values(item ?? {}).includes(key))
  const found = list[at]
  if (at < 0 || !isRecord(found) || rest.length === 0) {
    const names = list.map((item, index) => (isRecord(item) ? String(Object.values(item)[0]) : String(index)))
    throw new UsageError(
      `${setting.path}: there is no item '${key}' with such a field. Items: ${names.join(', ') || 'none'}; or set the whole list as JSON.`,
    )
  }
  const changed: Record<string, unknown> = structuredClone(found)
  const patch: Record<string, unknown> = {}
  put({ schema: items, current: found, patch }, rest, setting)
  merge(changed, patch)
  return list.map((item, index) => (index === at ? changed : item))
}

function merge(target: Record<string, unknown>, patch: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete target[name]
    else target[name] = value
  }
}

function valueOf(schema: TSchema, { path, text }: Setting): unknown {
  if (text === '') return null
  const { type, items, properties } = schema as Shape
  if (type === 'array' && (items as Shape).type !== 'object' && !text.startsWith('['))
    return text.split(',').map(word => word.trim())
  if (type === 'array' || properties || type === 'object') return readJson(path, text)
  if ((type === 'number' || type === 'integer') && text.trim() !== '' && Number.isFinite(Number(text)))
    return Number(text)
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true'
  // What does not fit is sent as it is: the controller says what it expects there.
  return /^".*"$/s.test(text) ? readJson(path, text) : text
}

function readJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new UsageError(`${path}: expected JSON, got '${text.length > 40 ? `${text.slice(0, 40)}…` : text}'.`)
  }
}

function unknownField(path: string, properties: Record<string, TSchema> | undefined): UsageError {
  const known = Object.entries<Shape>(properties ?? {})
    .filter(([, shape]) => !shape.writeOnly)
    .map(([name]) => name)
  return new UsageError(
    known.length > 0
      ? `There is no field '${path}'. Fields there: ${known.join(', ')}.`
      : `'${path}': there are no fields below that.`,
  )
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const fieldOf = (value: unknown, key: string): unknown => (isRecord(value) ? value[key] : undefined)
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])
