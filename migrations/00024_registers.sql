-- Who somebody is, over years: a person may stand in several registers, and in one under
-- several ids; every import is in a log, with what was there before it; and who is to be
-- taken for whom is told before it counts.

-- +goose Up
alter table person add column login text not null default '' check (char_length(login) <= 320); -- what a provider knows somebody by besides; folded
create index person_by_address on person (owner_id, email) where email <> '';
create index person_by_login on person (owner_id, login) where login <> '';

create table register_entry (
    owner_id   uuid not null,
    source     text not null,
    sourced_id text not null check (char_length(sourced_id) between 1 and 2000),
    person_id  uuid not null,
    created_at timestamptz not null,
    primary key (owner_id, source, sourced_id),
    foreign key (owner_id, person_id) references person
);
create index register_entry_of_person on register_entry (owner_id, person_id);

-- What an import did, in numbers; before holds what the people whom it changed were, until
-- a later import takes its place: no more than one can be undone.
create table roster_import (
    owner_id    uuid not null references school_owner,
    id          uuid not null,
    at          timestamptz not null,
    imported_by uuid, -- null: the house, by a command
    source      text not null,
    school_id   uuid, -- of a simple CSV
    file_hash   bytea check (octet_length(file_hash) = 32),
    difference  text not null,
    created     int not null,
    updated     int not null,
    deactivated int not null,
    unchanged   int not null,
    odd_rows    int not null,
    questions   int not null,
    brakes      text[] not null, -- why it had to be approved, or did nothing
    ended       int not null,
    held        boolean not null, -- the brake has held it: nothing was done
    before      jsonb,
    undone_at   timestamptz,
    undone_by   uuid,
    primary key (owner_id, id),
    foreign key (owner_id, school_id) references school,
    foreign key (owner_id, imported_by) references person,
    foreign key (owner_id, undone_by) references person
);
create index roster_import_at on roster_import (owner_id, at desc);

-- Something that lets somebody be taken for a person in another way than before. It
-- counts when the person says yes on a device of theirs, or when its time has come and
-- they have been seen on none; it is void when they say no.
create table identity_change (
    owner_id     uuid not null,
    id           uuid not null,
    person_id    uuid not null,
    kind         text not null check (kind in ('ADDRESS', 'LINK', 'RELINK', 'MERGE')),
    was          text not null default '' check (char_length(was) <= 500),  -- the address before
    said         text not null default '' check (char_length(said) <= 500), -- the address now
    issuer       text not null default '' check (char_length(issuer) <= 500),
    subject      text not null default '' check (char_length(subject) <= 500),
    other_id     uuid, -- who becomes part of the person
    asked_by     uuid, -- null: a roster, or whoever signs in
    created_at   timestamptz not null,
    effective_at timestamptz not null check (effective_at >= created_at),
    agreed       boolean not null default false, -- by the person
    other_agreed boolean not null default false,
    outcome      text check (outcome in ('DONE', 'VOID', 'REPLACED', 'UNDONE')),
    ended_at     timestamptz,
    before       jsonb, -- of a merge, so that it can be undone
    primary key (owner_id, id),
    foreign key (owner_id, person_id) references person,
    foreign key (owner_id, other_id) references person,
    foreign key (owner_id, asked_by) references person,
    check ((outcome is null) = (ended_at is null)),
    check ((kind = 'MERGE') = (other_id is not null)),
    check (other_id <> person_id)
);
create index identity_change_of_person on identity_change (owner_id, person_id, created_at desc);
create index identity_change_of_other on identity_change (owner_id, other_id) where other_id is not null;
create index identity_change_of_subject on identity_change (owner_id, issuer, subject) where kind = 'LINK';
create unique index identity_change_open on identity_change (owner_id, person_id, kind, issuer, subject) where outcome is null;

alter table person no force row level security;
insert into register_entry (owner_id, source, sourced_id, person_id, created_at)
select owner_id, source, sourced_id, id, created_at from person where sourced_id is not null and source <> '';
alter table person force row level security;

-- +goose StatementBegin
do $$
declare
    t text;
    tenant constant text := 'owner_id = (select current_setting(''undring.owner'')::uuid)';
    keeper constant text := '(select is_house() or is_administrator())';
    me constant text := '(select current_setting(''undring.person'')::uuid)';
