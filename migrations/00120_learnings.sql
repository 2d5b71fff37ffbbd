-- Learnings: what the two of a visit share of what they learned, for a team or the
-- school, once both have said yes. It stands by itself: when the words of the visit go,
-- it stays, and it outlives those who wrote it. Either of the two takes it back at any
-- time, with all that stands on it.

-- +goose Up
create table learning (
    owner_id      uuid not null,
    id            uuid not null,
    school_id     uuid not null,
    from_visit    uuid not null, -- no key: the visit may be forgotten
    writer_id     uuid not null,
    other_id      uuid not null check (other_id <> writer_id),
    team_id       uuid, -- null: the school
    focus_area_id uuid,
    text          text not null check (char_length(text) between 1 and 1000),
    source        text not null check (char_length(source) <= 300),
    mark          text not null check (mark in ('WORKED_HERE', 'LET_US_TRY')),
    published     boolean not null default false,
    day           date not null, -- of the proposal; then of the publication
    practice      text not null default '' check (char_length(practice) <= 500),
    agreed_with   text not null default '' check (char_length(agreed_with) <= 200),
    decided_by    uuid,
    decided_on    date,
    -- Both written languages have the stems of one; English has its own.
    words         tsvector not null generated always as (
        to_tsvector('pg_catalog.norwegian', text || ' ' || source || ' ' || practice) || to_tsvector('pg_catalog.english', text || ' ' || source || ' ' || practice)) stored,
    constraint learning__id_taken primary key (owner_id, id),
    constraint learning_of_school unique (owner_id, id, school_id),
    constraint practice_decided check ((practice = '') = (decided_on is null) and (practice = '' or published and agreed_with <> '')),
    foreign key (owner_id, school_id) references school,
    foreign key (owner_id, writer_id) references person,
    foreign key (owner_id, other_id) references person,
    foreign key (owner_id, decided_by) references person
);
create index learnings_of_school on learning (owner_id, school_id, day desc, id desc);
create index learning_of_writer on learning (owner_id, writer_id);
create index learning_of_other on learning (owner_id, other_id);
create index learning_decider on learning (owner_id, decided_by) where decided_by is not null;

create table learning_response (
    owner_id    uuid not null,
    id          uuid not null,
    learning_id uuid not null,
    school_id   uuid not null,
    person_id   uuid not null,
    kind        text not null check (kind in ('QUESTION', 'TRIED', 'ANSWER')),
    text        text not null check (char_length(text) between 1 and 1000),
    day         date not null,
    constraint learning_response__id_taken primary key (owner_id, id),
    foreign key (owner_id, learning_id, school_id) references learning (owner_id, id, school_id) on delete cascade,
    foreign key (owner_id, person_id) references person
);
create index response_of_learning on learning_response (owner_id, learning_id, school_id, day, id);
create index response_of_person on learning_response (owner_id, person_id);

-- Who thanked is read by the two, and by whoever did.
create table learning_thanks (
    owner_id    uuid not null,
    learning_id uuid not null,
    person_id   uuid not null,
    school_id   uuid not null,
    primary key (owner_id, learning_id, person_id),
    foreign key (owner_id, learning_id, school_id) references learning (owner_id, id, school_id) on delete cascade,
    foreign key (owner_id, person_id) references person
);
create index thanks_of_learning on learning_thanks (owner_id, learning_id, school_id);
create index thanks_of_person on learning_thanks (owner_id, person_id);

-- +goose StatementBegin
do $$
declare
    t text;
    tenant constant text := 'owner_id = (select current_setting(''undring.owner'')::uuid)';
    me constant text := '(select current_setting(''undring.person'')::uuid)';
    seen constant text := 'exists (select from learning l where l.owner_id = %I.owner_id and l.id = learning_id%s)';
begin
    foreach t in array array['learning', 'learning_response', 'learning_thanks'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy definer_all on %I to undring_owner using (%s)', t, tenant);
    end loop;
    execute format('create policy staff_read on learning for select to undring_app using (%s and belongs_to(school_id, %s) and (
        %s in (writer_id, other_id) or published and (team_id is null or exists (
            select from team_member m where m.owner_id = learning.owner_id and m.school_id = learning.school_id and m.team_id = learning.team_id and m.person_id = %s))))', tenant, me, me, me);
    execute format('create policy own_add on learning for insert to undring_app with check (%s and belongs_to(school_id, %s) and writer_id = %s and not published)', tenant, me, me);
    -- The other one says yes; a leader writes down what the staff decided.
    execute format('create policy other_or_leader on learning for update to undring_app using (%s and (other_id = %s or published and leads(school_id)))', tenant, me);
    execute format('create policy two_remove on learning for delete to undring_app using (%s and %s in (writer_id, other_id))', tenant, me);
    execute format('create policy reader_read on learning_response for select to undring_app using (%s and ' || seen || ')', tenant, 'learning_response', '');
    execute format('create policy own_add on learning_response for insert to undring_app with check (%s and person_id = %s and ' || seen || ')', tenant, me, 'learning_response', ' and l.published');
    execute format('create policy two_read on learning_thanks for select to undring_app using (%s and (person_id = %s or ' || seen || '))', tenant, me, 'learning_thanks', ' and ' || me || ' in (l.writer_id, l.other_id)');
    execute format('create policy own_add on learning_thanks for insert to undring_app with check (%s and person_id = %s and ' || seen || ')', tenant, me, 'learning_thanks', ' and l.published and ' || me || ' not in (l.writer_id, l.other_id)');
    execute format('create policy own_remove on learning_thanks for delete to undring_app using (%s and person_id = %s)', tenant, me);
