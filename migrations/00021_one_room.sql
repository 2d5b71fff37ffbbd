-- What one room asks of another stands in a function of the other's: each table is
-- named in the SQL of one room alone. What they did inside a statement they do in a
-- function of it; who may read what stays with row level security, so none of these
-- runs as the owner but the one that ends visits, which asks for the house.

-- +goose Up
-- +goose StatementBegin
-- Of feedback: what is unsettled in the exchange of a visit. A question that the
-- observed may not read yet does not count for them: then opening comes first. It has
-- no search_path of its own, so that it becomes a part of the statement that asks.
create function open_exchange(tenant uuid, which uuid, observer uuid, observed uuid)
    returns table (to_observed bigint, to_observer bigint, due_at timestamptz, unconfirmed bigint, teller uuid)
    language sql stable
begin atomic
    select count(*) filter (where q.state = 'OPEN' and q.addressee_id = observed),
        count(*) filter (where q.state = 'OPEN' and q.addressee_id = observer),
        min(q.due_at) filter (where q.state = 'OPEN'),
        count(*) filter (where q.state = 'TALKED_UNCONFIRMED'),
        (select c.recorded_by from public.conversation c
            where c.owner_id = tenant and c.visit_id = which and c.confirmed_by is null
            order by c.created_at desc limit 1)
    from public.question q
    where q.owner_id = tenant and q.visit_id = which;
end;
-- +goose StatementEnd

-- +goose StatementBegin
-- Of observation: the school of a visit, to those who may read the visit.
create function school_of_visit(which uuid) returns uuid
    language plpgsql stable set search_path = ''
as $$
begin
    return (select v.school_id from public.visit v where v.owner_id = current_setting('undring.owner')::uuid and v.id = which);
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- Of observation: ends visits whose lessons ended before a moment and that nobody went
-- to, at most so many, and gives the ids of what it ended. How long they are waited
-- for is said by the one who calls; expire_visits goes with the last program that
-- calls it.
create function end_unvisited(ended_before timestamptz, moment timestamptz, most int) returns setof uuid
    language plpgsql security definer set search_path = ''
as $$
begin
    if not public.is_house() then
        perform public.refuse('role_required');
    end if;
    return query
        with due as (
            select v.owner_id, v.id, v.seq, v.state from public.visit v
            where v.owner_id = current_setting('undring.owner')::uuid
              and v.state in ('PROPOSED', 'AGREED') and v.end_at < ended_before
            order by v.end_at limit most for update skip locked)
        insert into public.visit_event (owner_id, visit_id, seq, event, from_state, to_state, actor_id, at)
        select due.owner_id, due.id, due.seq + 1, 'EXPIRE', due.state, 'EXPIRED', null, moment from due
        returning visit_id;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- Of school: the time zone of a school.
create function zone_of(which uuid) returns text
    language plpgsql stable set search_path = ''
as $$
begin
    return (select s.time_zone from public.school s where s.owner_id = current_setting('undring.owner')::uuid and s.id = which);
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- Of school: what somebody is called.
create function person_name(which uuid) returns text
    language plpgsql stable set search_path = ''
as $$
begin
    return (select p.given_name || ' ' || p.family_name from public.person p
        where p.owner_id = current_setting('undring.owner')::uuid and p.id = which);
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- Of school: does somebody hold a place at a school now?
create function belongs_to(which_school uuid, who uuid) returns boolean
    language plpgsql stable set search_path = ''
as $$
begin
    return exists (select from public.membership m
        where m.owner_id = current_setting('undring.owner')::uuid and m.school_id = which_school and m.person_id = who and m.active);
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- Of school: is somebody active, with a place at any school?
create function holds_a_place(who uuid) returns boolean
    language plpgsql stable set search_path = ''
as $$
declare
    tenant constant uuid := current_setting('undring.owner')::uuid;
begin
    return exists (select from public.person p
        where p.owner_id = tenant and p.id = who and p.active
          and exists (select from public.membership m where m.owner_id = tenant and m.person_id = who and m.active));
end
$$;
-- +goose StatementEnd

revoke execute on function end_unvisited from public;
grant execute on function open_exchange, school_of_visit, end_unvisited, zone_of, person_name, belongs_to, holds_a_place to undring_app;
