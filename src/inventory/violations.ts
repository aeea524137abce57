import { type Violation, violationOf } from '../db/violations.ts'
import { AppError, type ErrorCode } from '../lib/errors.ts'

/**
 * What each constraint of the migrations means to the person whose change it refused. Checks before a write say the
 * same in more detail; these are for those who lost a race, and for whoever finds a way around the checks.
 */
const SENTENCES: Record<string, [ErrorCode, string]> = {
  machine_name: ['already_exists', 'A machine of that name exists'],
  machine_serial: ['already_taken', 'Another machine has that serial'],
  machine_system_uuid: ['already_taken', 'Another machine has that system UUID'],
  machine_hostname: ['already_taken', 'Another machine has that host name'],
  machine_rack_unit: ['already_taken', 'Another machine stands in these rack units'],
  machine_in_rack: ['invalid_input', 'The machine does not fit into its rack'],
  machine_lifecycle: ['invalid_transition', 'The machine cannot go to that state from its present one'],
  machine_name_immutable: ['conflict', 'The name of a machine never changes once it is enrolled'],
  machine_delete: ['conflict', 'Only discovered and enrolled machines can be deleted; the others are retired'],
  nic_mac: ['already_taken', 'Another machine has that MAC'],
  nic_switch_port: ['already_taken', 'Another NIC is on that switch port'],
  nic_name: ['invalid_input', 'Two NICs of a machine have the same name'],
  disk_wwn: ['already_taken', 'Another disk has that WWN'],
  disk_pkey: ['invalid_input', 'Two disks of a machine have the same serial'],
  address_ip: ['already_taken', 'Another machine has that address'],
  address_in_network: ['invalid_input', 'The address is not inside its network'],
  address_gateway: ['invalid_input', 'The address is the gateway of its network'],
  address_broadcast: ['invalid_input', 'The address is the network or broadcast address of its network'],
  address_datacenter: ['invalid_input', 'The address is of a network in another datacenter'],
  network_cidr4_overlap: ['already_taken', 'Another network has addresses of that IPv4 network'],
  network_cidr6_overlap: ['already_taken', 'Another network has addresses of that IPv6 network'],
  network_range_overlap: ['invalid_input', 'Two ranges overlap'],
  network_range_inside: ['invalid_input', 'The range is not inside its network'],
  network_addresses_fit: ['still_in_use', 'The network has addresses in use that would no longer fit'],
  machine_addresses_fit: ['still_in_use', 'The machine has addresses in networks of another datacenter'],
  machine_rack: ['still_in_use', 'A machine stands in a rack that is not there, or not in its datacenter'],
  rack_room: ['still_in_use', 'A rack stands in a room that is not there, or not in its datacenter'],
  rack_machines_fit: ['still_in_use', 'The rack holds a machine above that height'],
  datacenter_dns_domain: ['already_taken', 'Another datacenter has that DNS domain'],
  reservation_no_overlap: ['already_reserved', 'The machine is reserved for that time'],
  job_one_active: ['conflict', 'The machine has an active job'],
  event_append_only: ['conflict', 'Events are never changed or removed one by one'],
  token_name: ['already_exists', 'A token of that name exists'],
}

/** The AppError for a constraint's refusal; any other error as it is. */
export function explainViolation(error: unknown): unknown {
  const violation = violationOf(error)
  if (!violation) return error
  const [code, sentence] = SENTENCES[violation.constraint] ?? byKind(violation)
  return new AppError(code, `${sentence} (${violation.detail})`, { cause: error })
}

function byKind({ kind, table, detail }: Violation): [ErrorCode, string] {
  switch (kind) {
    case 'unique':
    case 'exclusion':
      return ['already_exists', `The same ${table} exists`]
    case 'foreign_key':
      return detail.includes('still referenced')
        ? ['still_in_use', `A ${table} still refers to it`]
        : ['invalid_input', `A ${table} refers to something that does not exist`]
    case 'check':
    case 'not_null':
      return ['invalid_input', `A value is outside of what a ${table} can have`]
  }
}
