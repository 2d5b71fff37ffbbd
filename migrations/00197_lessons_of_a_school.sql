-- A lesson is of a school, and knows whether it was read at its person's own address.

-- +goose Up
-- Whoever works at two schools has lessons at both, each from its school's timetable. One of
-- before is of the school where its person teaches, and where that is several, of none.
-- No foreign key: lessons come by the thousand, and a school stays.
alter table booking add column school_id uuid;
alter table booking add column own_address boolean not null default false;
-- 1: a visit, 2: a lesson, 3: a lesson of a file that is kept and does not hold, since its person's
-- own address says what they teach at that school. Nobody is busy with one.
alter table booking drop constraint booking_kind_check;
alter table booking add constraint booking_kind_check check (kind in (1, 2, 3));
alter table booking add constraint booking_of_file check (kind = 2 or not own_address);
-- Past row level security: its owner's policy is of one owner each time.
alter table booking no force row level security;
alter table membership no force row level security;
alter table timetable_feed no force row level security;
update booking b set school_id = m.school_id
from (select owner_id, person_id, min(school_id::text)::uuid as school_id from membership where active and role in ('TEACHER', 'LEADER')
    group by 1, 2 having count(distinct school_id) = 1) m
where b.kind = 2 and m.owner_id = b.owner_id and m.person_id = b.person_id;
update booking b set own_address = true
from timetable_feed f
where b.kind = 2 and f.owner_id = b.owner_id and f.person_id = b.person_id and f.school_id = b.school_id and f.lessons > 0;
alter table timetable_feed force row level security;
alter table membership force row level security;
alter table booking force row level security;

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION public.is_busy(who uuid, span tstzrange, occasion uuid, lessons_too boolean)
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
    return exists (
        select from public.booking b
        where b.owner_id = current_setting('undring.owner')::uuid
          and b.person_id = who
          and b.span && is_busy.span
          and b.occasion_id <> occasion
          and (b.kind = 1 or lessons_too and b.kind = 2 and not b.beside));
end
$function$;
-- +goose StatementEnd
-- +goose StatementBegin
create or replace function partner_facts(which_school uuid, moment timestamptz)
    returns table (
        person_id uuid, name text, same_team boolean, since timestamptz,
        paid int, received int, happened boolean, shared_focus boolean,
        free_from timestamptz[], free_to timestamptz[])
    language sql stable security definer set search_path = ''
begin atomic
    with asker as (
        select current_setting('undring.owner')::uuid as owner_id, current_setting('undring.person')::uuid as id
    ), peer as (
        select distinct on (p.id) a.owner_id, a.id as asker_id, p.id, p.given_name || ' ' || p.family_name as name, theirs.since
        from asker a
        join public.membership mine on mine.owner_id = a.owner_id and mine.school_id = which_school
            and mine.person_id = a.id and mine.active and mine.role in ('TEACHER', 'LEADER')
        join public.membership theirs on theirs.owner_id = a.owner_id and theirs.school_id = which_school
            and theirs.role = mine.role and theirs.active and theirs.person_id <> a.id
        join public.person p on p.owner_id = a.owner_id and p.id = theirs.person_id and p.active
        where not exists (
            select from public.kept_from_suggestions k
            where k.owner_id = a.owner_id and k.person_id = a.id and k.other_id = p.id)
        order by p.id, theirs.since
    ), between_two as (
        select case v.observer_id when a.id then v.observed_id else v.observer_id end as id,
            count(*) filter (where v.observer_id = a.id) as paid,
            count(*) filter (where v.observed_id = a.id) as received,
            bool_or(v.state not in ('PROPOSED', 'AGREED')) as happened
        from asker a
        join public.visit v on v.owner_id = a.owner_id and a.id in (v.observer_id, v.observed_id)
        where v.state in ('PROPOSED', 'AGREED', 'OBSERVED', 'FEEDBACK_GIVEN', 'ANSWERED', 'CLOSED')
        group by 1
    ), focus as (
        select distinct v.focus_area_id
        from asker a
        join public.visit v on v.owner_id = a.owner_id and a.id in (v.observer_id, v.observed_id)
        where v.focus_area_id is not null
    )
    select peer.id, peer.name,
        exists (
            select from public.team_member m
            join public.team_member t on t.owner_id = m.owner_id and t.school_id = m.school_id and t.team_id = m.team_id
            where m.owner_id = peer.owner_id and m.school_id = which_school and m.person_id = peer.asker_id and t.person_id = peer.id),
        peer.since,
        coalesce(b.paid, 0)::int, coalesce(b.received, 0)::int, coalesce(b.happened, false),
        exists (
            select from public.visit v
            join focus f on f.focus_area_id = v.focus_area_id
            where v.owner_id = peer.owner_id and peer.id in (v.observer_id, v.observed_id)),
        coalesce(free.start_at, '{}'), coalesce(free.end_at, '{}')
    from peer
    left join between_two b on b.id = peer.id
    left join lateral (
        select array_agg(lower(s.span) order by s.span) as start_at, array_agg(upper(s.span) order by s.span) as end_at
        from (
            select mine.span * theirs.span * tstzrange(moment, moment + interval '14 days') as span
            from public.availability mine
            join public.availability theirs on theirs.owner_id = mine.owner_id
                and theirs.person_id = peer.id and theirs.span && mine.span
            where mine.owner_id = peer.owner_id and mine.person_id = peer.asker_id
                and mine.span * theirs.span && tstzrange(moment, moment + interval '14 days')
                and not exists (
                    select from public.booking k
                    where k.owner_id = peer.owner_id and k.person_id = peer.asker_id and k.kind < 3
                        and k.span && (mine.span * theirs.span))
            order by 1
            limit 5
        ) s
    ) free on true
    order by peer.id
    limit 500;
