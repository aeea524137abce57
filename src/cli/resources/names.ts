import type { Client } from '../../api/contract/client.ts'
import type { Kind } from '../../inventory/documents/kinds.ts'
import { AppError } from '../../lib/errors.ts'
import { pages } from './calls.ts'

const isPattern = (name: string): boolean => name.includes('*')

/** Whether a name fits a pattern in which * is any text. */
export function matches(name: string, pattern: string): boolean {
  const [first = '', ...rest] = pattern.split('*')
  if (rest.length === 0) return name === pattern
  const last = rest.pop() ?? ''
  if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last)) return false
  const middle = name.slice(first.length, name.length - last.length)
  let at = 0
  return rest.every(part => {
    const found = middle.indexOf(part, at)
    at = found + part.length
    return found >= 0
  })
}

/**
 * The names meant, each once, in order. Plain names are taken as they are: the controller says which it does not know.
 * @throws AppError `not_found` for a pattern that nothing fits.
 */
export async function expandNames(client: Client, kind: Kind, given: readonly string[]): Promise<string[]> {
  const names = new Set<string>()
  for (const name of given) {
    if (isPattern(name)) for (const found of await matching(client, kind, name)) names.add(found)
    else names.add(name)
  }
  return [...names]
}

async function matching(client: Client, kind: Kind, pattern: string): Promise<string[]> {
  const found: string[] = []
  for await (const page of pages(client, kind, { filter: narrowing(kind, pattern) })) {
    for (const { name } of page) if (matches(name, pattern)) found.push(name)
  }
  if (found.length > 0) return found
  throw new AppError('not_found', `No ${kind} fits '${pattern}'`)
}

/** Lets the controller narrow the list by the longest piece. It must have a letter that no MAC, UUID or address has. */
function narrowing(kind: Kind, pattern: string): Record<string, string> {
  if (kind !== 'machine') return {}
  const [longest = ''] = pattern.split('*').toSorted((a, b) => b.length - a.length)
  return /[g-z]/.test(longest) ? { q: longest } : {}
}
