-- Needs: what somebody drops into the suggestion box of a school, and what becomes
-- of it. An anonymous one keeps no trace of who wrote it: it lies in a box that
-- nobody can read, without a time, until its day is over; then the house takes all
-- of that day out at once and in no order, so that neither the moment, nor the
-- place, nor the transaction of a row is that of the one who wrote it.

-- +goose Up
create table need (
    owner_id    uuid not null,
    id          uuid not null,
    school_id   uuid not null,
    day         date not null, -- by the school's clock
    due_on      date not null, -- ten school days later: a leader is to have answered by then
    person_id   uuid,          -- null: anonymous
    text        text not null check (char_length(text) between 1 and 500),
    status      text not null default 'OPEN' check (status in ('OPEN', 'CONSIDERED', 'TAKEN_UP', 'DONE', 'NOT_NOW')),
    answer      text not null default '' check (char_length(answer) <= 1000),
    answered_by uuid,
    answered_on date,
    revision    bigint not null default 1 check (revision >= 1),
    constraint need__id_taken primary key (owner_id, id),
    constraint need_of_school unique (owner_id, id, school_id),
    -- Whoever answered may be erased; that it was answered, and why, stands.
    constraint answered check ((status = 'OPEN') = (answered_on is null) and (status = 'OPEN' or answer <> '')),
    foreign key (owner_id, school_id) references school,
    foreign key (owner_id, person_id) references person,
    foreign key (owner_id, answered_by) references person
);
create index need_of_day on need (owner_id, school_id, day desc, md5(id::text));
create index need_of_person on need (owner_id, person_id) where person_id is not null;
create index need_answerer on need (owner_id, answered_by) where answered_by is not null;

create table need_box (
    owner_id  uuid not null,
    id        uuid not null,
    school_id uuid not null,
    day       date not null,
    due_on    date not null,
    text      text not null check (char_length(text) between 1 and 500),
    primary key (owner_id, id),
    foreign key (owner_id, school_id) references school
);

create table need_support (
    owner_id  uuid not null,
    need_id   uuid not null,
    person_id uuid not null,
    school_id uuid not null,
    story     text not null default '' check (char_length(story) <= 1000),
    day       date not null,
    primary key (owner_id, need_id, person_id),
    foreign key (owner_id, need_id, school_id) references need (owner_id, id, school_id) on delete cascade,
    foreign key (owner_id, person_id) references person
);
create index support_of_need on need_support (owner_id, need_id, school_id);
create index support_of_person on need_support (owner_id, person_id);

-- +goose StatementBegin
do $$
declare
    t text;
    tenant constant text := 'owner_id = (select current_setting(''undring.owner'')::uuid)';
    me constant text := '(select current_setting(''undring.person'')::uuid)';
