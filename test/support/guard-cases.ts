/** Rows to come into conflict with: machine 1 has everything, 2 stands beside it, 3 in another datacenter, 4 is in use. */
export const SEED: readonly string[] = [
  `insert into datacenter (name, dns_domain, time_zone, digest) values ('d1', 'd1.net', 'UTC', ''), ('d2', 'd2.net', 'UTC', '')`,
  `insert into room (name, datacenter, digest) values ('room1', 'd1', ''), ('room2', 'd2', '')`,
  `insert into rack (name, datacenter, room, height_u, digest) values ('r1', 'd1', 'room1', 10, ''), ('r2', 'd2', 'room2', 10, '')`,
  `insert into network (name, datacenter, purpose, cidr4, cidr6, gateway4, digest) values
    ('n1', 'd1', 'data', '10.0.0.0/24', 'fd00::/64', '10.0.0.1', ''), ('n2', 'd2', 'data', '10.2.0.0/24', null, null, '')`,
  `insert into network_range (network, first, last, use) values ('n1', '10.0.0.100', '10.0.0.120', 'pool')`,
  `insert into profile (name, digest) values ('p1', '')`,
  `insert into service (name, tier, developer_owner, operations_owner, hostname_pattern, digest) values ('s1', 'core', 'd', 'o', '{n}', '')`,
  `insert into image (name, os, version, architecture, format, url, sha256, digest)
    values ('i1', 'x', '1', 'arm64', 'raw', 'http://x', repeat('a', 64), '')`,
  `insert into maintenance_window (name, schedule, duration_minutes, digest) values ('w1', '0 1 * * *', 60, '')`,
  `insert into change_freeze (name, reason, schedule, duration_minutes, digest) values ('f1', 'x', '0 1 * * *', 60, '')`,
  `insert into machine (name, datacenter, rack, position_u, serial, system_uuid, hostname, profile, service, digest) values
    ('m1', 'd1', 'r1', 1, 'S1', '00000000-0000-0000-0000-000000000001', 'h1', 'p1', 's1', '')`,
  `insert into machine (name, datacenter, digest) values ('m2', 'd1', ''), ('m3', 'd2', ''), ('m4', 'd1', '')`,
  `update machine set lifecycle = 'in_use' where name = 'm4'`,
  `insert into nic (mac, machine, name, switch, switch_port) values ('02:00:00:00:00:01', 1, 'eth0', 'sw', '1')`,
  `insert into nic (mac, machine, bmc) values ('02:00:00:00:00:02', 1, true)`,
  `insert into disk (machine, serial, wwn) values (1, 'D1', 'W1')`,
  `insert into bmc (machine, protocol) values (1, 'ipmi')`,
  `insert into address (ip, network, machine, nic, origin) values ('10.0.0.5', 'n1', 1, '02:00:00:00:00:01', 'chosen')`,
  `insert into address (ip, network, machine, bmc, origin) values ('10.0.0.6', 'n1', 1, true, 'given')`,
  `insert into event (machine, source, kind) values (1, 'test', 'seen')`,
  `insert into job (kind, machine, started_at) values ('x', 1, now())`,
  `insert into reservation (machine, during, created_by) values (1, '[2026-01-01 00:00+00, 2026-01-01 12:00+00)', 'x')`,
  `insert into token (name, hash, role, created_by) values ('t1', '\\x00', 'viewer', 'x')`,
  `insert into token (name, hash, role, created_by, revoked_at) values ('old', '\\x0f', 'viewer', 'x', now())`,
]

const machine = (columns: string, values: string) =>
  `insert into machine (name, datacenter, digest, ${columns}) values ('new', 'd1', '', ${values})`
const network = (columns: string, values: string) =>
  `insert into network (name, datacenter, purpose, digest, ${columns}) values ('new', 'd1', 'data', '', ${values})`
const address = (columns: string, values: string) =>
  `insert into address (network, ${columns}) values ('n1', ${values})`
