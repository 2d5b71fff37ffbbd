-- Nobody learns who visits whom, whom somebody keeps from suggestions, or how many have
-- booked hours, from what is refused, left out or missing (docs/secrets.md).

-- +goose Up
-- +goose StatementBegin
-- Of observation: is one of these ids a visit's already? An id that is taken has to be
-- told before anything that depends on hours, or proposing with it would be a way to ask
-- about hours unseen.
create function visit_there(ids uuid[]) returns boolean
    language plpgsql stable security definer set search_path = ''
as $$
begin
    return exists (select from public.visit v
        where v.owner_id = current_setting('undring.owner')::uuid and v.id = any (ids));
end
$$;
-- +goose StatementEnd
revoke execute on function visit_there from public;
grant execute on function visit_there to undring_app;

-- +goose StatementBegin
-- The colleagues of the one who asks, at a school where both teach or both lead,
-- without those whom the asker keeps from being suggested. Whom a colleague keeps from
-- it is not asked: who is missing from a list would tell.
--   paid, received  visits of the asker to the colleague and the other way,
--                   planned ones among them; happened: one of them took place
--   free_from/to    hours of the coming two weeks that both have named, at most five;
--                   without those that the asker's own visits and lessons take. The
--                   colleague's are theirs to know.
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
                    where k.owner_id = peer.owner_id and k.person_id = peer.asker_id
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
-- The places of hours stay as they were set aside: places that go down, or up, under
-- bookings would count these, one by one.
create function places_guard() returns trigger
    language plpgsql set search_path = ''
as $$
begin
    if new.places <> old.places then
        perform public.refuse('invalid_field');
    end if;
    return new;
end
$$;
-- +goose StatementEnd
create trigger places_guard before update on time_slot for each row execute function places_guard();

-- A lesson at the time of an agreed visit is kept beside it, in nobody's way: left out
-- altogether it would be missing among those that the next timetable replaces, and tell
-- the one who brings it who visits when.
alter table booking add column beside boolean not null default false;
alter table booking drop constraint lesson__double_booked;
alter table booking add constraint lesson__double_booked exclude using gist
    (owner_id with =, person_id with =, kind with <>, span with &&) where (kind = 2 and not beside or blocks_lesson);

-- +goose StatementBegin
-- Does someone have an agreed visit, or a lesson of their own where that stands
-- in the way, in this span? The answer does not say what it is.
create or replace function is_busy(who uuid, span tstzrange, occasion uuid, lessons_too boolean) returns boolean
    language plpgsql stable security definer set search_path = ''
as $$
begin
    return exists (
        select from public.booking b
        where b.owner_id = current_setting('undring.owner')::uuid
          and b.person_id = who
          and b.span && is_busy.span
          and b.occasion_id <> occasion
          and (b.kind = 1 or lessons_too and not b.beside));
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- Puts the lessons of people in the place of those that they had between two
-- moments. One's own, or, by an administrator, anybody's of the owner. A lesson at
-- the time of an agreed visit that stands in its way is put beside it; how many are not
-- is told, for one's own.
create or replace function set_lessons(people uuid[], begins timestamptz[], ends timestamptz[], from_at timestamptz, until_at timestamptz) returns int
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
        insert into public.booking (owner_id, person_id, occasion_id, kind, blocks_lesson, span, beside)
        select tenant, l.person, gen_random_uuid(), 2, false, l.span, exists (
            select from public.booking v
            where v.owner_id = tenant and v.person_id = l.person and v.kind = 1 and v.blocks_lesson and v.span && l.span)
        from lesson l
        returning beside
    )
    select count(*) filter (where not beside) into taken from added;
    return taken;
end
$$;
-- +goose StatementEnd
