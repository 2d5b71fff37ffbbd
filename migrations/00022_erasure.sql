-- The functions that take words away, as the rooms declare it beside their tables: each
-- says which of its columns hold words, and when they go (package tables). A test holds
-- the two against each other; a new declaration brings a new migration with the body
-- that the test prints.

-- +goose Up
-- +goose StatementBegin
-- Erases every word of a visit, of both, and the fact of all that was written.
create or replace function erase_words(tenant uuid, which uuid) returns void
    language plpgsql security definer set search_path = ''
as $$
begin
    update public.visit set
        place = '',
        talk_arena = '',
        focus_question = '',
        intention = '',
        look_for = '',
        do_not_note = '',
        wanted_feedback = '',
        suggested_focus = '',
        talk_at = null,
        focus_area_id = null,
        point_id = null,
        wondering_id = null,
        answered_id = null,
        observer_takeaway = null,
        observed_takeaway = null,
        acknowledged_at = null
    where owner_id = tenant and id = which;
    update public.request set
        reply = null
    where owner_id = tenant and visit_id = which;
    delete from public.reply where owner_id = tenant and visit_id = which;
    delete from public.conversation where owner_id = tenant and visit_id = which;
    delete from public.correction where owner_id = tenant and visit_id = which;
    delete from public.own_view where owner_id = tenant and visit_id = which;
    delete from public.takeaway where owner_id = tenant and visit_id = which;
    delete from public.draft where owner_id = tenant and visit_id = which;
    delete from public.question where owner_id = tenant and visit_id = which;
    delete from public.feedback_point where owner_id = tenant and visit_id = which;
    delete from public.action where owner_id = tenant and visit_id = which;
    delete from public.note where owner_id = tenant and visit_id = which;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- Takes away what was never handed over, once the exchange has ended.
create function end_words(tenant uuid, which uuid) returns void
    language plpgsql security definer set search_path = ''
as $$
begin
    delete from public.draft where owner_id = tenant and visit_id = which;
    delete from public.note where owner_id = tenant and visit_id = which and not shared;
end
$$;
-- +goose StatementEnd
revoke execute on function end_words from public;

-- +goose StatementBegin
-- Moves a visit: the only thing that writes its state, its hours and its end.
create or replace function visit_step() returns trigger
    language plpgsql security definer set search_path = ''
as $$
declare
    v   public.visit;
    who text;
begin
    select * into v from public.visit where owner_id = new.owner_id and id = new.visit_id for update;
    select mover into who from public.visit_arrow
        where from_state = new.from_state and event = new.event and to_state = new.to_state;
    if v.state <> new.from_state or v.seq <> new.seq - 1 or who is null then
        perform public.refuse('wrong_state');
    end if;

    -- Whose move is it?
    if (case who
        when 'OBSERVER' then new.actor_id = v.observer_id
        when 'OBSERVED' then new.actor_id = v.observed_id
        when 'AWAITED' then new.actor_id = v.awaits_id
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

    -- Finish the one that you owe first.
    if new.event in ('PROPOSE', 'COUNTER', 'ACCEPT') and public.gate_holds(v.school_id, new.at) and (
        public.overdue_visit(new.actor_id, case new.actor_id when v.observer_id then 'OBSERVER' else 'OBSERVED' end, new.at) is not null) then
        perform public.refuse('exchange_overdue');
    end if;

    -- Hours: taken while agreed and observed.
    if new.to_state = 'AGREED' then
        insert into public.booking (owner_id, person_id, occasion_id, kind, visit_id, blocks_lesson, span) values
            (v.owner_id, v.observer_id, v.occasion_id, 1, v.id, not v.co_taught, tstzrange(v.start_at, v.end_at)),
            (v.owner_id, v.observed_id, v.occasion_id, 1, v.id, false, tstzrange(v.start_at, v.end_at));
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
        edition = case new.event when 'REOPEN' then v.edition + 1 else v.edition end,
        revision = v.revision + 1,
        updated_at = new.at
    where owner_id = v.owner_id and id = v.id;

    if new.to_state = 'ANSWERED' and v.round_id is not null then
        update public.round set done_ids = array_append(done_ids, v.observer_id)
        where owner_id = v.owner_id and id = v.round_id and not v.observer_id = any (done_ids);
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
