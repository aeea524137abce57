/** What a careful person would write by hand for the same answers. `m` is the machine. */

const NICS = `(
  select json_agg(json_build_object('mac', n.mac, 'name', n.name, 'switch', n.switch, 'switchPort', n.switch_port,
    'speedMbps', n.speed_mbps, 'addresses', (
      select json_agg(json_build_object('network', a.network, 'ip', host(a.ip))) from address a
      where a.machine = n.machine and a.nic = n.mac)))
  from nic n where n.machine = m.id and not n.bmc) as nics`
const DISKS = `(
  select json_agg(json_build_object('serial', d.serial, 'wwn', d.wwn, 'model', d.model, 'medium', d.medium,
    'sizeBytes', d.size_bytes)) from disk d where d.machine = m.id) as disks`
const BMC = `(
  select json_build_object('protocol', b.protocol, 'username', b.username, 'vendor', b.vendor, 'firmware', b.firmware,
    'network', a.network, 'address', host(a.ip), 'mac', n.mac)
  from bmc b left join address a on a.machine = b.machine and a.bmc left join nic n on n.machine = b.machine and n.bmc
  where b.machine = m.id) as bmc`
const COLUMNS = `m.name, m.datacenter, m.rack, m.position_u, m.height_u, m.serial, m.system_uuid, m.vendor, m.model,
  m.profile, m.service, m.hostname, m.labels, m.lifecycle, m.condition, m.power, m.revision, m.created_at, m.updated_at`

/** A page of machines of which `condition` holds. */
export const machinesWhere = (condition: string): string =>
  `select ${COLUMNS}, ${NICS}, ${DISKS}, ${BMC} from machine m where ${condition} order by m.name limit 101`

export const SEARCH_TEXT = `(m.name::text || ' ' || coalesce(m.serial, '') || ' ' || coalesce(m.hostname::text, ''))`

export const STOCK = `select datacenter, profile, count(*) as total,
  count(*) filter (where lifecycle = 'available' and condition = 'ok') as free,
  count(*) filter (where lifecycle = 'in_use') as in_use, count(*) filter (where condition <> 'ok') as held
  from machine group by datacenter, profile order by datacenter, profile`

export const MACHINE_COUNTS = `select datacenter, lifecycle, condition, count(*) from machine
  group by datacenter, lifecycle, condition`
