-- Focus areas: what a school works on. A draft is theirs who write it; from its hearing
-- on all who work there read it. At most three are in the plan at once. A visit or an
-- action may point at one, and never must.

-- +goose Up
create table focus_area (
    owner_id       uuid not null,
    id             uuid not null,
    school_id      uuid not null,
    state          text not null default 'DRAFT' check (state in ('DRAFT', 'HEARING', 'ADOPTED', 'ENDED')),
    origin         text not null check (origin in ('TEACHERS', 'LEADERS', 'TOGETHER')),
    proposed_by    uuid not null,
    named          boolean not null,
    title          text not null check (char_length(title) between 1 and 120),
    background     text not null check (char_length(background) between 1 and 2000),
    source         text not null check (char_length(source) <= 500),
    goal           text not null check (char_length(goal) between 1 and 500),
    steps          jsonb not null default '[]' check (jsonb_typeof(steps) = 'array' and jsonb_array_length(steps) <= 10),
    need_ids       uuid[] not null default '{}' check (cardinality(need_ids) <= 20),
    responsible_id uuid,
    hearing_until  date,
    slot           int check (slot between 1 and 3), -- its place in the plan
    agreed_with    text not null default '' check (char_length(agreed_with) <= 200),
    result         text not null default '' check (char_length(result) <= 1000),
    revision       bigint not null default 1 check (revision >= 1),
    created_on     date not null,
    constraint focus_area__id_taken primary key (owner_id, id),
    constraint focus_area_of_school unique (owner_id, id, school_id),
    -- What is in the plan was heard before: an ended one may never have been.
    constraint area__hearing_missing check (state not in ('HEARING', 'ADOPTED') or hearing_until is not null),
    constraint in_the_plan check ((state = 'ADOPTED') = (slot is not null)),
    foreign key (owner_id, school_id) references school,
    foreign key (owner_id, proposed_by) references person,
    foreign key (owner_id, responsible_id) references person
);
create unique index area__too_many_areas on focus_area (owner_id, school_id, slot) where slot is not null;
create index area_of_school on focus_area (owner_id, school_id, state);
create index area_of_proposer on focus_area (owner_id, proposed_by);
create index area_of_responsible on focus_area (owner_id, responsible_id) where responsible_id is not null;

create table hearing_voice (
    owner_id  uuid not null,
    id        uuid not null,
    area_id   uuid not null,
    school_id uuid not null,
    person_id uuid not null,
    text      text not null check (char_length(text) between 1 and 1000),
    day       date not null,
    constraint hearing_voice__id_taken primary key (owner_id, id),
    foreign key (owner_id, area_id, school_id) references focus_area (owner_id, id, school_id),
    foreign key (owner_id, person_id) references person
);
create index voice_of_area on hearing_voice (owner_id, area_id, day, id);
create index voice_of_person on hearing_voice (owner_id, person_id);

-- Rows are added and never changed.
create table focus_change (
    owner_id  uuid not null,
    area_id   uuid not null,
    revision  bigint not null,
    kind      text not null check (kind in ('HEARING', 'ADOPTED', 'UPDATED', 'ENDED')),
    reason    text not null check (char_length(reason) <= 500),
    person_id uuid not null,
    day       date not null,
    primary key (owner_id, area_id, revision),
    foreign key (owner_id, area_id) references focus_area,
    foreign key (owner_id, person_id) references person
);
create index focus_change_of_person on focus_change (owner_id, person_id);

-- +goose StatementBegin
do $$
declare
    t text;
    tenant constant text := 'owner_id = (select current_setting(''undring.owner'')::uuid)';
    me constant text := '(select current_setting(''undring.person'')::uuid)';
begin
    foreach t in array array['focus_area', 'hearing_voice', 'focus_change'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy definer_all on %I to undring_owner using (%s)', t, tenant);
    end loop;
    execute format('create policy staff_read on focus_area for select to undring_app using (%s and belongs_to(school_id, %s)
        and (state <> ''DRAFT'' or proposed_by = %s or origin = ''LEADERS'' and leads(school_id)))', tenant, me, me);
    execute format('create policy own_add on focus_area for insert to undring_app with check (%s and belongs_to(school_id, %s) and proposed_by = %s and state = ''DRAFT'')', tenant, me, me);
    execute format('create policy own_change on focus_area for update to undring_app using (%s and (proposed_by = %s or responsible_id = %s or leads(school_id)))', tenant, me, me);
    -- What belongs to an area is read by whoever reads the area.
    foreach t in array array['hearing_voice', 'focus_change'] loop
        execute format('create policy staff_read on %I for select to undring_app using (%s and exists (
            select from focus_area a where a.owner_id = %I.owner_id and a.id = area_id))', t, tenant, t);
        execute format('create policy own_add on %I for insert to undring_app with check (%s and person_id = %s and exists (
            select from focus_area a where a.owner_id = %I.owner_id and a.id = area_id %s))', t, tenant, me, t,
            case t when 'hearing_voice' then 'and a.state = ''HEARING''' else '' end);
    end loop;
end
$$;
-- +goose StatementEnd
grant select, insert, update (state, title, background, source, goal, steps, need_ids, responsible_id, hearing_until, slot, agreed_with, result, revision) on focus_area to undring_app;
grant select, insert on hearing_voice, focus_change to undring_app;

