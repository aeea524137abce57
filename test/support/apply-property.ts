import { expect } from 'vitest'
import type { Kysely } from 'kysely'
import { Default } from 'typebox/value'
import { compare, type Documents, inventory } from '../../src/api/contract/inventory.ts'
import type { Db } from '../../src/db/schema.ts'
import { canonical } from '../../src/inventory/documents/canonical.ts'
import { type Document, KIND_NAMES, KINDS, type Kind } from '../../src/inventory/documents/kinds.ts'
import { digestOf } from '../../src/lib/digest.ts'
import type { CheckedClient } from './checked-client.ts'
import { fingerprint } from './contents.ts'
import { applyAll } from './site.ts'

/** From wherever the database is to `target`: then it is there, and stays there when it is applied again. */
export async function expectApplies(client: CheckedClient, db: Kysely<Db>, target: Documents): Promise<void> {
  const told = await applyAll(client, target, true)
  expect(await applyAll(client, target)).toEqual(told)
  const after = await fingerprint(db)
  const again = await applyAll(client, target)
  expect(again.filter(change => change.action !== 'none' || change.differences.length > 0)).toEqual([])
  expect(await fingerprint(db)).toBe(after)
  const digests: Record<string, Record<string, string>> = {}
  for (const kind of KIND_NAMES)
    for (const wanted of documentsOf(kind, target)) {
      expect(await shown(client, kind, wanted)).toEqual(wanted)
      digests[kind] = { ...digests[kind], [wanted.name]: digestOf(wanted) }
    }
  const { differing } = await client.call(compare, { body: { digests, withPassword: [] } })
  expect(Object.values(differing).flat()).toEqual([])
}

function documentsOf<K extends Kind>(kind: K, target: Documents): Document<K>[] {
  const sent = structuredClone((target as Record<string, unknown[] | undefined>)[KINDS[kind].plural] ?? [])
  return sent.map(document => canonical(kind, Default(KINDS[kind].schema, document) as Document<K>))
}

/** What the API shows, without what only it adds: versions, status, and the addresses that `wanted` left to it. */
async function shown(client: CheckedClient, kind: Kind, wanted: Document): Promise<unknown> {
  const view: object = await client.call(inventory[kind].get, { params: { name: wanted.name } })
  const own = Object.keys(KINDS[kind].schema.properties)
  const document = Object.fromEntries(Object.entries(view).filter(([key]) => own.includes(key)))
  return kind === 'machine' ? withoutGiven(document as Document<'machine'>, wanted as Document<'machine'>) : document
}

function withoutGiven(machine: Document<'machine'>, wanted: Document<'machine'>): Document<'machine'> {
  const asked = new Set([...wanted.nics.flatMap(nic => nic.addresses.map(address => address.ip)), wanted.bmc?.address])
  const nics = machine.nics.map(nic => ({
    ...nic,
    addresses: nic.addresses.map(({ network, ip }) => (asked.has(ip) ? { network, ip } : { network })),
  }))
  const { bmc } = machine
  if (!bmc || asked.has(bmc.address)) return canonical('machine', { ...machine, nics } as Document<'machine'>)
  const stripped: unknown = { ...machine, nics, bmc: { ...bmc, address: undefined } }
  return canonical('machine', stripped as Document<'machine'>)
}
