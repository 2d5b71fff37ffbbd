-- People, schools and what the staff have agreed on; and the memory of
-- requests, which makes every change safe to repeat.
--
-- In every table the tenant (owner_id, the school owner) leads the primary key,
-- every unique key and every foreign key, so that nothing points across owners
-- and the schema can be distributed by owner. Row level security is on and
-- forced in each. The identity is set for one transaction:
--   undring.owner   the tenant
--   undring.person  the person who acts; the nil UUID is the house itself
--                   (commands and jobs of whoever holds the database)
-- Unset, a policy raises an error: nobody is ever everybody.
--
-- Policies of undring_owner exist for the definer functions alone, and end at
-- the tenant like all others.

-- +goose Up
create extension if not exists btree_gist;

create table school_owner (
    owner_id uuid primary key,
    name     text not null check (char_length(name) between 1 and 200)
);

create table school (
    owner_id   uuid not null references school_owner,
    id         uuid not null,
    name       text not null check (char_length(name) between 1 and 200),
    time_zone  text not null default 'Europe/Oslo',
    sourced_id text check (sourced_id <> ''), -- the id in the register that it came from
    created_at timestamptz not null,
    constraint school__id_taken primary key (owner_id, id),
    constraint school_sourced unique (owner_id, sourced_id)
);

-- The rules that hold from a moment on. Rows are added, never changed, so that
-- no change reaches back.
create table exchange_policy (
    owner_id     uuid not null,
    school_id    uuid not null,
    effective_at timestamptz not null,
    feedback_due int not null check (feedback_due between 0 and 20), -- school days after the lesson
    answer_due   int not null check (answer_due between 1 and 20),   -- school days after the feedback
    takeaway_due int not null check (takeaway_due between 1 and 20), -- school days after the answers
    gate         boolean not null,
    set_by       uuid, -- null: the default that the school began with
    primary key (owner_id, school_id, effective_at),
    foreign key (owner_id, school_id) references school
);

-- Days without school besides Saturdays and Sundays.
create table free_day (
    owner_id  uuid not null,
    school_id uuid not null,
    day       date not null,
    primary key (owner_id, school_id, day),
    foreign key (owner_id, school_id) references school
);

create table person (
    owner_id    uuid not null references school_owner,
    id          uuid not null,
    given_name  text not null check (char_length(given_name) <= 200),
    family_name text not null check (char_length(family_name) <= 200),
    email       text not null default '' check (char_length(email) <= 320),
    locale      text not null default 'nb' check (locale in ('nb', 'nn', 'en')),
    active      boolean not null default true,
    source      text not null default '', -- the register that the person came from
    sourced_id  text check (sourced_id <> ''),
    created_at  timestamptz not null,
    constraint person__id_taken primary key (owner_id, id),
    constraint person_sourced unique (owner_id, source, sourced_id)
);

-- Never deleted, so that a visit keeps standing on the memberships of its two.
create table membership (
    owner_id  uuid not null,
    school_id uuid not null,
    person_id uuid not null,
    role      text not null check (role in ('TEACHER', 'LEADER', 'ADMINISTRATOR')),
    active    boolean not null default true,
    since     timestamptz not null,
    primary key (owner_id, school_id, person_id, role),
    foreign key (owner_id, school_id) references school,
    foreign key (owner_id, person_id) references person
);
create index membership_of_person on membership (owner_id, person_id);

create table team (
    owner_id  uuid not null,
    school_id uuid not null,
    id        uuid not null,
    name      text not null check (char_length(name) between 1 and 200),
    primary key (owner_id, school_id, id),
    constraint team_name unique (owner_id, school_id, name),
    foreign key (owner_id, school_id) references school
);

create table team_member (
    owner_id  uuid not null,
    school_id uuid not null,
    team_id   uuid not null,
    person_id uuid not null,
    primary key (owner_id, school_id, team_id, person_id),
    foreign key (owner_id, school_id, team_id) references team,
    foreign key (owner_id, person_id) references person
);
create index team_of_person on team_member (owner_id, school_id, person_id);

-- What a request led to, for 30 days: the same request gets the same reply.
-- reply is null once the visit that it was about has been withdrawn.
create table request (
    owner_id     uuid not null references school_owner,
    person_id    uuid not null,
    request_id   uuid not null,
    rpc          text not null,
    content_hash bytea not null check (octet_length(content_hash) = 32),
    visit_id     uuid,
    reply        bytea,
    at           timestamptz not null,
    constraint request_once primary key (owner_id, person_id, request_id)
);
create index request_of_visit on request (owner_id, visit_id) where visit_id is not null;
create index request_age on request (owner_id, at);

-- +goose StatementBegin
-- The house itself acts: a command, a job.
create function is_house() returns boolean
    language sql stable parallel safe
    return current_setting('undring.person')::uuid = '00000000-0000-0000-0000-000000000000'::uuid;
-- +goose StatementEnd

-- +goose StatementBegin
-- The one who acts keeps the roster of some school of the owner.
create function is_administrator() returns boolean
    language sql stable
    return exists (
        select from membership
        where owner_id = current_setting('undring.owner')::uuid
          and person_id = current_setting('undring.person')::uuid
          and role = 'ADMINISTRATOR' and active);
-- +goose StatementEnd

-- +goose StatementBegin
-- Every owner's id, for jobs that go from one tenant to the next.
create function owners() returns setof uuid
    language sql stable security definer set search_path = ''
begin atomic
    select owner_id from public.school_owner where public.is_house();
end;
-- +goose StatementEnd

-- +goose StatementBegin
-- Everyone of the owner reads the school's tables; who keeps the roster writes them.
do $$
declare
    t text;
begin
    foreach t in array array['school_owner', 'school', 'exchange_policy', 'free_day', 'person', 'membership', 'team', 'team_member'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy tenant_reads on %I for select to undring_app using (owner_id = (select current_setting(''undring.owner'')::uuid))', t);
        execute format('create policy roster_adds on %I for insert to undring_app with check (owner_id = (select current_setting(''undring.owner'')::uuid) and (is_house() or is_administrator()))', t);
        execute format('create policy roster_changes on %I for update to undring_app using (owner_id = (select current_setting(''undring.owner'')::uuid) and (is_house() or is_administrator()))', t);
        execute format('create policy definer_reads on %I for select to undring_owner using (%s)', t,
            case t when 'school_owner' then 'true' else 'owner_id = (select current_setting(''undring.owner'')::uuid)' end);
    end loop;
end
$$;
-- +goose StatementEnd

create policy roster_removes on team_member for delete to undring_app
    using (owner_id = (select current_setting('undring.owner')::uuid) and (is_house() or is_administrator()));

alter table request enable row level security;
alter table request force row level security;
create policy own_reads on request for select to undring_app
    using (owner_id = (select current_setting('undring.owner')::uuid) and person_id = (select current_setting('undring.person')::uuid));
create policy own_adds on request for insert to undring_app
    with check (owner_id = (select current_setting('undring.owner')::uuid) and person_id = (select current_setting('undring.person')::uuid));
create policy definer_all on request to undring_owner
    using (owner_id = (select current_setting('undring.owner')::uuid));

grant select, insert on school_owner, school, exchange_policy, free_day, person, membership, team, team_member, request to undring_app;
grant update (name, time_zone) on school to undring_app;
grant update (given_name, family_name, email, locale, active) on person to undring_app;
grant update (active) on membership to undring_app;
grant delete on team_member to undring_app;
grant execute on function is_house, is_administrator, owners to undring_app;
