/** What stands at a path of keys, the last of which may hold dots itself (labels); undefined if nothing does. Pure. */
export function valueAt(value: unknown, keys: readonly string[]): unknown {
  if (keys.length === 0) return value
  if (typeof value !== 'object' || value === null) return undefined
  const [key = '', ...rest] = keys
  const whole = keys.join('.')
  if (Object.hasOwn(value, whole)) return (value as Record<string, unknown>)[whole]
  return Object.hasOwn(value, key) ? valueAt((value as Record<string, unknown>)[key], rest) : undefined
}
