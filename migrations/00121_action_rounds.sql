-- Action rounds: a team, or all who teach at a school, try one action by a date and tell
-- each other how it went. Who takes part reads the reports, and who has told; others read
-- what was asked, what came of it, and once it has ended how many told, by the rules of
-- the figures.

-- +goose Up
create table action_round (
    owner_id        uuid not null,
    id              uuid not null,
    school_id       uuid not null,
    team_id         uuid, -- null: all who teach at the school
    focus_area_id   uuid,
    starter_id      uuid not null,
    question        text not null check (char_length(question) between 1 and 300),
    action          text not null check (char_length(action) between 1 and 500),
    due_on          date not null,
    created_on      date not null,
    now_differently text not null default '' check (char_length(now_differently) <= 1000),
    ended_on        date,
    -- What is told of how many have reported: frozen when the round ends.
    counted         text not null default '' check (counted in ('', 'NUMBER', 'LOW_END', 'HIGH_END', 'TOO_FEW')),
    low             int not null default 0,
    high            int not null default 0,
    people_low      int not null default 0,
    people_high     int not null default 0,
    constraint action_round__id_taken primary key (owner_id, id),
    constraint action_round_of_school unique (owner_id, id, school_id),
    constraint round_ended check ((ended_on is null) = (now_differently = '') and (ended_on is null) = (counted = '')),
    foreign key (owner_id, school_id) references school,
    foreign key (owner_id, school_id, team_id) references team,
    foreign key (owner_id, starter_id) references person
);
create index rounds_of_school on action_round (owner_id, school_id, due_on desc, id desc);
create index round_of_starter on action_round (owner_id, starter_id);
create index round_of_team on action_round (owner_id, school_id, team_id) where team_id is not null;

create table round_report (
    owner_id   uuid not null,
    round_id   uuid not null,
    person_id  uuid not null,
    school_id  uuid not null,
    team_id    uuid, -- as the round has it: so each policy is asked once a statement, and not once a row
    did        text not null check (char_length(did) between 1 and 1000),
    happened   text not null check (char_length(happened) between 1 and 1000),
    questioned text not null check (char_length(questioned) <= 1000),
    learning   text not null check (learning in ('ADJUSTED_PRACTICE', 'QUESTIONED_ASSUMPTION', 'NOTHING_NEW')),
    day        date not null,
    audience   audience not null default 'TEAM',
    primary key (owner_id, round_id, person_id),
    foreign key (owner_id, round_id, school_id) references action_round (owner_id, id, school_id),
    foreign key (owner_id, person_id) references person
);
create index report_of_round on round_report (owner_id, round_id, school_id, day);
create index report_of_person on round_report (owner_id, person_id);

-- +goose StatementBegin
-- Whether somebody takes part in what is for a team, or, without one, for all who teach.
create function takes_part(which_school uuid, which_team uuid, who uuid) returns boolean
    language sql stable
begin atomic
    select exists (
        select from public.membership m
        where m.owner_id = current_setting('undring.owner')::uuid and m.school_id = which_school and m.person_id = who and m.role = 'TEACHER' and m.active)
        and (which_team is null or exists (
            select from public.team_member t
            where t.owner_id = current_setting('undring.owner')::uuid and t.school_id = which_school and t.team_id = which_team and t.person_id = who));
end;
-- +goose StatementEnd

-- +goose StatementBegin
-- The open rounds that somebody takes part in and has not told of yet.
create function rounds_to_tell(who uuid) returns table (id uuid, school_id uuid, due_on date)
    language sql stable
begin atomic
    select r.id, r.school_id, r.due_on
    from public.membership m
    join public.action_round r on r.owner_id = m.owner_id and r.school_id = m.school_id and r.ended_on is null
    where m.owner_id = current_setting('undring.owner')::uuid and m.person_id = who and m.role = 'TEACHER' and m.active
      and (r.team_id is null or exists (
          select from public.team_member t
          where t.owner_id = r.owner_id and t.school_id = r.school_id and t.team_id = r.team_id and t.person_id = who))
      and not exists (select from public.round_report p where p.owner_id = r.owner_id and p.round_id = r.id and p.person_id = who);
end;
-- +goose StatementEnd

-- +goose StatementBegin
do $$
declare
    t text;
    tenant constant text := 'owner_id = (select current_setting(''undring.owner'')::uuid)';
    me constant text := '(select current_setting(''undring.person'')::uuid)';
