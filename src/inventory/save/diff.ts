/** One difference. `path` names things by their key, as people do: `nics/52:54:00:12:34:56/switchPort`. */
export interface Difference {
  path: string
  from?: unknown
  to?: unknown
}

type Item = Record<string, unknown>
/** By the schema a text, or absent. */
const text = (item: Item, field: string, absent = ''): string => (item[field] as string | undefined) ?? absent

/** By what the items of a list are told apart. Lists without a row, or of plain words, differ as a whole. */
const KEYS: Record<string, (item: Item) => string> = {
  nics: nic => text(nic, 'mac'),
  disks: disk => text(disk, 'serial'),
  ranges: range => `${text(range, 'first')}-${text(range, 'last')}`,
  addresses: address => `${text(address, 'network')}/${text(address, 'ip', 'any')}`,
}

/** What changes from one canonical document to another, in the order of their fields. Pure. */
export function diff(from: object | undefined, to: object, path = ''): Difference[] {
  const before = (from ?? {}) as Item
  const after = to as Item
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap(name =>
    compare(before[name], after[name], path === '' ? name : `${path}/${name}`, KEYS[name]),
  )
}

function compare(from: unknown, to: unknown, path: string, keyOf: ((item: Item) => string) | undefined): Difference[] {
  if (keyOf && isList(from ?? []) && isList(to ?? [])) return diff(byKey(from, keyOf), byKey(to, keyOf), path)
  if (isRecord(from) && isRecord(to)) return diff(from, to, path)
  if (JSON.stringify(from) === JSON.stringify(to)) return []
  return [{ path, ...(from !== undefined && { from }), ...(to !== undefined && { to }) }]
}

function byKey(items: unknown, keyOf: (item: Item) => string): Item {
  return Object.fromEntries(((items ?? []) as Item[]).map(item => [keyOf(item), item]))
}

const isList = (value: unknown): boolean => Array.isArray(value)
const isRecord = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
