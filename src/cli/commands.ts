import type { Kind } from '../inventory/documents/kinds.ts'
import type { Define } from './define.ts'

export const GROUPS = {
  controller: 'Controller:',
  inventory: 'Inventory:',
  kinds: 'What the inventory holds:',
  people: 'Access:',
  shell: 'This command:',
} as const

export interface CommandRow {
  name: string
  group: keyof typeof GROUPS
  summary: string
  /** Loads its code: only for the command that is run. */
  load: () => Promise<Define>
}

const kind = (name: Kind, summary: string): CommandRow => ({
  name,
  group: 'kinds',
  summary,
  load: async () => (await import('./resources/define.ts')).defineKind(name),
})

/** Every command there is, in the order of the help. */
export const COMMANDS: readonly CommandRow[] = [
  {
    name: 'serve',
    group: 'controller',
    summary: 'Run the controller',
    load: async () => (await import('./commands/serve.ts')).defineServe,
  },
  {
    name: 'apply',
    group: 'inventory',
    summary: 'Bring the inventory to what files say',
    load: async () => (await import('./inventory/apply.ts')).defineApply,
  },
  {
    name: 'stock',
    group: 'inventory',
    summary: 'How many machines there are, and how many are free',
    load: async () => (await import('./commands/stock.ts')).defineStock,
  },
  kind('machine', 'Servers: list, show, change, put into maintenance, retire'),
  kind('datacenter', 'Datacenters, with their DNS domain and time zone'),
  kind('room', 'Rooms of a datacenter'),
  kind('rack', 'Racks, and import of the sheets that come with them'),
  kind('network', 'Networks, with the ranges that addresses are given from'),
  kind('profile', 'Hardware profiles, and what hardware they match'),
  kind('service', 'Services, with their owners and tiers'),
  kind('image', 'Operating system images'),
  kind('window', 'Windows: when risky work may start'),
  kind('freeze', 'Freezes: when no risky work may start'),
]
