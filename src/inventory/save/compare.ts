import { type Kysely, sql } from 'kysely'
import type { Db } from '../../db/schema.ts'
import { type Kind, KIND_NAMES } from '../documents/kinds.ts'
import { shared } from '../store/tables.ts'

export type Digests = { [K in Kind]?: Record<string, string> }

/**
 * The names of documents that are not in the inventory as their digest says; and of machines that come with a first BMC
 * password (`withPassword`) while theirs has none. One query a kind, and no document is read or built.
 */
export async function compareDigests(
  db: Kysely<Db>,
  digests: Digests,
  withPassword: readonly string[],
): Promise<{ [K in Kind]?: string[] }> {
  const differing: { [K in Kind]?: string[] } = {}
  for (const kind of KIND_NAMES) {
    const given = Object.entries(digests[kind] ?? {})
    if (given.length > 0) differing[kind] = await differingOf(db, kind, given)
  }
  const unset = withPassword.length > 0 ? await withoutPassword(db, withPassword) : []
  return unset.length > 0
    ? { ...differing, machine: [...new Set([...(differing.machine ?? []), ...unset])] }
    : differing
}

async function differingOf(db: Kysely<Db>, kind: Kind, given: readonly [string, string][]): Promise<string[]> {
  const names = given.map(([name]) => name)
  const hashes = given.map(([, digest]) => digest)
  const { rows } = await sql<{ name: string }>`
    select given.name from unnest(${names}::text[], ${hashes}::text[]) as given (name, digest)
    left join ${sql.table(shared(kind))} stored on stored.name = given.name
    where stored.digest is distinct from given.digest`.execute(db)
  return rows.map(row => row.name)
}

async function withoutPassword(db: Kysely<Db>, names: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select m.name from machine m join bmc b on b.machine = m.id
    where m.name = any(${[...names]}::text[]) and b.sealed_password is null`.execute(db)
  return rows.map(row => row.name)
}
