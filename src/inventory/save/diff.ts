/** One difference. `path` names things by their key, as people do: `nics/52:54:00:12:34:56/switchPort`. */
export interface Difference {
  path: string
  from?: unknown
  to?: unknown
}

/** By what the items of a list are told apart. Lists without a row, or of plain words, differ as a whole. */
const KEYS: Record<string, (item: Record<string, unknown>) => string> = {
  nics: nic => String(nic.mac),
  disks: disk => String(disk.serial),
  ranges: range => `${String(range.first)}-${String(range.last)}`,
  addresses: address => `${String(address.network)}/${String(address.ip ?? 'any')}`,
}

/** What changes from one canonical document to another, in the order of their fields. Pure. */
export function diff(from: object | undefined, to: object, path = ''): Difference[] {
  const before = (from ?? {}) as Record<string, unknown>
  const after = to as Record<string, unknown>
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap(name =>
    compare(before[name], after[name], path === '' ? name : `${path}/${name}`, KEYS[name]),
  )
}

function compare(from: unknown, to: unknown, path: string, keyOf: ((item: Record<string, unknown>) => string) | undefined): Difference[] {
  if (keyOf && isList(from ?? []) && isList(to ?? [])) return diff(byKey(from, keyOf), byKey(to, keyOf), path)
  if (isRecord(from) && isRecord(to)) return diff(from, to, path)
  if (JSON.stringify(from) === JSON.stringify(to)) return []
  return [{ path, ...(from !== undefined && { from }), ...(to !== undefined && { to }) }]
}

function byKey(items: unknown, keyOf: (item: Record<string, unknown>) => string): Record<string, unknown> {
  return Object.fromEntries(((items ?? []) as Record<string, unknown>[]).map(item => [keyOf(item), item]))
}

const isList = (value: unknown): boolean => Array.isArray(value)
const isRecord = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value)
