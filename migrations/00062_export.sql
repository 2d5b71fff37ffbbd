-- A copy of all that is mine: what a person may read of themselves for it, and how they
-- hear of each.

-- +goose Up

-- Rows about oneself that only who keeps a roster could read until now.
create policy own_reads on register_entry for select to undring_app using (
    owner_id = (select current_setting('undring.owner')::uuid) and person_id = (select current_setting('undring.person')::uuid));
create policy own_reads on sign_in_link for select to undring_app using (
    owner_id = (select current_setting('undring.owner')::uuid) and person_id = (select current_setting('undring.person')::uuid));

-- +goose StatementBegin
-- Of session: when a session of the person in hand was opened by a sign-in; null: it is
-- none of theirs.
create function signed_in_at(which uuid) returns timestamptz
    language sql stable set search_path = ''
begin atomic
    select s.created_at from public.session s
    where s.owner_id = current_setting('undring.owner')::uuid and s.id = which
      and s.person_id = current_setting('undring.person')::uuid and s.ended_at is null;
end;
-- +goose StatementEnd

-- +goose StatementBegin
-- Of privacy: writes down that the person in hand takes a copy of what is theirs, and
-- tells every device of theirs.
create or replace function note_export(export uuid, moment timestamptz) returns void
    language plpgsql security definer set search_path = ''
as $$
declare
    tenant constant uuid := current_setting('undring.owner')::uuid;
    me constant uuid := current_setting('undring.person')::uuid;
begin
    insert into public.access (owner_id, person_id, reader_id, kind, thing_id, day, at)
    values (tenant, me, me, 'EXPORT', export, (moment at time zone 'UTC')::date, moment);
    perform public.tell(tenant, array[me], 'ME', me, false);
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- Of privacy: when the person in hand last took a copy; null: not that it is known.
create function last_export() returns timestamptz
    language sql stable set search_path = ''
begin atomic
    select max(a.at) from public.access a
    where a.owner_id = current_setting('undring.owner')::uuid and a.person_id = current_setting('undring.person')::uuid and a.kind = 'EXPORT';
end;
-- +goose StatementEnd
create index access_export on access (owner_id, person_id, at) where kind = 'EXPORT';

revoke execute on function signed_in_at, last_export from public;
grant execute on function signed_in_at, last_export to undring_app;
