-- A trigger without arguments has none, not an empty list of them: nothing taken from NULL was ever distinct, and only
-- machines counted their versions.
create or replace function bump_revision() returns trigger language plpgsql as $$
declare
  observed text[] := coalesce(tg_argv, '{}');
begin
  if (to_jsonb(new) - observed) is distinct from (to_jsonb(old) - observed) then
    new.revision := old.revision + 1;
    new.updated_at := now();
  end if;
  return new;
end $$;
