-- The inventory: places, networks, machines, services, and what guards them.
-- Everything that can be said as a constraint is said here, so that no path around our code can break it.
-- Constraint names are part of the code: src/inventory/violations.ts turns each into a sentence.

create extension if not exists btree_gist;
create extension if not exists pg_trgm;

-- Names are keys: what a person writes in a file, a URL or a command, the same everywhere.
create domain label as text check (value ~ '^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$');
create type inet_range as range (subtype = inet);

-- ---------------------------------------------------------------- shared trigger functions

-- Counts a row's versions for ETag/If-Match. Arguments: columns whose change is no new version (observations).
create function bump_revision() returns trigger language plpgsql as $$
begin
  if (to_jsonb(new) - tg_argv) is distinct from (to_jsonb(old) - tg_argv) then
    new.revision := old.revision + 1;
    new.updated_at := now();
  end if;
  return new;
end $$;

create function refuse(text, text) returns void language plpgsql as $$
begin
  raise exception using errcode = 'check_violation', constraint = $1, message = $2;
end $$;

-- ---------------------------------------------------------------- places

create table datacenter (
  name label primary key,
  dns_domain text not null constraint datacenter_dns_domain unique,
  time_zone text not null,
  digest text not null,
  revision integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table room (
  name label primary key,
  datacenter label not null constraint room_datacenter references datacenter,
  digest text not null,
  revision integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (name, datacenter)
);

create table rack (
  name label primary key,
  datacenter label not null constraint rack_datacenter references datacenter,
  room label,
  height_u integer not null constraint rack_height check (height_u between 1 and 60),
  power_feeds text[] not null default '{}',
  switch text,
  digest text not null,
  revision integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (name, datacenter),
  constraint rack_room foreign key (room, datacenter) references room (name, datacenter)
);

-- ---------------------------------------------------------------- networks

create table network (
  name label primary key,
  datacenter label not null constraint network_datacenter references datacenter,
  purpose text not null constraint network_purpose check (purpose in ('provision', 'data', 'oob')),
  vlan integer constraint network_vlan check (vlan between 1 and 4094),
  cidr4 cidr constraint network_cidr4_family check (family(cidr4) = 4),
  cidr6 cidr constraint network_cidr6_family check (family(cidr6) = 6),
  gateway4 inet constraint network_gateway4 check (coalesce(gateway4 << cidr4, gateway4 is null)),
  gateway6 inet constraint network_gateway6 check (coalesce(gateway6 << cidr6, gateway6 is null)),
  resolvers inet[] not null default '{}',
  digest text not null,
  revision integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint network_has_cidr check (cidr4 is not null or cidr6 is not null),
  -- One address space for all datacenters: an address names one place, in logs, in DNS and in a URL.
  constraint network_cidr4_overlap exclude using gist (cidr4 inet_ops with &&),
  constraint network_cidr6_overlap exclude using gist (cidr6 inet_ops with &&)
);

create table network_range (
  network label not null references network on delete cascade,
  first inet not null,
  last inet not null,
  use text not null constraint network_range_use check (use in ('pool', 'static', 'reserved')),
  primary key (network, first),
  constraint network_range_order check (family(first) = family(last) and first <= last
    and masklen(first) = case family(first) when 4 then 32 else 128 end and masklen(last) = masklen(first)),
  constraint network_range_overlap exclude using gist (inet_range(first, last, '[]') with &&)
);

-- ---------------------------------------------------------------- what machines are for

create table profile (
  name label primary key,
  summary text not null default '',
  match jsonb not null default '[]',
  digest text not null,
  revision integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table service (
  name label primary key,
  tier text not null constraint service_tier check (tier in ('core', 'important', 'can-wait')),
  developer_owner text not null,
  operations_owner text not null,
  protocol text constraint service_protocol check (protocol in ('tcp', 'udp')),
  port integer constraint service_port check (port between 1 and 65535),
  max_unavailable text not null default '1' constraint service_max_unavailable check (max_unavailable ~ '^[0-9]+%?$'),
  hostname_pattern text not null,
  digest text not null,
  revision integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint service_srv check ((protocol is null) = (port is null))
);

create table image (
  name label primary key,
  os text not null,
  version text not null,
  architecture text not null constraint image_architecture check (architecture in ('x86_64', 'arm64')),
  format text not null constraint image_format check (format in ('raw', 'raw.zst', 'tar.zst', 'iso')),
  url text not null,
  sha256 text not null constraint image_sha256 check (sha256 ~ '^[0-9a-f]{64}$'),
  size_bytes bigint constraint image_size check (size_bytes > 0),
  digest text not null,
  revision integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table maintenance_window (
  name label primary key,
  datacenters text[] not null default '{}',
  tiers text[] not null default '{}',
  schedule text not null,
  duration_minutes integer not null constraint window_duration check (duration_minutes between 1 and 10080),
  jitter_minutes integer not null default 0 constraint window_jitter check (jitter_minutes between 0 and duration_minutes),
  digest text not null,
  revision integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table change_freeze (
  name label primary key,
  reason text not null,
  datacenters text[] not null default '{}',
  tiers text[] not null default '{}',
  starts_at timestamptz,
  ends_at timestamptz,
  schedule text,
  duration_minutes integer constraint freeze_duration check (duration_minutes between 1 and 10080),
  digest text not null,
  revision integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- Once, from and until; or again and again, by schedule and duration. (A check that is NULL would pass.)
  constraint freeze_when check ((
    (starts_at < ends_at and schedule is null and duration_minutes is null)
    or (starts_at is null and ends_at is null and schedule is not null and duration_minutes is not null)) is true)
);

-- ---------------------------------------------------------------- machines

create table lifecycle_transition (
  state text not null,
  event text not null,
  next text not null,
  primary key (state, event)
);
-- The table LIFECYCLE of src/inventory/lifecycle.ts; a test proves that both say the same.
insert into lifecycle_transition (state, event, next) values
  ('discovered', 'enroll', 'enrolled'),
  ('enrolled', 'commission', 'commissioning'), ('enrolled', 'adopt', 'in_use'), ('enrolled', 'retire', 'retired'),
  ('commissioning', 'done', 'available'), ('commissioning', 'abort', 'enrolled'),
  ('available', 'reserve', 'reserved'), ('available', 'commission', 'commissioning'), ('available', 'retire', 'retired'),
  ('reserved', 'install', 'installing'), ('reserved', 'release', 'available'),
  ('installing', 'done', 'in_use'), ('installing', 'abort', 'reserved'),
  ('in_use', 'install', 'installing'), ('in_use', 'recycle', 'recycling'), ('in_use', 'rescue', 'rescuing'),
  ('rescuing', 'done', 'in_use'),
  ('recycling', 'done', 'available');

create table machine (
  id bigint generated always as identity primary key,
  name label not null constraint machine_name unique,
  datacenter label not null constraint machine_datacenter references datacenter,
  rack label,
  position_u numeric(4, 1),
  height_u numeric(4, 1) not null default 1,
  -- Half rack units, so that the exclusion below is exact: U7 of height 1 is [14,16).
  units int4range generated always as (int4range((position_u * 2)::integer, ((position_u + height_u) * 2)::integer)) stored,
  serial text constraint machine_serial unique,
  system_uuid uuid constraint machine_system_uuid unique,
  vendor text,
  model text,
  profile label constraint machine_profile references profile,
  service label constraint machine_service references service,
  hostname label constraint machine_hostname unique,
  labels jsonb not null default '{}',
  hardware jsonb,
  lifecycle text not null default 'enrolled' constraint machine_lifecycle_state check (lifecycle in (
    'discovered', 'enrolled', 'commissioning', 'available', 'reserved', 'installing', 'in_use', 'rescuing', 'recycling', 'retired')),
  condition text not null default 'ok' constraint machine_condition_state check (condition in ('ok', 'maintenance', 'hold', 'broken')),
  condition_reason text,
  condition_until timestamptz,
  condition_detail jsonb,
  power text not null default 'unknown' constraint machine_power_state check (power in ('on', 'off', 'transitioning', 'unknown')),
  power_at timestamptz,
  digest text not null,
  revision integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint machine_rack foreign key (rack, datacenter) references rack (name, datacenter),
  constraint machine_position check (position_u >= 1 and position_u * 2 = trunc(position_u * 2)),
  constraint machine_height check (height_u between 0.5 and 60 and height_u * 2 = trunc(height_u * 2)),
  constraint machine_position_rack check (position_u is null or rack is not null),
  constraint machine_condition_why check ((condition = 'ok') = (condition_reason is null)),
  constraint machine_labels check (jsonb_typeof(labels) = 'object'),
  constraint machine_rack_unit exclude using gist (rack with =, units with &&)
);
create index machine_by_datacenter on machine (datacenter, name);
create index machine_by_rack on machine (rack);
create index machine_by_profile on machine (profile);
create index machine_by_service on machine (service);
create index machine_by_lifecycle on machine (lifecycle, name);
create index machine_stock on machine (datacenter, profile, lifecycle, condition);
create index machine_search on machine using gin ((name::text || ' ' || coalesce(serial, '') || ' ' || coalesce(hostname::text, '')) gin_trgm_ops);

create table nic (
  mac macaddr constraint nic_mac primary key,
  machine bigint not null references machine on delete cascade,
  -- The BMC's own interface stands here too: a MAC is unique among all, and DHCP looks in one place.
  bmc boolean not null default false,
  name text,
  switch text,
  switch_port text,
  speed_mbps integer constraint nic_speed check (speed_mbps > 0),
  unique (mac, machine),
  constraint nic_name unique (machine, name),
  constraint nic_switch_port unique (switch, switch_port),
  constraint nic_switch check (switch_port is null or switch is not null)
);
create index nic_by_machine on nic (machine);
create unique index nic_one_bmc on nic (machine) where bmc;

create table disk (
  machine bigint not null references machine on delete cascade,
  serial text not null,
  wwn text constraint disk_wwn unique,
  model text,
  medium text constraint disk_medium check (medium in ('nvme', 'ssd', 'hdd')),
  size_bytes bigint constraint disk_size check (size_bytes > 0),
  primary key (machine, serial)
);

create table bmc (
  machine bigint primary key references machine on delete cascade,
  protocol text not null constraint bmc_protocol check (protocol in ('ipmi', 'redfish', 'ssh')),
  port integer constraint bmc_port check (port between 1 and 65535),
  username text,
  sealed_password bytea,
  vendor text,
  model text,
  firmware text,
  quirks text[] not null default '{}',
  cipher_suite integer constraint bmc_cipher_suite check (cipher_suite between 0 and 255)
);

create table address (
  ip inet constraint address_ip primary key,
  network label not null constraint address_network references network,
  machine bigint references machine on delete cascade,
  nic macaddr,
  bmc boolean not null default false,
  -- chosen: by a person; given: by us, the lowest free one; leased: by DHCP from a pool.
  origin text not null constraint address_origin check (origin in ('chosen', 'given', 'leased')),
  expires_at timestamptz,
  created_at timestamptz not null default now(),
  constraint address_nic foreign key (nic, machine) references nic (mac, machine) on delete cascade,
  constraint address_host check (masklen(ip) = case family(ip) when 4 then 32 else 128 end),
  constraint address_owner check (case origin
    when 'leased' then expires_at is not null
    else expires_at is null and machine is not null and (nic is not null) <> bmc end)
);
create index address_by_machine on address (machine);
create index address_by_network on address (network, ip);
create unique index address_one_bmc on address (machine) where bmc;

-- ---------------------------------------------------------------- what no single row can say

create function check_machine() returns trigger language plpgsql as $$
declare
  rack_height integer;
begin
  if tg_op = 'INSERT' and new.lifecycle not in ('discovered', 'enrolled') then
    perform refuse('machine_lifecycle', format('a new machine cannot be %s', new.lifecycle));
  end if;
  if tg_op = 'UPDATE' then
    if new.id <> old.id or (new.name <> old.name and old.lifecycle <> 'discovered') then
      perform refuse('machine_name_immutable', format('machine %s cannot be renamed', old.name));
    end if;
    if new.lifecycle <> old.lifecycle and not exists (
      select from lifecycle_transition t where t.state = old.lifecycle and t.next = new.lifecycle) then
      perform refuse('machine_lifecycle', format('%s cannot become %s', old.lifecycle, new.lifecycle));
    end if;
  end if;
  if new.position_u is not null then
    -- The row lock keeps the rack from shrinking until this transaction ends.
    select height_u into rack_height from rack where name = new.rack for share;
    if new.position_u + new.height_u - 1 > rack_height then
      perform refuse('machine_in_rack', format('rack %s has %s units', new.rack, rack_height));
    end if;
  end if;
  return new;
end $$;
create trigger check_machine before insert or update of id, name, lifecycle, rack, position_u, height_u on machine
  for each row execute function check_machine();

create function check_machine_delete() returns trigger language plpgsql as $$
begin
  if old.lifecycle not in ('discovered', 'enrolled') then
    perform refuse('machine_delete', format('machine %s is %s; only discovered and enrolled ones can be deleted', old.name, old.lifecycle));
  end if;
  return old;
end $$;
create trigger check_machine_delete before delete on machine for each row execute function check_machine_delete();

create function check_rack_height() returns trigger language plpgsql as $$
declare
  top numeric;
begin
  select max(position_u + height_u - 1) into top from machine where rack = new.name;
  if top > new.height_u then
    perform refuse('rack_machines_fit', format('rack %s holds a machine up to U%s', new.name, trim_scale(top)));
  end if;
  return new;
end $$;
create trigger check_rack_height before update of height_u on rack for each row execute function check_rack_height();

create function network_contains(network_name text, ip inet) returns boolean language sql stable as $$
  select coalesce(ip << n.cidr4, false) or coalesce(ip << n.cidr6, false) from network n where n.name = network_name
$$;

create function check_network_range() returns trigger language plpgsql as $$
begin
  if not (network_contains(new.network, new.first) and network_contains(new.network, new.last)) then
    perform refuse('network_range_inside', format('%s to %s is not inside network %s', host(new.first), host(new.last), new.network));
  end if;
  return new;
end $$;
create trigger check_network_range before insert or update on network_range for each row execute function check_network_range();

create function check_address() returns trigger language plpgsql as $$
declare
  n network;
begin
  select * into n from network where name = new.network for share;
  if not network_contains(new.network, new.ip) then
    perform refuse('address_in_network', format('%s is not inside network %s', host(new.ip), new.network));
  end if;
  if new.ip in (n.gateway4, n.gateway6) then
    perform refuse('address_gateway', format('%s is the gateway of network %s', host(new.ip), new.network));
  end if;
  -- First and last of an IPv4 network are its own (RFC 922 §7), but for point-to-point ones (RFC 3021).
  if family(new.ip) = 4 and masklen(n.cidr4) < 31
     and (new.ip = host(n.cidr4)::inet or new.ip = host(broadcast(n.cidr4))::inet) then
    perform refuse('address_broadcast', format('%s is the network or broadcast address of %s', host(new.ip), new.network));
  end if;
  return new;
end $$;
create trigger check_address before insert or update of ip, network on address for each row execute function check_address();

-- A network may not shrink or move away from under its ranges and addresses.
create function check_network() returns trigger language plpgsql as $$
declare
  stray inet;
begin
  select ip into stray from address where network = new.name
    and not (coalesce(ip << new.cidr4, false) or coalesce(ip << new.cidr6, false)) limit 1;
  if stray is null then
    select ip into stray from address where network = new.name and ip in (new.gateway4, new.gateway6) limit 1;
  end if;
  if stray is not null then
    perform refuse('network_addresses_fit', format('network %s has the address %s in use', new.name, host(stray)));
  end if;
  return new;
end $$;
create trigger check_network before update of cidr4, cidr6, gateway4, gateway6 on network for each row execute function check_network();

do $$
declare
  t text;
begin
  foreach t in array array['datacenter', 'room', 'rack', 'network', 'profile', 'service', 'image', 'maintenance_window', 'change_freeze'] loop
    execute format('create trigger bump_revision before update on %I for each row execute function bump_revision()', t);
  end loop;
end $$;
create trigger bump_revision before update on machine
  for each row execute function bump_revision('power', 'power_at', 'hardware', 'updated_at', 'units');
