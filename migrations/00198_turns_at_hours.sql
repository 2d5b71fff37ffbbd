-- Two who book the same hour at the same moment each write their row, see the other's and wait for each other, whatever
-- the order of the people: so an exclusion constraint works. Now whoever books people's hours has each of these people's turn first, in the
-- order of people.

-- +goose Up
-- +goose StatementBegin
create function take_turns_at_hours(tenant uuid, people uuid[]) returns void
    language plpgsql set search_path = ''
as $$
begin
    perform pg_advisory_xact_lock(hashtextextended(tenant || ' ' || o.p, 66))
    from (select distinct p from unnest(people) p where p is not null order by p) o;
end
$$;
-- +goose StatementEnd
revoke execute on function take_turns_at_hours from public;

-- +goose StatementBegin
create or replace function visit_step() returns trigger
    language plpgsql security definer set search_path = ''
as $$
declare
    v   public.visit;
    who text;
    m   public.visit_move;
    asked uuid; -- whom a move waits for
    left_by boolean; -- the other one has left
begin
    select * into v from public.visit where owner_id = new.owner_id and id = new.visit_id for no key update;
    select mover into who from public.visit_arrow
        where from_state = new.from_state and event = new.event and to_state = new.to_state;
    if v.state <> new.from_state or v.seq <> new.seq - 1 or who is null then
        perform public.refuse('wrong_state');
    end if;

    select * into m from public.visit_move where owner_id = new.owner_id and visit_id = new.visit_id;
    asked := case m.by_id when v.observer_id then v.observed_id when v.observed_id then v.observer_id end;
    if new.event = 'MOVE' and m.by_id is null then
        perform public.refuse('nothing_to_answer');
    end if;

    -- Whose move is it?
    if (case who
        when 'OBSERVER' then new.actor_id = v.observer_id
        when 'OBSERVED' then new.actor_id = v.observed_id
        when 'AWAITED' then new.actor_id = case new.event when 'MOVE' then asked else v.awaits_id end
        when 'EITHER' then new.actor_id in (v.observer_id, v.observed_id)
        when 'HOUSE' then new.actor_id is null
    end) is not true then
        perform public.refuse('not_your_move');
    end if;
    if new.event = 'PROPOSE' and v.awaits_id is not distinct from new.actor_id
       or new.event = 'EXIT' and coalesce(v.exit_wished_by, new.actor_id) = new.actor_id
       or new.event = 'REOPEN' and coalesce(v.reopen_wished_by, new.actor_id) = new.actor_id then
        perform public.refuse('not_your_move'); -- it takes the other one
    end if;

    -- Nobody agrees with somebody who has left; and ends alone whom the other one has left.
    if new.event in ('COUNTER', 'ACCEPT', 'MOVE', 'END_ALONE', 'CLOSE_ALONE') then
        left_by := public.has_left(v.school_id, case new.actor_id when v.observer_id then v.observed_id else v.observer_id end);
        if new.event in ('END_ALONE', 'CLOSE_ALONE') and not left_by then
            perform public.refuse('other_is_there');
        elsif new.event in ('COUNTER', 'ACCEPT', 'MOVE') and left_by then
            perform public.refuse('person_left');
        end if;
    end if;

    -- Finish the one that you owe first.
    if new.event in ('PROPOSE', 'COUNTER', 'ACCEPT') and public.gate_holds(v.school_id, new.at) and (
        public.overdue_visit(new.actor_id, case new.actor_id when v.observer_id then 'OBSERVER' else 'OBSERVED' end, new.at) is not null) then
        perform public.refuse('exchange_overdue');
    end if;

    if new.event = 'MOVE' or new.to_state = 'AGREED' then
        perform public.take_turns_at_hours(v.owner_id, array[v.observer_id, v.observed_id]);
    end if;

    -- The other time takes the place of the old one, and its hours; a talk that was set
    -- for the old one follows the lesson again.
    if new.event = 'MOVE' then
        delete from public.booking where owner_id = v.owner_id and visit_id = v.id;
        v.start_at := m.start_at;
        v.end_at := m.end_at;
        update public.visit set start_at = m.start_at, end_at = m.end_at, talk_at = null where owner_id = v.owner_id and id = v.id;
    end if;

    -- Hours: taken while agreed and observed.
    if new.to_state = 'AGREED' then
        insert into public.booking (owner_id, person_id, occasion_id, kind, visit_id, blocks_lesson, span)
        select v.owner_id, taken.id, v.occasion_id, 1, v.id, taken.blocks, tstzrange(v.start_at, v.end_at)
        from (values (v.observer_id, not v.co_taught), (v.observed_id, false)) taken (id, blocks)
        order by taken.id;
    elsif new.to_state <> 'OBSERVED' then
        delete from public.booking where owner_id = v.owner_id and visit_id = v.id;
    end if;

    update public.visit set
        state = new.to_state,
        seq = new.seq,
        awaits_id = case new.to_state when 'PROPOSED' then
            case when new.event = 'COUNTER' then
                case new.actor_id when v.observer_id then v.observed_id else v.observer_id end
            else v.awaits_id end end,
        exit_wished_by = null,
        reopen_wished_by = null,
        ended_alone_by = case when new.event in ('END_ALONE', 'CLOSE_ALONE') then new.actor_id end,
        edition = case new.event when 'REOPEN' then v.edition + 1 else v.edition end,
        revision = v.revision + 1,
        updated_at = new.at
    where owner_id = v.owner_id and id = v.id;

    if new.to_state = 'ANSWERED' and v.round_id is not null then
        update public.round set done_ids = array_append(done_ids, v.observer_id)
        where owner_id = v.owner_id and id = v.round_id and not v.observer_id = any (done_ids);
    end if;
    -- What was addressed to the one who stays can be read, though nobody answers it any more.
    if new.event in ('END_ALONE', 'CLOSE_ALONE') and new.actor_id = v.observed_id and v.point_id is not null and not v.opened then
        update public.visit set opened = true where owner_id = v.owner_id and id = v.id;
        update public.feedback_point set opened = true where owner_id = v.owner_id and visit_id = v.id;
        update public.question set opened = true where owner_id = v.owner_id and visit_id = v.id;
        update public.note set opened = true where owner_id = v.owner_id and visit_id = v.id and shared;
    end if;
    if new.to_state in ('CLOSED', 'CLOSED_WITHOUT_EXCHANGE') then
        perform public.end_words(v.owner_id, v.id); -- what was not shared is gone
    end if;
    if new.to_state = 'WITHDRAWN' then
        perform public.erase_words(v.owner_id, v.id);
    end if;
    return null;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create or replace function set_lessons(people uuid[], begins timestamp with time zone[], ends timestamp with time zone[], from_at timestamp with time zone, until_at timestamp with time zone, which_school uuid, by_address boolean) returns integer
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
    perform public.take_turns_at_hours(tenant, people);
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
