import { type Kysely, type Selectable, type SqlBool, sql } from 'kysely'
import type { Db, Machine as MachineTable } from '../../db/schema.ts'
import { canonical } from '../documents/canonical.ts'
import type { Document } from '../documents/kinds.ts'
import { documentOf, type Stored, versionOf } from './tables.ts'

type Machine = Document<'machine'>

/** What a machine is at present, beside what people want it to be. Four axes, never one word. */
export interface MachineStatus {
  id: number
  lifecycle: Selectable<MachineTable>['lifecycle']
  condition: { state: Selectable<MachineTable>['condition']; reason?: string; until?: string; detail?: unknown }
  power: { state: Selectable<MachineTable>['power']; observedAt?: string }
  activeJob?: number
  bmcPasswordSet: boolean
}

export interface StoredMachine extends Stored<'machine'> {
  status: MachineStatus
}

interface Children {
  nics: Machine['nics']
  disks: Machine['disks']
  bmc: (NonNullable<Machine['bmc']> & { passwordSet: boolean }) | null
  activeJob: number | null
}
export type MachineRow = Selectable<MachineTable> & Children

const nicsJson = sql<Machine['nics']>`(
  select coalesce(json_agg(json_strip_nulls(json_build_object('mac', n.mac, 'name', n.name, 'switch', n.switch,
    'switchPort', n.switch_port, 'speedMbps', n.speed_mbps, 'addresses', (
      select coalesce(json_agg(json_build_object('network', a.network, 'ip', host(a.ip))), '[]')
      from address a where a.machine = n.machine and a.nic = n.mac and a.origin <> 'leased')))), '[]')
  from nic n where n.machine = machine.id and not n.bmc)`
const disksJson = sql<Machine['disks']>`(
  select coalesce(json_agg(json_strip_nulls(json_build_object('serial', d.serial, 'wwn', d.wwn, 'model', d.model,
    'medium', d.medium, 'sizeBytes', d.size_bytes))), '[]')
  from disk d where d.machine = machine.id)`
const bmcJson = sql<Children['bmc']>`(
  select json_strip_nulls(json_build_object('protocol', b.protocol, 'network', a.network, 'address', host(a.ip),
    'port', b.port, 'mac', n.mac, 'username', b.username, 'vendor', b.vendor, 'model', b.model, 'firmware', b.firmware,
    'quirks', to_json(b.quirks), 'cipherSuite', b.cipher_suite, 'passwordSet', b.sealed_password is not null))
  from bmc b left join address a on a.machine = b.machine and a.bmc left join nic n on n.machine = b.machine and n.bmc
  where b.machine = machine.id)`
const activeJob = sql<number | null>`(
  select j.id from job j where j.machine = machine.id and j.started_at is not null and j.ended_at is null)`

/** For the select list of a query on `machine`: the children that make it a whole document, in the same query. */
export const machineChildren = [
  nicsJson.as('nics'),
  disksJson.as('disks'),
  bmcJson.as('bmc'),
  activeJob.as('activeJob'),
] as const

export function machineFromRow(row: MachineRow): StoredMachine {
  const { passwordSet = false, ...bmc } = row.bmc ?? {}
  const own = documentOf('machine', row)
  const document = {
    ...own,
    nics: row.nics,
    disks: row.disks,
    ...(row.bmc && { bmc: bmc as NonNullable<Machine['bmc']> }),
  }
  return { document: canonical('machine', document), ...versionOf(row as never), status: statusOf(row, passwordSet) }
}

function statusOf(row: MachineRow, bmcPasswordSet: boolean): MachineStatus {
  return {
    id: row.id,
    lifecycle: row.lifecycle,
    condition: {
      state: row.condition,
      ...(row.conditionReason !== null && { reason: row.conditionReason }),
      ...(row.conditionUntil && { until: row.conditionUntil.toISOString() }),
      ...(row.conditionDetail !== null && { detail: row.conditionDetail }),
    },
    power: { state: row.power, ...(row.powerAt && { observedAt: row.powerAt.toISOString() }) },
    ...(row.activeJob !== null && { activeJob: row.activeJob }),
    bmcPasswordSet,
  }
}

export async function loadMachines(db: Kysely<Db>, names: readonly string[]): Promise<StoredMachine[]> {
  const rows = await db
    .selectFrom('machine')
    .selectAll()
    .select([...machineChildren])
    .where(sql<SqlBool>`name = any(${[...names]}::text[])`)
    .orderBy('name')
    .execute()
  return rows.map(machineFromRow)
}
