-- The timeline, jobs and reservations as far as they guard machines, and who may ask.

create table event (
  id bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  -- Ids are handed out before commit, so a lower id can appear after a higher one. Readers go by (txid, id) and
  -- only below pg_snapshot_xmin: that order never gains a row behind a reader.
  txid xid8 not null default pg_current_xact_id(),
  machine bigint,
  job bigint,
  request bigint,
  source text not null,
  kind text not null,
  actor text,
  data jsonb not null default '{}'
);
create index event_order on event (txid, id);
create index event_by_machine on event (machine, id) where machine is not null;
create index event_by_job on event (job, id) where job is not null;
create index event_by_request on event (request, id) where request is not null;

create function refuse_event_change() returns trigger language plpgsql as $$
begin
  perform refuse('event_append_only', 'events are never changed or removed one by one');
  return null;
end $$;
create trigger event_append_only before update or delete on event for each row execute function refuse_event_change();

-- A hint that wakes readers; the table is the truth.
create function notify_event() returns trigger language plpgsql as $$
begin
  perform pg_notify('event', '');
  return null;
end $$;
create trigger notify_event after insert on event for each statement execute function notify_event();

create table job (
  id bigint generated always as identity primary key,
  kind text not null,
  machine bigint constraint job_machine references machine,
  epoch integer not null default 0,
  queued_at timestamptz not null default now(),
  started_at timestamptz,
  ended_at timestamptz,
  constraint job_order check (ended_at is null or started_at is null or started_at <= ended_at)
);
create unique index job_one_active on job (machine) where started_at is not null and ended_at is null;

create table reservation (
  id bigint generated always as identity primary key,
  machine bigint not null constraint reservation_machine references machine,
  request bigint,
  during tstzrange not null constraint reservation_not_empty check (not isempty(during)),
  created_by text not null,
  created_at timestamptz not null default now(),
  constraint reservation_no_overlap exclude using gist (machine with =, during with &&)
);

create table token (
  id bigint generated always as identity primary key,
  name label not null,
  -- SHA-256 of the token. It has 256 random bits, so a slow password hash would add nothing.
  hash bytea not null constraint token_hash unique,
  role text not null constraint token_role check (role in ('viewer', 'developer', 'operator', 'admin')),
  team text,
  created_by text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz,
  constraint token_team check (role <> 'developer' or team is not null)
);
-- A name is free again once its token is revoked.
create unique index token_name on token (name) where revoked_at is null;

create table idempotency (
  actor text not null,
  key text not null,
  request_hash text not null,
  status integer,
  -- Not jsonb, which orders keys anew: a repeated answer is the first one to the letter.
  body json,
  etag text,
  at timestamptz not null default now(),
  primary key (actor, key)
);
create index idempotency_by_age on idempotency (at);

create table setting (
  key text primary key,
  value jsonb not null
);