end
$$;
-- +goose StatementEnd
grant select, insert, delete, update (published, day, practice, agreed_with, decided_by, decided_on) on learning to undring_app;
grant select, insert on learning_response to undring_app;
grant select, insert, delete on learning_thanks to undring_app;

-- +goose StatementBegin
-- Before both have said yes, the phones of the two are told, and nobody else's; thanks
-- are told to nobody at once: the two see them with the next change.
create function feed_learning() returns trigger
    language plpgsql security definer set search_path = ''
as $$
declare
    l constant public.learning := coalesce(new, old);
begin
    perform pg_advisory_xact_lock(hashtextextended('commons of school ' || l.school_id, 0));
    insert into public.feed as f (owner_id, person_id, thing, subject_id)
    select distinct s.owner_id, s.person_id, 'COMMONS', s.subject_id
    from public.feed s
    where s.owner_id = l.owner_id and s.subject_id = l.school_id and s.thing = 'SCHOOL'
      and (l.published or s.person_id in (l.writer_id, l.other_id))
    order by 1, 2, 4
    on conflict (owner_id, person_id, thing, subject_id) do update
        set xid = excluded.xid, seq = excluded.seq, gone = false, at = excluded.at
        where f.xid <> excluded.xid;
    return null;
end
$$;
create trigger feed_learning after insert or update or delete on learning for each row execute function feed_learning();
create trigger feed_added after insert on learning_response referencing new table as changed for each statement execute function feed_of_commons();
create trigger area_of_new before insert on learning for each row when (new.focus_area_id is not null) execute function area_guard();
create or replace function area_guard() returns trigger
    language plpgsql set search_path = ''
as $$
begin
    if not public.area_there(new.focus_area_id, case tg_table_name when 'action' then public.school_of_visit((to_jsonb(new) ->> 'visit_id')::uuid)
            else (to_jsonb(new) ->> 'school_id')::uuid end) then
        perform public.refuse('not_found');
    end if;
    return new;
end
$$;
revoke execute on function feed_learning from public;
-- +goose StatementEnd

-- +goose StatementBegin
-- Who reads it stands with what somebody wrote: the team, or the school.
do $$
declare
    t record;
    me constant text := '(select current_setting(''undring.person'')::uuid)';
begin
    for t in select * from (values
        ('learning', format('%1$s in (writer_id, other_id) or audience >= ''SCHOOL'' or audience = ''TEAM'' and exists (
            select from team_member m where m.owner_id = learning.owner_id and m.school_id = learning.school_id and m.team_id = learning.team_id and m.person_id = %1$s)', me)),
        ('learning_response', format('person_id = %s or audience >= ''SCHOOL''', me))
    ) v (name, may_read) loop
        execute format('alter table %I add column audience audience not null default ''SCHOOL''', t.name);
        execute format('create policy audience_holds on %I as restrictive for select to undring_app using (%s)', t.name, t.may_read);
        execute format('create trigger audience_born before insert on %I for each row when (new.audience > ''SCHOOL'') execute function audience_stands()', t.name);
        execute format('create trigger audience_stands before update of audience on %I for each row when (new.audience > old.audience) execute function audience_stands()', t.name);
    end loop;
end $$;
-- +goose StatementEnd

-- +goose StatementBegin
-- Takes away what is a person's beside their visits: what they answered to learnings, and their thanks, too.
create or replace function erase_person_apart(tenant uuid, who uuid) returns void
    language plpgsql security definer set search_path = ''
as $$
begin
    delete from public.prompt where owner_id = tenant and author_id = who;
    delete from public.need where owner_id = tenant and person_id = who;
    delete from public.need_support where owner_id = tenant and person_id = who;
    delete from public.hearing_voice where owner_id = tenant and person_id = who;
    delete from public.learning_response where owner_id = tenant and person_id = who;
    delete from public.learning_thanks where owner_id = tenant and person_id = who;
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
    delete from public.message where owner_id = tenant and person_id = who;
    delete from public.notice where owner_id = tenant and person_id = who;
    delete from public.notice_choice where owner_id = tenant and person_id = who;
    delete from public.device where owner_id = tenant and person_id = who;
    delete from public.calendar_feed where owner_id = tenant and person_id = who;
    delete from public.access where owner_id = tenant and person_id = who;
    delete from public.consent where owner_id = tenant and person_id = who;
    delete from public.feed where owner_id = tenant and person_id = who;
end
$$;
-- +goose StatementEnd
