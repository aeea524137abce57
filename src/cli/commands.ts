import type { Kind } from '../inventory/documents/kinds.ts'
import type { Define } from './define.ts'

export const GROUPS = {
  inventory: 'Inventory:',
  kinds: 'What it holds:',
  people: 'Access:',
  controller: 'On the host of the controller:',
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
    name: 'apply',
    group: 'inventory',
    summary: 'Bring the inventory to what files say',
    load: async () => (await import('./inventory/apply.ts')).defineApply,
  },
  {
    name: 'export',
    group: 'inventory',
    summary: 'Write the inventory as a file that apply takes',
    load: async () => (await import('./inventory/export.ts')).defineExport,
  },
  {
    name: 'stock',
    group: 'inventory',
    summary: 'How many machines there are, and how many are free',
    load: async () => (await import('./commands/stock.ts')).defineStock,
  },
  {
    name: 'events',
    group: 'inventory',
    summary: 'What happened, and what happens now',
    load: async () => (await import('./events/define.ts')).defineEvents,
  },
  {
    name: 'machine',
    group: 'kinds',
    summary: 'Servers: list, show, change, put into maintenance, retire',
    load: async () => (await import('./machines/define.ts')).defineMachine,
  },
  kind('datacenter', 'Datacenters, with their DNS domain and time zone'),
  kind('room', 'Rooms of a datacenter'),
  {
    name: 'rack',
    group: 'kinds',
    summary: 'Racks, and import of the sheets that come with them',
    load: async () => (await import('./sheet/define.ts')).defineRack,
  },
  kind('network', 'Networks, with the ranges that addresses are given from'),
  {
    name: 'profile',
    group: 'kinds',
    summary: 'Hardware profiles, and what hardware they match',
    load: async () => (await import('./profiles/define.ts')).defineProfile,
  },
  kind('service', 'Services, with their owners and tiers'),
  kind('image', 'Operating system images'),
  kind('window', 'Windows: when risky work may start'),
  kind('freeze', 'Freezes: when no risky work may start'),
  {
    name: 'token',
    group: 'people',
    summary: 'Tokens: make, list, revoke',
    load: async () => (await import('./tokens/define.ts')).defineToken,
  },
  {
    name: 'whoami',
    group: 'people',
    summary: 'Whose token this is, and what it may do',
    load: async () => (await import('./commands/whoami.ts')).defineWhoami,
  },
  {
    name: 'serve',
    group: 'controller',
    summary: 'Run the controller',
    load: async () => (await import('./commands/serve.ts')).defineServe,
  },
  {
    name: 'backup',
    group: 'controller',
    summary: 'Write everything that the controller knows into a file',
    load: async () => (await import('./local/backup.ts')).defineBackup,
  },
  {
    name: 'restore',
    group: 'controller',
    summary: 'Bring a database to what a backup holds',
    load: async () => (await import('./local/backup.ts')).defineRestore,
  },
  {
    name: 'version',
    group: 'shell',
    summary: 'Which version this is, and which the controller',
    load: async () => (await import('./commands/version.ts')).defineVersion,
  },
  {
    name: 'completion',
    group: 'shell',
    summary: 'Print what makes a shell complete commands and names',
    load: async () => (await import('./completion/define.ts')).defineCompletion,
  },
]

/** Not in the help: what the completion of shells asks. */
export const COMPLETE: CommandRow = {
  name: '__complete',
  group: 'shell',
  summary: 'names that complete a word',
  load: async () => (await import('./completion/names.ts')).defineComplete,
}