begin
    foreach t in array array['register_entry', 'roster_import', 'identity_change'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy keeper_reads on %I for select to undring_app using (%s and %s)', t, tenant, keeper);
        execute format('create policy definer_all on %I to undring_owner using (%s)', t, tenant);
    end loop;
    execute format('create policy keeper_adds on register_entry for insert to undring_app with check (%s and %s)', tenant, keeper);
    execute format('create policy keeper_changes on register_entry for update to undring_app using (%s and %s)', tenant, keeper);
    execute format('create policy keeper_removes on register_entry for delete to undring_app using (%s and %s)', tenant, keeper);
    execute format('create policy keeper_adds on roster_import for insert to undring_app with check (%s and %s and (is_house() and imported_by is null or imported_by = %s))', tenant, keeper, me);
    execute format('create policy keeper_changes on roster_import for update to undring_app using (%s and %s)', tenant, keeper);
    execute format('create policy own_reads on identity_change for select to undring_app using (%s and (person_id = %s or other_id = %s))', tenant, me, me);
    execute format('create policy keeper_adds on identity_change for insert to undring_app with check (%s and %s and (asked_by is null or asked_by = %s) and not agreed and not other_agreed)', tenant, keeper, me);
    execute format('create policy keeper_changes on identity_change for update to undring_app using (%s and (select is_house()))', tenant);
    execute format('create policy house_changes on sign_in_link for update to undring_app using (%s and is_house())', tenant);
    execute format('create policy house_removes on sign_in_link for delete to undring_app using (%s and is_house())', tenant);
    execute format('create policy definer_changes on sign_in_link to undring_owner using (%s)', tenant);
    execute format('create policy definer_changes on membership to undring_owner using (%s)', tenant);
    execute format('create policy definer_changes on team_member to undring_owner using (%s)', tenant);
    execute format('create policy definer_changes on session for update to undring_owner using (%s)', tenant);
end $$;
-- +goose StatementEnd

-- +goose StatementBegin
-- Says to those who have signed in before that their address is another one now. One that
-- waits already gives way.
create function tell_of_addresses(people uuid[], olds text[], news text[], now_at timestamptz, until timestamptz) returns void
    language plpgsql security definer set search_path = ''
as $$
declare
    tenant constant uuid := current_setting('undring.owner')::uuid;
begin
    if not public.is_house() and not exists (
        select from public.membership m
        where m.owner_id = tenant and m.person_id = current_setting('undring.person')::uuid and m.role = 'ADMINISTRATOR' and m.active) then
        perform public.refuse('role_required');
    end if;
    update public.identity_change c set outcome = 'REPLACED', ended_at = now_at
    where c.owner_id = tenant and c.kind = 'ADDRESS' and c.person_id = any (people) and c.outcome is null;
    insert into public.identity_change (owner_id, id, person_id, kind, was, said, created_at, effective_at)
    select tenant, gen_random_uuid(), n.person, 'ADDRESS', n.old, n.new, now_at, until
    from unnest(people, olds, news) n (person, old, new)
    where public.has_signed_in(n.person);
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- Whether somebody has been seen on a device of theirs after a moment.
create function seen_since(who uuid, moment timestamptz) returns boolean
    language sql stable security definer set search_path = ''
begin atomic
    select exists (
        select from public.session s
        where s.owner_id = current_setting('undring.owner')::uuid and s.person_id = who
          and greatest(s.created_at, s.refreshed_at) > moment);
end;
-- +goose StatementEnd

grant select, insert on register_entry, roster_import, identity_change to undring_app;
grant update (person_id, created_at) on register_entry to undring_app;
grant delete on register_entry, sign_in_link to undring_app;
grant update (before, undone_at, undone_by) on roster_import to undring_app;
grant update (outcome, ended_at, before) on identity_change to undring_app;
grant update (person_id) on sign_in_link to undring_app;
grant update (login) on person to undring_app;
grant update (sourced_id) on school to undring_app;
revoke execute on function tell_of_addresses, seen_since from public;
grant execute on function tell_of_addresses, seen_since to undring_app;