begin
    foreach t in array array['action_round', 'round_report'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy definer_all on %I to undring_owner using (%s)', t, tenant);
    end loop;
    execute format('create policy staff_read on action_round for select to undring_app using (%s and belongs_to(school_id, %s))', tenant, me);
    execute format('create policy own_add on action_round for insert to undring_app with check (%s and belongs_to(school_id, %s) and starter_id = %s and ended_on is null)', tenant, me, me);
    execute format('create policy ends on action_round for update to undring_app using (%s and ended_on is null and (starter_id = %s or takes_part(school_id, team_id, %s)))
        with check (ended_on is not null)', tenant, me, me);
    -- A leader who does not teach takes part in none.
    execute format('create policy part_read on round_report for select to undring_app using (%s and (person_id = %s
        or school_id in (select m.school_id from membership m where m.%s and m.person_id = %s and m.role = ''TEACHER'' and m.active)
            and (team_id is null or team_id in (select t.team_id from team_member t where t.%s and t.person_id = %s))))', tenant, me, tenant, me, tenant, me);
    execute format('create policy own_add on round_report for insert to undring_app with check (%s and person_id = %s and exists (
        select from action_round r where r.owner_id = round_report.owner_id and r.id = round_id and r.school_id = round_report.school_id
            and r.team_id is not distinct from round_report.team_id and r.ended_on is null and takes_part(r.school_id, r.team_id, %s)))', tenant, me, me);
    execute format('create policy own_change on round_report for update to undring_app using (%s and person_id = %s and exists (
        select from action_round r where r.owner_id = round_report.owner_id and r.id = round_id and r.ended_on is null))', tenant, me);
    execute format('create policy audience_holds on round_report as restrictive for select to undring_app using (person_id = %s or audience >= ''TEAM'')', me);
end
$$;
-- +goose StatementEnd
create trigger audience_born before insert on round_report for each row when (new.audience > 'TEAM') execute function audience_stands();
create trigger audience_stands before update of audience on round_report for each row when (new.audience > old.audience) execute function audience_stands();
grant select, insert, update (now_differently, ended_on, counted, low, high, people_low, people_high) on action_round to undring_app;
grant select, insert, update (did, happened, questioned, learning, day) on round_report to undring_app;

-- +goose StatementBegin
-- How many take part in a round who did when it began, and how many of them have told:
-- asked for once, when it ends, by one who may end it.
create function round_count(which uuid) returns table (people int, told int)
    language sql stable security definer set search_path = ''
as $$
    select count(*)::int, count(p.person_id)::int
    from public.action_round r
    join public.membership m on m.owner_id = r.owner_id and m.school_id = r.school_id and m.role = 'TEACHER' and m.active and m.since::date <= r.created_on
    left join public.round_report p on p.owner_id = r.owner_id and p.round_id = r.id and p.person_id = m.person_id
    where r.owner_id = current_setting('undring.owner')::uuid and r.id = which and r.ended_on is null
      and (r.starter_id = current_setting('undring.person')::uuid or public.takes_part(r.school_id, r.team_id, current_setting('undring.person')::uuid))
      and (r.team_id is null or exists (
          select from public.team_member t
          where t.owner_id = r.owner_id and t.school_id = r.school_id and t.team_id = r.team_id and t.person_id = m.person_id))
$$;

-- That somebody has told is told to the phones of those who take part: to a leader's not
-- even that something changed.
create function feed_of_round() returns trigger
    language plpgsql security definer set search_path = ''
as $$
begin
    perform pg_advisory_xact_lock(hashtextextended('commons of school ' || s.school_id, 0))
    from (select distinct c.school_id from changed c order by 1) s;
    insert into public.feed as f (owner_id, person_id, thing, subject_id)
    select distinct l.owner_id, l.person_id, 'COMMONS', l.subject_id
    from (select distinct c.owner_id, c.school_id, c.team_id from changed c) s
    join public.feed l on l.owner_id = s.owner_id and l.subject_id = s.school_id and l.thing = 'SCHOOL'
    where public.takes_part(s.school_id, s.team_id, l.person_id)
    order by 1, 2, 4
    on conflict (owner_id, person_id, thing, subject_id) do update
        set xid = excluded.xid, seq = excluded.seq, gone = false, at = excluded.at
        where f.xid <> excluded.xid;
    return null;
end
$$;

-- Who takes part is looked after from the beginning: whoever has not told is reminded.
create function round_looks() returns trigger
    language plpgsql security definer set search_path = ''
as $$
begin
    perform public.look_after(new.owner_id, (
        select array_agg(distinct m.person_id) from public.membership m
        where m.owner_id = new.owner_id and m.school_id = new.school_id and m.active and m.role = 'TEACHER'
          and public.takes_part(new.school_id, new.team_id, m.person_id)), timestamptz '2000-01-01 00:00:00Z');
    return null;
end
$$;
revoke execute on function round_count, feed_of_round, round_looks from public;
grant execute on function round_count to undring_app;
create trigger area_of_new before insert on action_round for each row when (new.focus_area_id is not null) execute function area_guard();
create trigger feed_added after insert on action_round referencing new table as changed for each statement execute function feed_of_commons();
create trigger feed_changed after update on action_round referencing new table as changed for each statement execute function feed_of_commons();
create trigger round_looks after insert on action_round for each row execute function round_looks();
create trigger feed_added after insert on round_report referencing new table as changed for each statement execute function feed_of_round();
create trigger feed_changed after update on round_report referencing new table as changed for each statement execute function feed_of_round();
create trigger feed_removed after delete on round_report referencing old table as changed for each statement execute function feed_of_round();
-- +goose StatementEnd

-- +goose StatementBegin
-- Takes away what is a person's beside their visits: what they told in rounds, too.
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
    delete from public.round_report where owner_id = tenant and person_id = who;
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