const service = (columns: string, values: string) =>
  `insert into service (name, developer_owner, operations_owner, hostname_pattern, digest, ${columns}) values ('new', 'd', 'o', '{n}', '', ${values})`
const image = (column: string, value: string) => `update image set ${column} = ${value}`
const nic = (columns: string, values: string) => `insert into nic (machine, ${columns}) values (2, ${values})`
const window = (columns: string, values: string) =>
  `insert into maintenance_window (name, schedule, digest, ${columns}) values ('new', '0 1 * * *', '', ${values})`
const freeze = (columns: string, values: string) =>
  `insert into change_freeze (name, reason, digest, ${columns}) values ('new', 'x', '', ${values})`
const token = (columns: string, values: string) => `insert into token (created_by, ${columns}) values ('x', ${values})`

/** The constraint that refuses, and the SQL that it refuses. */
export const REFUSED: readonly [constraint: string, statements: string][] = [
  [
    'label_check',
    `insert into datacenter (name, dns_domain, time_zone, digest) values ('Not A Label', 'x', 'UTC', '')`,
  ],
  ['label_check', machine('hostname', `repeat('x', 64)`)],
  ['datacenter_pkey', `insert into datacenter (name, dns_domain, time_zone, digest) values ('d1', 'x', 'UTC', '')`],
  [
    'datacenter_dns_domain',
    `insert into datacenter (name, dns_domain, time_zone, digest) values ('new', 'd1.net', 'UTC', '')`,
  ],
  ['room_pkey', `insert into room (name, datacenter, digest) values ('room1', 'd2', '')`],
  ['room_datacenter', `insert into room (name, datacenter, digest) values ('new', 'nowhere', '')`],
  ['room_datacenter', `delete from datacenter where name = 'd1'`],
  ['rack_pkey', `insert into rack (name, datacenter, height_u, digest) values ('r1', 'd1', 42, '')`],
  ['rack_datacenter', `insert into rack (name, datacenter, height_u, digest) values ('new', 'nowhere', 42, '')`],
  ['rack_height', `insert into rack (name, datacenter, height_u, digest) values ('new', 'd1', 61, '')`],
  ['rack_height', `update rack set height_u = 0 where name = 'r2'`],
  ['rack_room', `insert into rack (name, datacenter, room, height_u, digest) values ('new', 'd1', 'room2', 42, '')`],
  ['rack_room', `update room set datacenter = 'd2' where name = 'room1'`],
  [
    'rack_machines_fit',
    `insert into machine (name, datacenter, rack, position_u, digest) values ('top', 'd1', 'r1', 10, '');\nupdate rack set height_u = 9 where name = 'r1'`,
  ],

  [
    'network_pkey',
    `insert into network (name, datacenter, purpose, cidr4, digest) values ('n1', 'd1', 'data', '10.7.0.0/24', '')`,
  ],
  [
    'network_datacenter',
    `insert into network (name, datacenter, purpose, cidr4, digest) values ('new', 'nowhere', 'data', '10.7.0.0/24', '')`,
  ],
  ['network_purpose', `update network set purpose = 'fun'`],
  ['network_vlan', network('cidr4, vlan', `'10.7.0.0/24', 4095`)],
  ['network_cidr4_family', network('cidr4', `'fd07::/64'`)],
  ['network_cidr6_family', network('cidr6', `'10.7.0.0/24'`)],
  ['network_has_cidr', network('vlan', '1')],
  ['network_gateway4', network('cidr4, gateway4', `'10.7.0.0/24', '10.8.0.1'`)],
  ['network_gateway4', network('cidr4, gateway4', `'10.7.0.0/24', '10.7.0.0/25'`)],
  ['network_gateway4', network('cidr6, gateway4', `'fd07::/64', '10.7.0.1'`)],
  ['network_gateway6', network('cidr6, gateway6', `'fd07::/64', 'fd08::1'`)],
  ['network_gateway6', network('cidr4, gateway6', `'10.7.0.0/24', 'fd08::1'`)],
  ['network_cidr4_overlap', network('cidr4', `'10.0.0.0/16'`)],
  ['network_cidr4_overlap', network('cidr4', `'10.0.0.128/25'`)],
  ['network_cidr6_overlap', network('cidr6', `'fd00::/48'`)],
  [
    'network_range_pkey',
    `insert into network_range (network, first, last, use) values ('n1', '10.0.0.100', '10.0.0.120', 'pool')`,
  ],
  [
    'network_range_network_fkey',
    `insert into network_range (network, first, last, use) values ('nowhere', '10.0.0.1', '10.0.0.2', 'pool')`,
  ],
  ['network_range_use', `update network_range set use = 'fun'`],
  [
    'network_range_order',
    `insert into network_range (network, first, last, use) values ('n1', '10.0.0.90', '10.0.0.90/24', 'pool')`,
  ],
  [
    'network_range_order',
    `insert into network_range (network, first, last, use) values ('n1', '10.0.0.90', 'fd00::1', 'pool')`,
  ],
  [
    'network_range_overlap',
    `insert into network_range (network, first, last, use) values ('n1', '10.0.0.120', '10.0.0.130', 'pool')`,
  ],
  [
    'network_range_inside',
    `insert into network_range (network, first, last, use) values ('n1', '10.0.0.200', '10.0.1.5', 'pool')`,
  ],
  ['network_range_inside', `update network set cidr4 = '10.0.0.0/26' where name = 'n1'`],
  [
    'network_addresses_fit',
    `delete from network_range;\nupdate network set cidr4 = '10.0.0.8/29', gateway4 = null where name = 'n1'`,
  ],
  ['network_addresses_fit', `update network set gateway4 = '10.0.0.5' where name = 'n1'`],
  // 10.0.0.7 would be the broadcast address.
  [
    'network_addresses_fit',
    `delete from network_range;\nupdate address set ip = '10.0.0.7' where bmc;\nupdate network set cidr4 = '10.0.0.4/30', gateway4 = null where name = 'n1'`,
  ],
  ['network_addresses_fit', `update network set datacenter = 'd2' where name = 'n1'`],

  ['profile_pkey', `insert into profile (name, digest) values ('p1', '')`],
  [
    'service_pkey',
    `insert into service (name, tier, developer_owner, operations_owner, hostname_pattern, digest) values ('s1', 'core', 'd', 'o', '{n}', '')`,
  ],
  ['service_tier', service('tier', `'golden'`)],
  ['service_protocol', service('tier, protocol, port', `'core', 'sctp', 80`)],
  ['service_port', service('tier, protocol, port', `'core', 'tcp', 65536`)],
  ['service_srv', service('tier, port', `'core', 80`)],
  ['service_max_unavailable', service('tier, max_unavailable', `'core', 'all'`)],
  ['image_pkey', `insert into image select * from image`],
  ['image_architecture', image('architecture', `'vax'`)],
  ['image_format', image('format', `'floppy'`)],
  ['image_sha256', image('sha256', `'A'`)],
  ['image_size', image('size_bytes', '0')],
  [
    'maintenance_window_pkey',
    `insert into maintenance_window (name, schedule, duration_minutes, digest) values ('w1', 'x', 1, '')`,
  ],
  ['window_duration', window('duration_minutes', '10081')],
  ['window_jitter', window('duration_minutes, jitter_minutes', '10, 11')],
  [
    'change_freeze_pkey',
    `insert into change_freeze (name, reason, schedule, duration_minutes, digest) values ('f1', 'x', 'x', 1, '')`,
  ],
  ['freeze_duration', freeze('schedule, duration_minutes', `'x', 0`)],
  ['freeze_when', freeze('starts_at', 'now()')],
  ['freeze_when', freeze('starts_at, ends_at', 'now(), now()')],
  ['freeze_when', freeze('starts_at, ends_at, schedule, duration_minutes', `now(), now() + '1 day', 'x', 1`)],

  ['machine_name', `insert into machine (name, datacenter, digest) values ('m1', 'd2', '')`],
  ['machine_datacenter', `insert into machine (name, datacenter, digest) values ('new', 'nowhere', '')`],
  ['machine_rack', machine('rack', `'r2'`)],
  ['machine_rack', `update rack set datacenter = 'd2', room = null where name = 'r1'`],
  ['machine_rack', `delete from rack where name = 'r1'`],
  ['machine_position', machine('rack, position_u', `'r1', 0.5`)],
  ['machine_position', machine('rack, position_u', `'r1', 5.3`)],
  ['machine_height', machine('height_u', '0')],
  ['machine_height', machine('height_u', '1.2')],
  ['machine_position_rack', machine('position_u', '3')],
  ['machine_rack_unit', machine('rack, position_u', `'r1', 1.5`)],
  ['machine_rack_unit', machine('rack, position_u, height_u', `'r1', 1.5, 0.5`)],
  ['machine_in_rack', machine('rack, position_u', `'r1', 10.5`)],
  ['machine_in_rack', `update machine set height_u = 11 where name = 'm1'`],
  ['machine_serial', machine('serial', `'S1'`)],
  ['machine_system_uuid', machine('system_uuid', `'00000000-0000-0000-0000-000000000001'`)],
  ['machine_hostname', machine('hostname', `'h1'`)],
  ['machine_profile', machine('profile', `'nothing'`)],
  ['machine_profile', `delete from profile`],
  ['machine_service', machine('service', `'nothing'`)],
  [
    'machine_lifecycle_state',
    `set local session_replication_role = replica;\nupdate machine set lifecycle = 'lost' where name = 'm2'`,
  ],
  ['machine_lifecycle', machine('lifecycle', `'in_use'`)],
  ['machine_condition_state', machine('condition, condition_reason', `'tired', 'x'`)],
  ['machine_condition_why', machine('condition', `'broken'`)],
  ['machine_condition_why', machine('condition_reason', `'x'`)],
  ['machine_power_state', machine('power', `'half'`)],
  ['machine_labels', machine('labels', `'[]'`)],
  ['machine_name_immutable', `update machine set name = 'other' where name = 'm1'`],
  ['machine_name_immutable', `update machine set id = default where name = 'm2'`],
  ['machine_delete', `delete from machine where name = 'm4'`],
  ['machine_addresses_fit', `update machine set datacenter = 'd2', rack = null, position_u = null where name = 'm1'`],

  ['nic_mac', nic('mac', `'02:00:00:00:00:01'`)],
  ['nic_mac', nic('mac, bmc', `'02:00:00:00:00:01', true`)],
  ['nic_mac', nic('mac', `'02:00:00:00:00:02'`)],
  ['nic_machine_fkey', `insert into nic (mac, machine) values ('02:00:00:00:00:09', 999)`],
  ['nic_speed', nic('mac, speed_mbps', `'02:00:00:00:00:09', 0`)],
  ['nic_name', `insert into nic (mac, machine, name) values ('02:00:00:00:00:09', 1, 'eth0')`],
  ['nic_switch_port', nic('mac, switch, switch_port', `'02:00:00:00:00:09', 'sw', '1'`)],
  ['nic_switch', nic('mac, switch_port', `'02:00:00:00:00:09', '7'`)],
  ['nic_one_bmc', `insert into nic (mac, machine, bmc) values ('02:00:00:00:00:09', 1, true)`],
  ['disk_pkey', `insert into disk (machine, serial) values (1, 'D1')`],
  ['disk_machine_fkey', `insert into disk (machine, serial) values (999, 'D1')`],
  ['disk_wwn', `insert into disk (machine, serial, wwn) values (2, 'D1', 'W1')`],
  ['disk_medium', `insert into disk (machine, serial, medium) values (2, 'D1', 'tape')`],
  ['disk_size', `insert into disk (machine, serial, size_bytes) values (2, 'D1', 0)`],
  ['bmc_pkey', `insert into bmc (machine, protocol) values (1, 'ssh')`],
  ['bmc_machine_fkey', `insert into bmc (machine, protocol) values (999, 'ssh')`],
  ['bmc_protocol', `insert into bmc (machine, protocol) values (2, 'smoke')`],
  ['bmc_port', `insert into bmc (machine, protocol, port) values (2, 'ssh', 0)`],
  ['bmc_cipher_suite', `insert into bmc (machine, protocol, cipher_suite) values (2, 'ipmi', 256)`],

  ['address_ip', address('ip, machine, bmc, origin', `'10.0.0.5', 2, true, 'chosen'`)],
  ['address_ip', address('ip, origin, expires_at', `'10.0.0.6', 'leased', now()`)],
  ['address_network', `delete from network where name = 'n1'`],
  ['address_machine_fkey', address('ip, machine, bmc, origin', `'10.0.0.9', 999, true, 'chosen'`)],
  ['address_nic', address('ip, machine, nic, origin', `'10.0.0.9', 2, '02:00:00:00:00:01', 'chosen'`)],
  ['address_host', address('ip, machine, bmc, origin', `'10.0.0.9/25', 2, true, 'chosen'`)],
  ['address_origin', address('ip, machine, bmc, origin', `'10.0.0.9', 2, true, 'stolen'`)],
  ['address_owner', address('ip, machine, origin', `'10.0.0.9', 2, 'chosen'`)],
  ['address_owner', address('ip, machine, nic, bmc, origin', `'10.0.0.9', 1, '02:00:00:00:00:01', true, 'chosen'`)],
  ['address_owner', address('ip, bmc, origin', `'10.0.0.9', true, 'chosen'`)],
  ['address_owner', address('ip, machine, bmc, origin, expires_at', `'10.0.0.9', 2, true, 'given', now()`)],
  ['address_owner', address('ip, origin', `'10.0.0.9', 'leased'`)],
  ['address_one_bmc', address('ip, machine, bmc, origin', `'10.0.0.9', 1, true, 'chosen'`)],
  ['address_in_network', address('ip, machine, bmc, origin', `'10.2.0.9', 2, true, 'chosen'`)],
  ['address_in_network', `update address set ip = '192.168.0.1' where bmc`],
  ['address_gateway', address('ip, machine, bmc, origin', `'10.0.0.1', 2, true, 'chosen'`)],
  ['address_broadcast', address('ip, machine, bmc, origin', `'10.0.0.0', 2, true, 'chosen'`)],
  ['address_broadcast', address('ip, machine, bmc, origin', `'10.0.0.255', 2, true, 'chosen'`)],
  ['address_datacenter', address('ip, machine, bmc, origin', `'10.0.0.9', 3, true, 'chosen'`)],
  ['address_datacenter', `update address set network = 'n2', ip = '10.2.0.6' where bmc`],

  ['event_append_only', `update event set kind = 'unseen'`],
  ['event_append_only', `delete from event`],
  ['job_machine', `insert into job (kind, machine) values ('x', 999)`],
  ['job_machine', `insert into job (kind, machine) values ('x', 2);\ndelete from machine where id = 2`],
  ['job_order', `update job set started_at = now(), ended_at = now() - interval '1 second'`],
  ['job_one_active', `insert into job (kind, machine, started_at) values ('y', 1, now())`],
  [
    'reservation_machine',
    `insert into reservation (machine, during, created_by) values (999, '[2026-01-01, 2026-01-02)', 'x')`,
  ],
  ['reservation_not_empty', `insert into reservation (machine, during, created_by) values (2, 'empty', 'x')`],
  [
    'reservation_no_overlap',
    `insert into reservation (machine, during, created_by) values (1, '[2026-01-01 11:59:59.999999+00, 2026-01-03)', 'x')`,
  ],
  ['reservation_no_overlap', `insert into reservation (machine, during, created_by) values (1, '(,)', 'x')`],
  ['token_hash', token('name, hash, role', `'new', '\\x00', 'viewer'`)],
  ['token_role', token('name, hash, role', `'new', '\\x02', 'king'`)],
  ['token_team', token('name, hash, role', `'new', '\\x02', 'developer'`)],
  ['token_name', token('name, hash, role', `'t1', '\\x02', 'viewer'`)],
]
