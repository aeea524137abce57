-- What the guards of 001 let through, or refused without need; and leave for one change of many rows (an apply) to pass
-- through states that may not stay: such constraints are looked at when it says so, or at its commit.

-- ---------------------------------------------------------------- racks and machines

-- int4range(null, null) is everything: a machine in a rack without a position took all of its units.
alter table machine drop constraint machine_rack_unit;
alter table machine drop column units;
alter table machine add column units int4range generated always as (
  case when position_u is not null then int4range((position_u * 2)::integer, ((position_u + height_u) * 2)::integer) end) stored;
alter table machine add constraint machine_rack_unit exclude using gist (rack with =, units with &&);

-- A rack and what stands in it move to another room or datacenter together.
alter table machine alter constraint machine_rack deferrable initially immediate;
alter table rack alter constraint rack_room deferrable initially immediate;

-- A rack shrinks and its machines move down together.
drop trigger check_rack_height on rack;
create or replace function check_rack_height() returns trigger language plpgsql as $$
declare
  top numeric;
begin
  select max(m.position_u + m.height_u - 1) into top from machine m join rack r on r.name = m.rack
    where r.name = new.name and m.position_u + m.height_u - 1 > r.height_u;
  if top is not null then
    perform refuse('rack_machines_fit', format('rack %s holds a machine up to U%s', new.name, trim_scale(top)));
  end if;
  return null;
end $$;
create constraint trigger check_rack_height after update of height_u on rack deferrable initially immediate
  for each row execute function check_rack_height();

-- ---------------------------------------------------------------- networks and addresses

-- A network of one address holds that address; and a gateway is one address of a network that is there.
alter table network drop constraint network_gateway4, drop constraint network_gateway6;
alter table network
  add constraint network_gateway4 check (gateway4 is null or coalesce(gateway4 <<= cidr4 and masklen(gateway4) = 32, false)),
  add constraint network_gateway6 check (gateway6 is null or coalesce(gateway6 <<= cidr6 and masklen(gateway6) = 128, false));
create or replace function network_contains(network_name text, ip inet) returns boolean language sql stable as $$
  select coalesce(ip <<= n.cidr4, false) or coalesce(ip <<= n.cidr6, false) from network n where n.name = network_name
$$;

-- Networks exchange what only one can have.
alter table network drop constraint network_cidr4_overlap, drop constraint network_cidr6_overlap;
alter table network
  add constraint network_cidr4_overlap exclude using gist (cidr4 inet_ops with &&) deferrable initially immediate,
  add constraint network_cidr6_overlap exclude using gist (cidr6 inet_ops with &&) deferrable initially immediate;
alter table datacenter drop constraint datacenter_dns_domain;
alter table datacenter add constraint datacenter_dns_domain unique (dns_domain) deferrable initially immediate;

-- Why an address cannot be one of a network, as name and sentence of the guard; NULL when it can.
create function address_fault(ip inet, n network) returns text[] language sql immutable as $$
  select case
    when not (coalesce(ip <<= n.cidr4, false) or coalesce(ip <<= n.cidr6, false))
      then array['address_in_network', format('%s is not inside network %s', host(ip), n.name)]
    when ip in (n.gateway4, n.gateway6) then array['address_gateway', format('%s is the gateway of network %s', host(ip), n.name)]
    -- First and last of an IPv4 network are its own (RFC 922 §7), but for point-to-point ones (RFC 3021).
    when family(ip) = 4 and masklen(n.cidr4) < 31 and (ip = host(n.cidr4)::inet or ip = host(broadcast(n.cidr4))::inet)
      then array['address_broadcast', format('%s is the network or broadcast address of %s', host(ip), n.name)]
  end
$$;

drop trigger check_address on address;
create or replace function check_address() returns trigger language plpgsql as $$
declare
  n network;
  fault text[];
  elsewhere text;
begin
  select * into n from network where name = new.network for share;
  fault := address_fault(new.ip, n);
  if fault is not null then
    perform refuse(fault[1], fault[2]);
  end if;
  -- What DHCP leased was there, whatever we thought where the machine is.
  if new.origin <> 'leased' then
    select m.datacenter into elsewhere from machine m where m.id = new.machine and m.datacenter <> n.datacenter;
    if elsewhere is not null then
      perform refuse('address_datacenter', format('network %s is in %s, the machine is in %s', n.name, n.datacenter, elsewhere));
    end if;
  end if;
  return new;
end $$;
create trigger check_address before insert or update of ip, network, machine, origin on address
  for each row execute function check_address();

-- A network may not change from under its ranges and addresses, nor move away from its machines.
drop trigger check_network on network;
create or replace function check_network() returns trigger language plpgsql as $$
declare
  n network;
  stray text;
begin
  select * into n from network where name = new.name;
  select (address_fault(a.ip, n))[2] into stray from address a
    where a.network = n.name and address_fault(a.ip, n) is not null limit 1;
  if stray is null then
    select format('machine %s with %s is in %s', m.name, host(a.ip), m.datacenter) into stray
      from address a join machine m on m.id = a.machine
      where a.network = n.name and a.origin <> 'leased' and m.datacenter <> n.datacenter limit 1;
  end if;
  if stray is not null then
    perform refuse('network_addresses_fit', format('network %s has an address in use that does not fit: %s', n.name, stray));
  end if;
  select format('%s to %s', host(r.first), host(r.last)) into stray from network_range r
    where r.network = n.name and not (network_contains(n.name, r.first) and network_contains(n.name, r.last)) limit 1;
  if stray is not null then
    perform refuse('network_range_inside', format('%s is not inside network %s', stray, n.name));
  end if;
  return null;
end $$;
create constraint trigger check_network after update of datacenter, cidr4, cidr6, gateway4, gateway6 on network
  deferrable initially immediate for each row execute function check_network();

-- A machine does not move away from its addresses either.
create function check_machine_networks() returns trigger language plpgsql as $$
declare
  stray text;
begin
  select format('%s of network %s, which is in %s', host(a.ip), n.name, n.datacenter) into stray
    from machine m join address a on a.machine = m.id join network n on n.name = a.network
    where m.id = new.id and a.origin <> 'leased' and n.datacenter <> m.datacenter limit 1;
  if stray is not null then
    perform refuse('machine_addresses_fit', format('machine %s has the address %s', new.name, stray));
  end if;
  return null;
end $$;
create constraint trigger check_machine_networks after update of datacenter on machine deferrable initially immediate
  for each row execute function check_machine_networks();
