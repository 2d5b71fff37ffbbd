-- Retention: the words of a visit go when the months that its school has agreed on are
-- over. The house takes the step, with the erasure of a withdrawal; the row of the visit
-- and its steps stay for the figures. Each statement may be tried anew: the index is
-- built beside the running service, which no transaction can do.

-- +goose NO TRANSACTION
-- +goose Up

-- Of a visit that ran out, time did the last step: what counts is what people did.
set lock_timeout = 0;
create index concurrently if not exists visit_age on visit
    (owner_id, school_id, greatest(end_at, case when state <> 'EXPIRED' then updated_at end)) where state <> 'WITHDRAWN';
reset lock_timeout;

insert into visit_arrow (from_state, event, to_state, mover) values
    ('PROPOSED',                'FORGET', 'WITHDRAWN', 'HOUSE'),
    ('AGREED',                  'FORGET', 'WITHDRAWN', 'HOUSE'),
    ('OBSERVED',                'FORGET', 'WITHDRAWN', 'HOUSE'),
    ('FEEDBACK_GIVEN',          'FORGET', 'WITHDRAWN', 'HOUSE'),
    ('ANSWERED',                'FORGET', 'WITHDRAWN', 'HOUSE'),
    ('CLOSED',                  'FORGET', 'WITHDRAWN', 'HOUSE'),
    ('CLOSED_WITHOUT_EXCHANGE', 'FORGET', 'WITHDRAWN', 'HOUSE'),
    ('DECLINED',                'FORGET', 'WITHDRAWN', 'HOUSE'),
    ('CANCELLED',               'FORGET', 'WITHDRAWN', 'HOUSE'),
    ('EXPIRED',                 'FORGET', 'WITHDRAWN', 'HOUSE')
on conflict do nothing;

-- +goose StatementBegin
-- Of school: after how many months words go at each school of the owner in hand, by the
-- policy that is in force. A school that has none keeps them as it would begin; whatever
-- stands there, two years are the end.
create or replace function months_of_words(moment timestamptz) returns table (school_id uuid, months int)
    language plpgsql stable set search_path = ''
as $$
begin
    return query
        select s.id, least(coalesce((
            select e.retention_months from public.exchange_policy e
            where e.owner_id = s.owner_id and e.school_id = s.id and e.effective_at <= moment
            order by e.effective_at desc limit 1), 12), 24)
        from public.school s
        where s.owner_id = current_setting('undring.owner')::uuid;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- Of observation: forgets visits whose months are over, the oldest of a school first and
-- at most so many, and gives the ids of what it forgot. What somebody is writing in just
-- now waits for the next time.
create or replace function forget_visits(moment timestamptz, most int) returns setof uuid
    language plpgsql security definer set search_path = ''
as $$
begin
    if not public.is_house() then
        perform public.refuse('role_required');
    end if;
    return query
        with due as (
            select o.* from public.months_of_words(moment) m
            cross join lateral (
                select v.owner_id, v.id, v.seq, v.state from public.visit v
                where v.owner_id = current_setting('undring.owner')::uuid and v.school_id = m.school_id and v.state <> 'WITHDRAWN'
                  and greatest(v.end_at, case when v.state <> 'EXPIRED' then v.updated_at end) < moment - make_interval(months => m.months)
                order by greatest(v.end_at, case when v.state <> 'EXPIRED' then v.updated_at end)
                limit most for update skip locked) o
            limit most)
        insert into public.visit_event (owner_id, visit_id, seq, event, from_state, to_state, actor_id, at)
        select due.owner_id, due.id, due.seq + 1, 'FORGET', due.state, 'WITHDRAWN', null, moment from due
        returning visit_id;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- Of once: forgets requests that came before a moment, the oldest first and at most so
-- many, and gives how many they were.
create or replace function forget_requests(came_before timestamptz, most int) returns int
    language plpgsql security definer set search_path = ''
as $$
declare
    gone int;
begin
    if not public.is_house() then
        perform public.refuse('role_required');
    end if;
    delete from public.request r using (
        select q.ctid from public.request q
        where q.owner_id = current_setting('undring.owner')::uuid and q.at < came_before
        order by q.at limit most for update skip locked) old
    where r.ctid = old.ctid;
    get diagnostics gone = row_count;
    return gone;
end
$$;
-- +goose StatementEnd

revoke execute on function months_of_words, forget_visits, forget_requests from public;
grant execute on function forget_visits, forget_requests to undring_app;
