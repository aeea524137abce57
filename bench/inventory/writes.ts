import { apply, compare, inventory } from '../../src/api/contract/inventory.ts'
import { canonical } from '../../src/inventory/documents/canonical.ts'
import { type AnyDocument, type Kind, KINDS } from '../../src/inventory/documents/kinds.ts'
import { digestOf } from '../../src/lib/digest.ts'
import type { Fleet } from '../../test/support/fleet.ts'
import type { Site } from './site.ts'
import type { Work } from './work.ts'

type Digests = { [K in Kind]?: Record<string, string> }

/** What the command does for a file: every document in its one spelling, and its digest. */
function digestsOf(fleet: Fleet): Digests {
  const kinds = Object.entries(KINDS) as [Kind, { plural: string }][]
  return Object.fromEntries(
    kinds.map(([kind, { plural }]) => {
      const documents = (fleet as Partial<Record<string, AnyDocument['document'][]>>)[plural] ?? []
      return [kind, Object.fromEntries(documents.map(document => [document.name, digestOf(canonical(kind, document))]))]
    }),
  )
}

interface Changing {
  fleet: Fleet
  digests: Digests
}

/** The same fleet in which one machine has another label, a new one at each call. */
function changeOne({ fleet, digests }: Changing): Changing {
  changes += 1
  const at = Math.floor(fleet.machines.length / 3)
  const old = fleet.machines[at]
  if (!old) throw new Error('the fleet is empty')
  const machine = { ...old, labels: { ...old.labels, change: String(changes) } }
  const digest = digestOf(canonical('machine', machine))
  return {
    fleet: { ...fleet, machines: fleet.machines.with(at, machine) },
    digests: { ...digests, machine: { ...digests.machine, [machine.name]: digest } },
  }
}
let changes = 0

/** Brings a fleet of which one machine changed into the inventory: all digests go out, one machine follows. */
async function applyDiffering({ client }: Site, { fleet, digests }: Changing): Promise<number> {
  const { differing } = await client.call(compare, { body: { digests, withPassword: [] } })
  const names = new Set(differing.machine)
  const machines = fleet.machines.filter(({ name }) => names.has(name))
  const { changes: done } = await client.call(apply, { body: { machines } })
  return done.length
}

async function applyChanged(site: Site, changing: Changing): Promise<void> {
  const count = await applyDiffering(site, changing)
  if (count !== 1) throw new Error(`${count} machines were applied instead of one`)
}

const patch: Work = {
  what: 'change one machine (PATCH)',
  ours: ({ client, fleet }) => {
    let count = 0
    const name = fleet.machines[7]?.name ?? ''
    const body = () => ({ labels: { count: `a${(count += 1)}` } })
    return { run: () => client.call(inventory.machine.change, { params: { name }, body: body() }) }
  },
  peer: site => {
    let count = 0
    const name = site.fleet.machines[11]?.name ?? ''
    return { run: () => changeInSql(site, name, `b${(count += 1)}`) }
  },
}

async function changeInSql({ sql }: Site, name: string, count: string): Promise<void> {
  await sql.query('begin')
  const { rows } = await sql.query<{ id: string }>('select id from machine where name = $1 for no key update', [name])
  const label = JSON.stringify({ count })
  await sql.query('update machine set labels = labels || $2::jsonb where id = $1', [rows[0]?.id, label])
  await sql.query(
    `insert into event (machine, source, kind, actor, data) values ($1, 'inventory', 'machine.changed', 'bench', $2)`,
    [rows[0]?.id, label],
  )
  await sql.query('commit')
}

/** `digestsAnew`: as the command does, which reads a file. */
function applyOne(what: string, { digestsAnew }: { digestsAnew: boolean }): Work {
  return {
    what,
    ours: async site => {
      let changed = { fleet: site.fleet, digests: digestsOf(site.fleet) }
      await applyDiffering(site, changed) // takes back what was measured before
      return {
        before: () => (changed = changeOne(changed)),
        run: () => applyChanged(site, digestsAnew ? { ...changed, digests: digestsOf(changed.fleet) } : changed),
      }
    },
  }
}

const ONE = applyOne('apply one changed machine: compare, apply', { digestsAnew: false })
/** The task of that, for who measures it otherwise. */
export const applyOneTask = async (site: Site) => ONE.ours(site)

export const WRITES: readonly Work[] = [
  patch,
  {
    what: 'compare all digests, none differs',
    ours: ({ client, fleet }) => {
      const digests = digestsOf(fleet)
      return { run: () => client.call(compare, { body: { digests, withPassword: [] } }) }
    },
  },
  ONE,
  applyOne('the same, and the digests made anew', { digestsAnew: true }),
]
