-- Who could stand in for whom, as far as the timetables tell.

-- +goose Up
-- +goose StatementBegin
-- The lessons of those who teach at a school on a day by its clock, each with whom
-- it could be covered by: those who teach there, have lessons of their own on that day, and
-- none at that time; who has the fewest first, at most 12. What else somebody has, a visit
-- above all, changes nothing: a name that is missing would tell of it. For those who lead the
-- school or keep its roster; to everybody else it tells nothing.
create function cover_at(which_school uuid, day date)
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
    ), lesson as (
        select distinct b.person_id, b.span
        from asker a
        join public.membership m on m.owner_id = a.owner_id and m.school_id = which_school and m.active and m.role = 'TEACHER'
        join public.booking b on b.owner_id = a.owner_id and b.person_id = m.person_id and b.kind = 2 and b.span && a.day
    ), load as (
        select l.person_id, count(*) as n from lesson l group by l.person_id
    )
    select l.person_id, lower(l.span), upper(l.span),
        (array(select o.person_id from load o
            where o.person_id <> l.person_id and not exists (select from lesson k where k.person_id = o.person_id and k.span && l.span)
            order by o.n, o.person_id limit 12))
    from lesson l
    order by 2, 3, 1
    limit 2000;
end;
-- +goose StatementEnd
revoke execute on function cover_at from public;
grant execute on function cover_at to undring_app;
