import type { TSchema } from 'typebox'

interface Shape {
  properties?: Record<string, TSchema>
  items?: TSchema
  default?: unknown
}

/** A document without what its schema does not know, and without values that are the default anyway. Pure. */
export function withoutDefaults(schema: TSchema, value: unknown): unknown {
  const { properties, items } = schema as Shape
  if (Array.isArray(value)) return items ? value.map(item => withoutDefaults(items, item)) : value
  if (!properties || typeof value !== 'object' || value === null) return value
  const fields = value as Record<string, unknown>
  const kept = Object.entries<TSchema>(properties).filter(
    ([name, inner]) => fields[name] !== undefined && !isDefault(inner, fields[name]),
  )
  return Object.fromEntries(kept.map(([name, inner]) => [name, withoutDefaults(inner, fields[name])]))
}

function isDefault(schema: TSchema, value: unknown): boolean {
  const { default: usual } = schema as Shape
  return usual !== undefined && JSON.stringify(usual) === JSON.stringify(value)
}