end;
-- +goose StatementEnd
-- +goose StatementBegin
create or replace function teaching_hours(which_school uuid, moment timestamptz)
    returns table (person_id uuid, hours int, start_at timestamptz[], end_at timestamptz[])
    language sql stable security definer set search_path = ''
begin atomic
    with asker as (
        select current_setting('undring.owner')::uuid as owner_id, current_setting('undring.person')::uuid as id
    ), free as (
        select distinct b.person_id, b.span
        from asker a
        join public.membership mine on mine.owner_id = a.owner_id and mine.school_id = which_school and mine.person_id = a.id
            and mine.active and mine.role in ('TEACHER', 'LEADER')
        join public.membership theirs on theirs.owner_id = a.owner_id and theirs.school_id = which_school and theirs.role = mine.role
            and theirs.active and theirs.person_id <> a.id
        join public.booking b on b.owner_id = a.owner_id and b.person_id = theirs.person_id and b.kind = 2
            and b.span && tstzrange(moment, moment + interval '7 days') and lower(b.span) > moment
        where exists (select from public.booking o
                where o.owner_id = a.owner_id and o.person_id = a.id and o.kind = 2 and o.span && tstzrange(moment, moment + interval '14 days'))
            and not exists (select from public.booking k where k.owner_id = a.owner_id and k.person_id = a.id and k.kind < 3 and k.span && b.span)
    )
    select f.person_id, count(*)::int, (array_agg(lower(f.span) order by f.span))[1:5], (array_agg(upper(f.span) order by f.span))[1:5]
    from free f
    group by f.person_id
    order by f.person_id
    limit 500;
end;
-- +goose StatementEnd

-- +goose StatementBegin
-- The lessons of a school on a day by its clock, each with whom it could be covered by: those
-- who teach there, have lessons there on that day, and none at that time at any school; who
-- has the fewest first, at most 12. What else somebody has, a visit above all, changes nothing:
-- a name that is missing would tell of it. For those who lead the school or keep its roster; to
-- everybody else it tells nothing.
create or replace function cover_at(which_school uuid, day date)
    returns table (person_id uuid, start_at timestamptz, end_at timestamptz, able uuid[])
    language sql stable security definer set search_path = ''
begin atomic
    with asker as (
        select m.owner_id, tstzrange(cover_at.day::timestamp at time zone s.time_zone, (cover_at.day + 1)::timestamp at time zone s.time_zone) as day
        from public.membership m
        join public.school s on s.owner_id = m.owner_id and s.id = m.school_id
        where m.owner_id = current_setting('undring.owner')::uuid and m.person_id = current_setting('undring.person')::uuid
            and m.school_id = which_school and m.active and m.role in ('LEADER', 'ADMINISTRATOR')
        limit 1
    ), anywhere as (
        select distinct b.person_id, b.span, b.school_id
        from asker a
        join public.membership m on m.owner_id = a.owner_id and m.school_id = which_school and m.active and m.role = 'TEACHER'
        join public.booking b on b.owner_id = a.owner_id and b.person_id = m.person_id and b.kind = 2 and b.span && a.day
    ), lesson as (
        select x.person_id, x.span from anywhere x where x.school_id = which_school
    ), load as (
        select l.person_id, count(*) as n from lesson l group by l.person_id
    )
    select l.person_id, lower(l.span), upper(l.span),
        (array(select o.person_id from load o
            where o.person_id <> l.person_id and not exists (select from anywhere k where k.person_id = o.person_id and k.span && l.span)
            order by o.n, o.person_id limit 12))
    from lesson l
    order by 2, 3, 1
    limit 2000;
end;
-- +goose StatementEnd

-- +goose StatementBegin
-- Lets an own address hold over the files of its school, and a file where there is none: what
-- does not hold is kept as kind 3. Called where lessons were written or taken away.
create function settle_lessons(tenant uuid, people uuid[]) returns void
    language plpgsql set search_path = ''
as $$
begin
    update public.booking b set kind = 3, beside = false
    where b.owner_id = tenant and b.person_id = any (people) and b.kind = 2 and not b.own_address
        and exists (select from public.booking o
            where o.owner_id = tenant and o.person_id = b.person_id and o.own_address and o.kind = 2
                and o.school_id = coalesce(b.school_id, o.school_id));
    update public.booking b set kind = 2, beside = exists (
        select from public.booking v
        where v.owner_id = tenant and v.person_id = b.person_id and v.kind = 1 and v.blocks_lesson and v.span && b.span)
    where b.owner_id = tenant and b.person_id = any (people) and b.kind = 3
        and not exists (select from public.booking o
            where o.owner_id = tenant and o.person_id = b.person_id and o.own_address and o.kind = 2
                and o.school_id = coalesce(b.school_id, o.school_id));
