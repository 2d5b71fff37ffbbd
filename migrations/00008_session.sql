-- Sessions: one for each device that somebody has signed in with; whom a
-- provider's subject stands for; invitations for schools without a provider.

-- +goose Up
create table session (
    owner_id     uuid not null,
    id           uuid not null,
    person_id    uuid not null,
    device_name  text not null check (char_length(device_name) <= 80),
    device_key   bytea check (octet_length(device_key) <= 200), -- public; refreshing is signed with its other half
    opened_by    text not null check (opened_by in ('PROVIDER', 'INVITATION', 'DEMO')),
    generation   int not null default 1 check (generation >= 1), -- of the refresh token that counts
    refreshed_at timestamptz not null,
    created_at   timestamptz not null,
    expires_at   timestamptz not null check (expires_at > created_at),
    ended_at     timestamptz,
    end_reason   text check (end_reason in ('SIGNED_OUT', 'REVOKED', 'REUSED')),
    primary key (owner_id, id),
    foreign key (owner_id, person_id) references person,
    check ((ended_at is null) = (end_reason is null))
);
create index session_of_person on session (owner_id, person_id, created_at desc);
create index session_old on session (owner_id, expires_at);

-- Who comes from a provider is known by issuer and subject, never by an address:
-- that names a person once, at the first sign-in, and can be given to another.
create table sign_in_link (
    owner_id   uuid not null,
    issuer     text not null check (char_length(issuer) between 1 and 500),
    subject    text not null check (char_length(subject) between 1 and 500),
    person_id  uuid not null,
    created_at timestamptz not null,
    primary key (owner_id, issuer, subject),
    constraint one_subject_a_person unique (owner_id, person_id, issuer),
    foreign key (owner_id, person_id) references person
);

create table invitation (
    owner_id   uuid not null,
    id         uuid not null,
    person_id  uuid not null,
    invited_by uuid, -- null: the house, by a command
    code_hash  bytea not null check (octet_length(code_hash) = 32),
    created_at timestamptz not null,
    valid_from timestamptz not null check (valid_from >= created_at),
    expires_at timestamptz not null check (expires_at > valid_from),
    used_at    timestamptz,
    primary key (owner_id, id),
    constraint invitation_code unique (owner_id, code_hash),
    foreign key (owner_id, person_id) references person,
    foreign key (owner_id, invited_by) references person
);
create index person_by_email on person (owner_id, lower(email)) where email <> '';
create index invitation_of_person on invitation (owner_id, person_id);

-- +goose StatementBegin
do $$
declare
    t text;
    tenant constant text := 'owner_id = (select current_setting(''undring.owner'')::uuid)';
    me constant text := '(select current_setting(''undring.person'')::uuid)';
begin
    foreach t in array array['session', 'sign_in_link', 'invitation'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
    end loop;
    execute format('create policy own_read on session for select to undring_app using (%s and person_id = %s)', tenant, me);
    execute format('create policy own_add on session for insert to undring_app with check (%s and person_id = %s)', tenant, me);
    execute format('create policy own_change on session for update to undring_app using (%s and person_id = %s)', tenant, me);
    execute format('create policy house_removes on session for delete to undring_app using (%s and is_house())', tenant);
    execute format('create policy house_reads on session for select to undring_app using (%s and is_house())', tenant);

    execute format('create policy house_reads on sign_in_link for select to undring_app using (%s and is_house())', tenant);
    execute format('create policy house_adds on sign_in_link for insert to undring_app with check (%s and is_house())', tenant);

    execute format('create policy house_or_invited_reads on invitation for select to undring_app using (%s and (is_house() or is_administrator() or person_id = %s))', tenant, me);
    execute format('create policy administrator_adds on invitation for insert to undring_app with check (%s and (is_administrator() and invited_by = %s or is_house() and invited_by is null))', tenant, me);
    execute format('create policy house_or_invited_changes on invitation for update to undring_app using (%s and (is_house() or is_administrator() or person_id = %s))', tenant, me);
    execute 'create policy definer_reads on invitation for select to undring_owner using (true)';
    execute format('create policy definer_reads on sign_in_link for select to undring_owner using (%s)', tenant);
    execute format('create policy definer_reads on session for select to undring_owner using (%s)', tenant);
    execute format('create policy definer_changes on person for update to undring_owner using (%s)', tenant);
end $$;
-- +goose StatementEnd

-- +goose StatementBegin
-- Whose invitation has this code: who signs in by one has nothing else to say who
-- they are and where they belong.
create function invitation_of(hash bytea) returns table (owner_id uuid, person_id uuid)
    language sql stable security definer set search_path = ''
begin atomic
    select i.owner_id, i.person_id from public.invitation i where i.code_hash = hash limit 1;
end;
-- +goose StatementEnd
create index invitation_by_code on invitation (code_hash);

-- +goose StatementBegin
-- Has someone ever signed in? Asked by an administrator who invites them, and may
-- not see their sessions.
create function has_signed_in(who uuid) returns boolean
    language sql stable security definer set search_path = ''
begin atomic
    select exists (
        select from public.session s
        where s.owner_id = current_setting('undring.owner')::uuid and s.person_id = who)
        or exists (
        select from public.sign_in_link l
        where l.owner_id = current_setting('undring.owner')::uuid and l.person_id = who);
end;
-- +goose StatementEnd

-- +goose StatementBegin
-- Everyone chooses their own language; the rest of a person is the roster's.
create function set_locale(which text) returns void
    language sql security definer set search_path = ''
begin atomic
    update public.person set locale = which
    where owner_id = current_setting('undring.owner')::uuid and id = current_setting('undring.person')::uuid;
end;
-- +goose StatementEnd

-- +goose StatementBegin
-- A session that has ended stays so, and refresh tokens are counted upwards.
create function session_guard() returns trigger
    language plpgsql set search_path = ''
as $$
begin
    if old.ended_at is not null or new.generation < old.generation then
        perform public.refuse('session_revoked');
    end if;
    return new;
end
$$;
-- +goose StatementEnd
create trigger session_guard before update on session for each row execute function session_guard();

grant select, insert, delete on session to undring_app;
grant update (generation, refreshed_at, ended_at, end_reason) on session to undring_app;
grant select, insert on sign_in_link, invitation to undring_app;
grant update (used_at) on invitation to undring_app;
grant execute on function invitation_of, has_signed_in, set_locale to undring_app;