-- +goose StatementBegin
-- A draft is told to the phones of those who read it, and to nobody else: that somebody
-- writes one is theirs, too.
create function feed_area() returns trigger
    language plpgsql security definer set search_path = ''
as $$
begin
    perform pg_advisory_xact_lock(hashtextextended('commons of school ' || new.school_id, 0));
    insert into public.feed as f (owner_id, person_id, thing, subject_id)
    select distinct l.owner_id, l.person_id, 'COMMONS', l.subject_id
    from public.feed l
    where l.owner_id = new.owner_id and l.subject_id = new.school_id and l.thing = 'SCHOOL'
      and (new.state <> 'DRAFT' or l.person_id = new.proposed_by or new.origin = 'LEADERS' and exists (
          select from public.membership m
          where m.owner_id = l.owner_id and m.school_id = new.school_id and m.person_id = l.person_id and m.role = 'LEADER' and m.active))
    order by 1, 2, 4
    on conflict (owner_id, person_id, thing, subject_id) do update
        set xid = excluded.xid, seq = excluded.seq, gone = false, at = excluded.at
        where f.xid <> excluded.xid;
    return null;
end
$$;
create trigger feed_area after insert or update on focus_area for each row execute function feed_area();
create trigger feed_added after insert on hearing_voice referencing new table as changed for each statement execute function feed_of_commons();

-- Of focus: an area that somebody points at is one of the school, and no draft.
create function area_there(which uuid, of_school uuid) returns boolean
    language sql stable
begin atomic
    select exists (
        select from public.focus_area a
        where a.owner_id = current_setting('undring.owner')::uuid and a.id = which and a.school_id = of_school and a.state <> 'DRAFT');
end;
create function area_guard() returns trigger
    language plpgsql set search_path = ''
as $$
begin
    if not public.area_there(new.focus_area_id, case tg_table_name when 'visit' then (to_jsonb(new) ->> 'school_id')::uuid
            else public.school_of_visit((to_jsonb(new) ->> 'visit_id')::uuid) end) then
        perform public.refuse('not_found');
    end if;
    return new;
end
$$;
create trigger area_of_new before insert on visit for each row when (new.focus_area_id is not null) execute function area_guard();
create trigger area_of_changed before update of focus_area_id on visit for each row
    when (new.focus_area_id is not null and new.focus_area_id is distinct from old.focus_area_id) execute function area_guard();
create trigger area_of_new before insert on action for each row when (new.focus_area_id is not null) execute function area_guard();
revoke execute on function feed_area, area_guard from public;
-- +goose StatementEnd

-- +goose StatementBegin
-- Who reads it stands with what somebody wrote.
do $$
declare
    t text;
begin
    foreach t in array array['need', 'need_support', 'hearing_voice'] loop
        execute format('alter table %I add column audience audience not null default ''SCHOOL''', t);
        execute format('create policy audience_holds on %I as restrictive for select to undring_app using (
            person_id = (select current_setting(''undring.person'')::uuid) or audience >= ''SCHOOL'')', t);
        execute format('create trigger audience_born before insert on %I for each row when (new.audience > ''SCHOOL'') execute function audience_stands()', t);
        execute format('create trigger audience_stands before update of audience on %I for each row when (new.audience > old.audience) execute function audience_stands()', t);
    end loop;
end $$;
-- +goose StatementEnd

-- +goose StatementBegin
-- Takes away what is a person's beside their visits: what they said in hearings, too.
create or replace function erase_person_apart(tenant uuid, who uuid) returns void
    language plpgsql security definer set search_path = ''
as $$
begin
    delete from public.prompt where owner_id = tenant and author_id = who;
    delete from public.need where owner_id = tenant and person_id = who;
    delete from public.need_support where owner_id = tenant and person_id = who;
    delete from public.hearing_voice where owner_id = tenant and person_id = who;
    delete from public.booking where owner_id = tenant and person_id = who;
    delete from public.open_lesson where owner_id = tenant and person_id = who;
    delete from public.availability where owner_id = tenant and person_id = who;
    delete from public.kept_from_suggestions where owner_id = tenant and who in (person_id, other_id);
    delete from public.request where owner_id = tenant and person_id = who;
    update public.person set given_name = '', family_name = '', email = '', login = '' where owner_id = tenant and id = who;
    update public.person set sourced_id = null where owner_id = tenant and id = who;
    delete from public.register_entry where owner_id = tenant and person_id = who;
    update public.roster_import set before = null where owner_id = tenant and strpos(before::text, who::text) > 0;
    delete from public.identity_change where owner_id = tenant and who in (person_id, other_id);
    delete from public.team_member where owner_id = tenant and person_id = who;
    delete from public.invitation where owner_id = tenant and person_id = who;
    delete from public.time_booking where owner_id = tenant and person_id = who;
    delete from public.session where owner_id = tenant and person_id = who;
    delete from public.sign_in_days where owner_id = tenant and person_id = who;
    delete from public.sign_in_link where owner_id = tenant and person_id = who;
    delete from public.access where owner_id = tenant and person_id = who;
    delete from public.consent where owner_id = tenant and person_id = who;
    delete from public.feed where owner_id = tenant and person_id = who;
end
$$;
-- +goose StatementEnd
