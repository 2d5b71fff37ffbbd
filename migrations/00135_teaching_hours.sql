-- When a colleague teaches and one is free oneself: what a visit is proposed by.

-- +goose Up
-- The lessons of the coming week of those whom the caller could visit at a school, at hours at
-- which the caller has neither a lesson nor a visit: how many, and the first five. Nobody who
-- has no timetable of their own is told of any: for them every hour would count as free. What
-- else a colleague does at these hours, a visit of theirs above all, changes nothing.
-- +goose StatementBegin
create function teaching_hours(which_school uuid, moment timestamptz)
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
            and not exists (select from public.booking k where k.owner_id = a.owner_id and k.person_id = a.id and k.span && b.span)
    )
    select f.person_id, count(*)::int, (array_agg(lower(f.span) order by f.span))[1:5], (array_agg(upper(f.span) order by f.span))[1:5]
    from free f
    group by f.person_id
    order by f.person_id
    limit 500;
end;
-- +goose StatementEnd
revoke execute on function teaching_hours from public;
grant execute on function teaching_hours to undring_app;
