-- What the live page tells of areas, needs and learnings: counts of things, never of people,
-- and the same for everybody at the school. They are counted past row level security, so that it
-- is not asked anew for each of them; each function asks itself whether the caller belongs there.

-- +goose Up
create index need_waiting on need (owner_id, school_id, day, due_on) where status = 'OPEN';

-- +goose StatementBegin
-- The areas of the plan: where each came from, and since when.
create function live_areas(which_school uuid) returns table (title text, origin text, adopted_on date)
    language sql stable security definer set search_path = ''
as $$
    select a.title, a.origin, (
        select c.day from public.focus_change c
        where c.owner_id = a.owner_id and c.area_id = a.id and c.kind = 'ADOPTED'
        order by c.revision desc limit 1)
    from public.focus_area a
    where a.owner_id = current_setting('undring.owner')::uuid and a.school_id = which_school and a.state = 'ADOPTED'
      and public.belongs_to(which_school, current_setting('undring.person')::uuid)
    order by a.slot
$$;

-- Needs that nobody has answered on a day: how many, for how many the time for it is over, and
-- since when the oldest waits.
create function live_needs(which_school uuid, today date, out waiting int, out overdue int, out oldest date)
    language sql stable security definer set search_path = ''
as $$
    select count(*), count(*) filter (where n.due_on < today), min(n.day)
    from public.need n
    where n.owner_id = current_setting('undring.owner')::uuid and n.school_id = which_school and n.status = 'OPEN'
      and public.belongs_to(which_school, current_setting('undring.person')::uuid)
$$;

-- Learnings that were published for the whole school since a day: those that somebody else has
-- answered, those that nobody has, and those that have become its practice. One for a team is
-- read by that team, and counted nowhere.
create function live_learnings(which_school uuid, since date, out answered int, out unanswered int, out practices int)
    language sql stable security definer set search_path = ''
as $$
    select count(*) filter (where l.asked), count(*) filter (where not l.asked), count(*) filter (where l.practice <> '')
    from (
        select l.practice, exists (
            select from public.learning_response r
            where r.owner_id = l.owner_id and r.learning_id = l.id and r.person_id not in (l.writer_id, l.other_id)) as asked
        from public.learning l
        where l.owner_id = current_setting('undring.owner')::uuid and l.school_id = which_school and l.day >= since
          and l.published and l.team_id is null
          and public.belongs_to(which_school, current_setting('undring.person')::uuid)) l
$$;
-- +goose StatementEnd

revoke execute on function live_areas, live_needs, live_learnings from public;
grant execute on function live_areas, live_needs, live_learnings to undring_app;