begin
    foreach t in array array['need', 'need_box', 'need_support'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy definer_all on %I to undring_owner using (%s)', t, tenant);
        execute format('create policy own_add on %I for insert to undring_app with check (%s and belongs_to(school_id, %s) and %s)', t, tenant, me,
            case t when 'need' then 'person_id = ' || me || ' and status = ''OPEN''' when 'need_support' then 'person_id = ' || me else 'true' end);
    end loop;
    -- Nobody reads the box.
    foreach t in array array['need', 'need_support'] loop
        execute format('create policy staff_read on %I for select to undring_app using (%s and belongs_to(school_id, %s))', t, tenant, me);
        execute format('create policy own_remove on %I for delete to undring_app using (%s and person_id = %s)', t, tenant, me);
    end loop;
    execute format('create policy leader_answers on need for update to undring_app using (%s and leads(school_id)) with check (answered_by = %s)', tenant, me);
    execute format('create policy own_change on need_support for update to undring_app using (%s and person_id = %s)', tenant, me);
end
$$;
-- +goose StatementEnd
grant select, insert, delete, update (status, answer, answered_by, answered_on, revision) on need to undring_app;
grant insert on need_box to undring_app;
grant select, insert, delete, update (story, day) on need_support to undring_app;

-- +goose StatementBegin
-- Of focus: takes out of the box what was dropped in before today, by each school's
-- clock, all of a day at once and in no order; at most so many.
create function open_box(moment timestamptz, most int) returns int
    language plpgsql security definer set search_path = ''
as $$
declare
    tenant constant uuid := current_setting('undring.owner')::uuid;
    taken int;
begin
    if not public.is_house() then
        perform public.refuse('role_required');
    end if;
    with out as (
        delete from public.need_box b using (
            select x.owner_id, x.id from public.need_box x
            join public.school s on s.owner_id = x.owner_id and s.id = x.school_id
            where x.owner_id = tenant and x.day < (moment at time zone s.time_zone)::date
            order by x.day limit most for update of x skip locked) due
        where b.owner_id = due.owner_id and b.id = due.id
        returning b.*)
    insert into public.need (owner_id, id, school_id, day, due_on, text)
    select o.owner_id, gen_random_uuid(), o.school_id, o.day, o.due_on, o.text from out o order by random();
    get diagnostics taken = row_count;
    return taken;
end
$$;
-- +goose StatementEnd

-- Phones have all that a school works on as one thing.
alter table feed drop constraint feed_thing_check,
    add constraint feed_thing_check check (thing in ('OBSERVATION', 'NOTE', 'EXCHANGE', 'DRAFT', 'ROUND', 'SCHOOL', 'ME', 'COMMONS')) not valid;
alter table feed validate constraint feed_thing_check;

-- +goose StatementBegin
-- Moves what a school works on to the end of the feeds of all who have the school
-- there. One at a time for each school, as with the school itself.
create function feed_of_commons() returns trigger
    language plpgsql security definer set search_path = ''
as $$
begin
    perform pg_advisory_xact_lock(hashtextextended('commons of school ' || s.school_id, 0))
    from (select distinct c.school_id from changed c order by 1) s;
    insert into public.feed as f (owner_id, person_id, thing, subject_id)
    select distinct l.owner_id, l.person_id, 'COMMONS', l.subject_id
    from (select distinct c.owner_id, c.school_id from changed c) s
    join public.feed l on l.owner_id = s.owner_id and l.subject_id = s.school_id and l.thing = 'SCHOOL'
    order by 1, 2, 4
    on conflict (owner_id, person_id, thing, subject_id) do update
        set xid = excluded.xid, seq = excluded.seq, gone = false, at = excluded.at
        where f.xid <> excluded.xid;
    return null;
end
$$;
create function feed_commons_of_member() returns trigger
    language plpgsql security definer set search_path = ''
as $$
begin
    insert into public.feed as f (owner_id, person_id, thing, subject_id)
    select distinct c.owner_id, c.person_id, 'COMMONS', c.school_id from changed c order by 1, 2, 4
    on conflict (owner_id, person_id, thing, subject_id) do update
        set xid = excluded.xid, seq = excluded.seq, gone = false, at = excluded.at
        where f.xid <> excluded.xid;
    return null;
end
$$;
do $do$
declare
    t text;
begin
    foreach t in array array['need', 'need_support'] loop
        execute format('create trigger feed_added after insert on %I referencing new table as changed for each statement execute function feed_of_commons()', t);
        execute format('create trigger feed_changed after update on %I referencing new table as changed for each statement execute function feed_of_commons()', t);
        execute format('create trigger feed_removed after delete on %I referencing old table as changed for each statement execute function feed_of_commons()', t);
    end loop;
    create trigger commons_added after insert on membership referencing new table as changed for each statement execute function feed_commons_of_member();
    create trigger commons_changed after update on membership referencing new table as changed for each statement execute function feed_commons_of_member();
end
$do$;
revoke execute on function open_box, feed_of_commons, feed_commons_of_member from public;
grant execute on function open_box to undring_app;

-- Whoever has a school on their phone already.
insert into feed (owner_id, person_id, thing, subject_id)
select owner_id, person_id, 'COMMONS', subject_id from feed where thing = 'SCHOOL' on conflict do nothing;
-- +goose StatementEnd
