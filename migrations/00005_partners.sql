-- What partner suggestions weigh. A colleague's hours, blocks and visits are not
-- the caller's to read; this function reads them and tells no more than the
-- suggestion itself does.

-- +goose Up
-- +goose StatementBegin
-- The colleagues of the one who asks, at a school where both teach or both lead,
-- without those whom either keeps from being suggested to the other.
--   paid, received  visits of the asker to the colleague and the other way,
--                   planned ones among them; happened: one of them took place
--   free_from/to    hours of the coming two weeks that both have, at most five
create function partner_facts(which_school uuid, moment timestamptz)
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
            where k.owner_id = a.owner_id and (k.person_id, k.other_id) in ((a.id, p.id), (p.id, a.id)))
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
                    where k.owner_id = peer.owner_id and k.person_id in (peer.asker_id, peer.id)
                        and k.span && (mine.span * theirs.span))
            order by 1
            limit 5
        ) s
    ) free on true
    order by peer.id
    limit 500;
end;
-- +goose StatementEnd

grant execute on function partner_facts to undring_app;
