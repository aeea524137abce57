import { canonicalIp } from './canonical.ts'

type Item = Record<string, unknown>

/** By what the items of lists that the canonical form sorts are known again. */
const IDENTITY: Record<string, (item: Item) => string> = {
  nics: nic => String(nic.mac).toLowerCase().replaceAll('-', ':'),
  disks: disk => String(disk.serial),
  ranges: range => canonicalIp(String(range.first)),
  addresses: address => `${String(address.network)} ${typeof address.ip === 'string' ? canonicalIp(address.ip) : ''}`,
}

/**
 * The keys to something in a document as it was written, from the keys to it in its canonical form, whose lists are
 * sorted: the second NIC of the canonical form may be the first that was sent. Pure.
 */
export function keysAsWritten(canonical: unknown, written: unknown, keys: readonly string[], list = ''): string[] {
  const [key, ...rest] = keys
  if (key === undefined) return []
  const own =
    Array.isArray(canonical) && Array.isArray(written)
      ? String(indexAsWritten(canonical, written, Number(key), list))
      : key
  return [own, ...keysAsWritten(at(canonical, key), at(written, own), rest, key)]
}

function indexAsWritten(
  canonical: readonly unknown[],
  written: readonly unknown[],
  index: number,
  list: string,
): number {
  const identity = IDENTITY[list]
  const idOf = (item: unknown): string => (identity ? identity(item as Item) : JSON.stringify(item))
  const id = canonical[index] === undefined ? undefined : idOf(canonical[index])
  // Of several alike it is the one in the same turn: sorting keeps their order.
  const turn = canonical.slice(0, index).filter(item => idOf(item) === id).length
  const found = written.flatMap((item, position) => (idOf(item) === id ? [position] : []))
  return found[turn] ?? index
}

function at(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Item)[key] : undefined
}