end
$$;
-- +goose StatementEnd
revoke execute on function settle_lessons from public;

-- +goose StatementBegin
-- Puts lessons of a school in the place of those that stood in this time: the ones of a file in
-- the place of a file's, those of an own address in the place of all that it told before.
-- Another school's stay. Returns how many of them are not at the time of an agreed visit.
create function set_lessons(people uuid[], begins timestamptz[], ends timestamptz[], from_at timestamptz, until_at timestamptz,
        which_school uuid, by_address boolean) returns int
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
    where b.owner_id = tenant and b.person_id = any (people) and b.kind in (2, 3) and b.own_address = by_address
        and (by_address or b.school_id is null or b.school_id = which_school) and b.span && tstzrange(from_at, until_at);
    with lesson as (
        select distinct l.person, tstzrange(l.begins, l.ends) as span
        from unnest(people, begins, ends) l (person, begins, ends)
        where l.begins is not null and l.begins < until_at and l.ends > from_at
    ), added as (
        insert into public.booking (owner_id, person_id, occasion_id, kind, blocks_lesson, span, beside, school_id, own_address)
        select tenant, l.person, gen_random_uuid(), 2, false, l.span, exists (
            select from public.booking v
            where v.owner_id = tenant and v.person_id = l.person and v.kind = 1 and v.blocks_lesson and v.span && l.span), which_school, by_address
        from lesson l
        returning beside
    )
    select count(*) filter (where not beside) into taken from added;
    perform public.settle_lessons(tenant, people);
    return taken;
end
$$;
-- +goose StatementEnd
revoke execute on function set_lessons(uuid[], timestamptz[], timestamptz[], timestamptz, timestamptz, uuid, boolean) from public;
grant execute on function set_lessons(uuid[], timestamptz[], timestamptz[], timestamptz, timestamptz, uuid, boolean) to undring_app;
drop function set_lessons(uuid[], timestamptz[], timestamptz[], timestamptz, timestamptz);

-- +goose StatementBegin
-- How many lessons would give way, and of how many of these people an own address says what
-- they teach at that school.
create function lessons_standing(people uuid[], from_at timestamptz, until_at timestamptz, which_school uuid, by_address boolean,
        out standing int, out own_addresses int)
    language plpgsql stable security definer set search_path = ''
as $$
declare
    tenant constant uuid := current_setting('undring.owner')::uuid;
    me constant uuid := current_setting('undring.person')::uuid;
begin
    if exists (select from unnest(people) p where p <> me) and not public.is_house() and not exists (
        select from public.membership m
        where m.owner_id = tenant and m.person_id = me and m.role = 'ADMINISTRATOR' and m.active) then
        perform public.refuse('role_required');
    end if;
    select count(*) filter (where b.own_address = by_address
            and (by_address or b.school_id is null or b.school_id = which_school) and b.span && tstzrange(from_at, until_at)),
        count(distinct b.person_id) filter (where b.own_address and not by_address and b.school_id = which_school)
    into standing, own_addresses
    from public.booking b
    where b.owner_id = tenant and b.person_id = any (people) and b.kind in (2, 3);
end
$$;
-- +goose StatementEnd
revoke execute on function lessons_standing from public;
grant execute on function lessons_standing to undring_app;
drop function count_lessons(uuid[], timestamptz, timestamptz);

-- +goose StatementBegin
-- The caller's own address is taken away: the lessons of a file hold again at that school. Where
-- there are none, those that were read stay as if a file had told of them.
create function leave_address() returns void
    language plpgsql security definer set search_path = ''
as $$
declare
    tenant constant uuid := current_setting('undring.owner')::uuid;
    me constant uuid := current_setting('undring.person')::uuid;
begin
    delete from public.booking b
    where b.owner_id = tenant and b.person_id = me and b.own_address
        and exists (select from public.booking f
            where f.owner_id = tenant and f.person_id = me and f.kind = 3 and coalesce(f.school_id, b.school_id) = b.school_id);
    update public.booking b set own_address = false where b.owner_id = tenant and b.person_id = me and b.own_address;
    perform public.settle_lessons(tenant, array[me]);
end
$$;
-- +goose StatementEnd
revoke execute on function leave_address from public;
grant execute on function leave_address to undring_app;

-- +goose StatementBegin
-- How many lessons of a file are kept beneath the caller's own address.
create function lessons_kept() returns int
    language sql stable security definer set search_path = ''
begin atomic
    select count(*)::int from public.booking b
    where b.owner_id = current_setting('undring.owner')::uuid and b.person_id = current_setting('undring.person')::uuid and b.kind = 3;
end;
-- +goose StatementEnd
revoke execute on function lessons_kept from public;
grant execute on function lessons_kept to undring_app;
