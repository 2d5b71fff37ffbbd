-- The school's year, its hours set aside, its policy with a log; roles given by
-- hand; a role that reads the policy and nothing else.

-- +goose Up
alter table membership drop constraint membership_role_check;
alter table membership add constraint membership_role check (role in ('TEACHER', 'LEADER', 'ADMINISTRATOR', 'REPRESENTATIVE'));
alter table membership add column by_hand boolean not null default false; -- no roster takes it away
grant update (by_hand) on membership to undring_app;

alter table exchange_policy
    add column purpose text not null default '' check (char_length(purpose) <= 1000),
    add column retention_months int not null default 12 check (retention_months between 1 and 24),
    add column reason text not null default '' check (char_length(reason) <= 500),
    add column agreed_with text not null default '' check (char_length(agreed_with) <= 300), -- whom it was discussed with
    add column set_at timestamptz;
-- Leaders agree on the rules with their staff; administrators write them down too.
-- +goose StatementBegin
create function leads(which_school uuid) returns boolean
    language sql stable
    return exists (
        select from membership
        where owner_id = current_setting('undring.owner')::uuid and school_id = which_school
          and person_id = current_setting('undring.person')::uuid
          and role in ('LEADER', 'ADMINISTRATOR') and active);
-- +goose StatementEnd
create policy leader_adds on exchange_policy for insert to undring_app
    with check (owner_id = (select current_setting('undring.owner')::uuid) and leads(school_id)
        and set_by = (select current_setting('undring.person')::uuid));
-- +goose StatementBegin
-- Rules change forward in time alone.
create function policy_guard() returns trigger
    language plpgsql set search_path = ''
as $$
begin
    if new.set_by is not null and new.effective_at < new.set_at then
        perform public.refuse('invalid_field');
    end if;
    return new;
end
$$;
-- +goose StatementEnd
create trigger policy_guard before insert on exchange_policy for each row execute function policy_guard();

alter table free_day add column name text not null default '' check (char_length(name) <= 100);
create policy roster_removes on free_day for delete to undring_app
    using (owner_id = (select current_setting('undring.owner')::uuid) and (is_house() or is_administrator()));
grant delete on free_day to undring_app;

-- Hours that a school sets aside for visits and cover, and who has booked them:
-- told to those who booked, and to nobody else.
create table time_budget (
    owner_id  uuid not null,
    school_id uuid not null,
    term      text not null check (term ~ '^[0-9]{4}-[12]$'),
    minutes   int not null check (minutes between 0 and 1000000),
    revision  bigint not null check (revision >= 1),
    set_by    uuid not null,
    set_at    timestamptz not null,
    primary key (owner_id, school_id, term),
    foreign key (owner_id, school_id) references school
);
create table time_slot (
    owner_id  uuid not null,
    id        uuid not null,
    school_id uuid not null,
    term      text not null,
    start_at  timestamptz not null,
    end_at    timestamptz not null check (end_at > start_at),
    places    int not null check (places between 1 and 50),
    constraint time_slot__id_taken primary key (owner_id, id),
    foreign key (owner_id, school_id, term) references time_budget (owner_id, school_id, term)
);
create index time_slot_of_term on time_slot (owner_id, school_id, term, start_at);
create table time_booking (
    owner_id  uuid not null,
    slot_id   uuid not null,
    person_id uuid not null,
    booked_at timestamptz not null,
    primary key (owner_id, slot_id, person_id),
    foreign key (owner_id, slot_id) references time_slot on delete cascade,
    foreign key (owner_id, person_id) references person
);

-- +goose StatementBegin
do $$
declare
    t text;
    tenant constant text := 'owner_id = (select current_setting(''undring.owner'')::uuid)';
    me constant text := '(select current_setting(''undring.person'')::uuid)';
