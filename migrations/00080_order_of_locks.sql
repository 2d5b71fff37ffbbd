-- One order of locks. Whatever changes something of a visit takes the visit first, with
-- the lock that it will need at last: two who both had a share in it, and both wanted
-- more, waited for each other. That lock leaves alone who only refers to the visit (for
-- no key update), so that nobody waits for a foreign key. Time that an agreed visit takes
-- is taken in the order of people: two who said yes to each other for the same hour waited
-- for each other as well. docs/developing.md has the order.

-- +goose Up

-- +goose StatementBegin
-- While a note is written its visit stays as it is.
create or replace function public.note_guard()
 returns trigger
 language plpgsql
 set search_path = ''
as $$
declare
    n constant public.note := coalesce(new, old);
begin
    if current_user = 'undring_owner' then
        return coalesce(new, old); -- a step, see visit_step
    end if;
    perform from public.visit v
        where v.owner_id = n.owner_id and v.id = n.visit_id and v.state in ('AGREED', 'OBSERVED')
        for no key update;
    if not found then
        perform public.refuse('notes_closed');
    end if;
    return coalesce(new, old);
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- While something of an exchange is written its visit stays as it is.
create or replace function public.exchange_guard()
 returns trigger
 language plpgsql
 set search_path = ''
as $$
begin
    if current_user = 'undring_owner' then
        return new; -- an erasure, see erase_person_in
    end if;
    perform from public.visit v
        where v.owner_id = new.owner_id and v.id = new.visit_id and v.state = any (string_to_array(tg_argv[0], ','))
        for no key update;
    if not found then
        perform public.refuse('wrong_state');
    end if;
    return new;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- A move is of an agreed visit, and between its two.
create or replace function public.move_guard()
 returns trigger
 language plpgsql
 set search_path = ''
as $$
begin
    perform from public.visit v
        where v.owner_id = new.owner_id and v.id = new.visit_id and v.state = 'AGREED'
          and new.by_id in (v.observer_id, v.observed_id) and new.other_id in (v.observer_id, v.observed_id) and new.by_id <> new.other_id
        for no key update;
    if not found then
        perform public.refuse('wrong_state');
    end if;
    return new;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- A step of a visit.
create or replace function public.visit_step()
 returns trigger
 language plpgsql
 security definer
 set search_path = ''
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