begin
    foreach t in array array['time_budget', 'time_slot', 'time_booking'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy definer_all on %I to undring_owner using (%s)', t, tenant);
    end loop;
    foreach t in array array['time_budget', 'time_slot'] loop
        execute format('create policy staff_read on %I for select to undring_app using (%s and exists (select from membership m where m.owner_id = %I.owner_id and m.school_id = %I.school_id and m.person_id = %s and m.active))', t, tenant, t, t, me);
        execute format('create policy leader_adds on %I for insert to undring_app with check (%s and leads(school_id))', t, tenant);
        execute format('create policy leader_changes on %I for update to undring_app using (%s and leads(school_id))', t, tenant);
        execute format('create policy leader_removes on %I for delete to undring_app using (%s and leads(school_id))', t, tenant);
    end loop;
    execute format('create policy own_read on time_booking for select to undring_app using (%s and person_id = %s)', tenant, me);
    execute format('create policy own_add on time_booking for insert to undring_app with check (%s and person_id = %s)', tenant, me);
    execute format('create policy own_remove on time_booking for delete to undring_app using (%s and person_id = %s)', tenant, me);
end $$;
-- +goose StatementEnd
grant select, insert, delete on time_budget, time_slot, time_booking to undring_app;
grant update (minutes, revision, set_by, set_at) on time_budget to undring_app;
grant update (start_at, end_at, places) on time_slot to undring_app;

-- +goose StatementBegin
-- Whether a slot is full; not by whom.
create function slot_full(which uuid) returns boolean
    language plpgsql stable security definer set search_path = ''
as $$
begin
    return (
        select count(*) >= max(s.places) from public.time_slot s
        left join public.time_booking b on b.owner_id = s.owner_id and b.slot_id = s.id
        where s.owner_id = current_setting('undring.owner')::uuid and s.id = which
        having count(b.person_id) >= max(s.places)) is true;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- More people than places: never.
create function slot_guard() returns trigger
    language plpgsql security definer set search_path = ''
as $$
declare
    places int;
begin
    select s.places into places from public.time_slot s where s.owner_id = new.owner_id and s.id = new.slot_id for update;
    if (select count(*) from public.time_booking b where b.owner_id = new.owner_id and b.slot_id = new.slot_id) >= places then
        perform public.refuse('time_taken');
    end if;
    return new;
end
$$;
-- +goose StatementEnd
create trigger slot_guard before insert on time_booking for each row execute function slot_guard();

-- +goose StatementBegin
-- Puts the lessons of people in the place of those that they had between two
-- moments. One's own, or, by an administrator, anybody's of the owner. A lesson at
-- the time of an agreed visit that stands in its way is left out; how many were
-- taken is told.
create function set_lessons(people uuid[], begins timestamptz[], ends timestamptz[], from_at timestamptz, until_at timestamptz) returns int
    language plpgsql security definer set search_path = ''
as $$
declare
    tenant constant uuid := current_setting('undring.owner')::uuid;
    me constant uuid := current_setting('undring.person')::uuid;
    taken int;
begin
    if exists (select from unnest(people) p where p <> me) and not public.is_house() and not exists (
        select from public.membership m
        where m.owner_id = tenant and m.person_id = me and m.role = 'ADMINISTRATOR' and m.active) then
        perform public.refuse('role_required');
    end if;
    delete from public.booking b
    where b.owner_id = tenant and b.person_id = any (people) and b.kind = 2 and b.span && tstzrange(from_at, until_at);
    with lesson as (
        select distinct l.person, tstzrange(l.begins, l.ends) as span
        from unnest(people, begins, ends) l (person, begins, ends)
        where l.begins is not null and l.begins < until_at and l.ends > from_at
    ), added as (
        insert into public.booking (owner_id, person_id, occasion_id, kind, blocks_lesson, span)
        select tenant, l.person, gen_random_uuid(), 2, false, l.span
        from lesson l
        where not exists (
            select from public.booking v
            where v.owner_id = tenant and v.person_id = l.person and v.kind = 1 and v.blocks_lesson and v.span && l.span)
        returning 1
    )
    select count(*) into taken from added;
    return taken;
end
$$;
-- +goose StatementEnd

grant execute on function leads, slot_full, set_lessons to undring_app;
