-- An agreed visit is moved by a proposal of another time. Until the other one has
-- answered, the old time stands, and the card stays as it is.

-- +goose Up
create table visit_move (
    owner_id   uuid not null,
    visit_id   uuid not null,
    by_id      uuid not null,       -- who proposes it
    other_id   uuid not null,       -- whom it waits for
    start_at   timestamptz not null,
    end_at     timestamptz not null,
    created_at timestamptz not null,
    constraint visit_move_one primary key (owner_id, visit_id), -- a second one takes the place of the first
    constraint move__invalid_field check (end_at > start_at and end_at <= start_at + interval '4 hours'),
    foreign key (owner_id, visit_id) references visit
);

-- +goose StatementBegin
do $$
declare
    tenant constant text := 'owner_id = (select current_setting(''undring.owner'')::uuid)';
    me constant text := '(select current_setting(''undring.person'')::uuid)';
begin
    execute 'alter table visit_move enable row level security';
    execute 'alter table visit_move force row level security';
    execute format('create policy definer_all on visit_move to undring_owner using (%s)', tenant);
    execute format('create policy two_read on visit_move for select to undring_app using (%s and (by_id = %s or other_id = %s))', tenant, me, me);
    execute format('create policy own_add on visit_move for insert to undring_app with check (%s and by_id = %s)', tenant, me);
    execute format('create policy own_change on visit_move for update to undring_app using (%s and (by_id = %s or other_id = %s)) with check (by_id = %s)', tenant, me, me, me);
    execute format('create policy two_remove on visit_move for delete to undring_app using (%s and (by_id = %s or other_id = %s))', tenant, me, me);
end
$$;
-- +goose StatementEnd
grant select, insert, delete, update (by_id, other_id, start_at, end_at, created_at) on visit_move to undring_app;

alter table visit_notice drop constraint visit_notice_kind_check;
alter table visit_notice add constraint visit_notice_kind_check
    check (kind in ('CALLED_OFF', 'DECLINED', 'WITHDRAWN', 'EXIT_REFUSED', 'REOPEN_REFUSED', 'MOVED', 'MOVE_REFUSED'));

insert into visit_arrow (from_state, event, to_state, mover) values ('AGREED', 'MOVE', 'AGREED', 'AWAITED');

-- +goose StatementBegin
-- A move is of an agreed visit, and between its two.
create function move_guard() returns trigger
    language plpgsql set search_path = ''
as $$
begin
    perform from public.visit v
        where v.owner_id = new.owner_id and v.id = new.visit_id and v.state = 'AGREED'
          and new.by_id in (v.observer_id, v.observed_id) and new.other_id in (v.observer_id, v.observed_id) and new.by_id <> new.other_id
        for share;
    if not found then
        perform public.refuse('wrong_state');
    end if;
    return new;
end
$$;
-- +goose StatementEnd
create trigger move_guard before insert or update on visit_move for each row execute function move_guard();

-- +goose StatementBegin
-- A move that goes without a step (which deletes it from within a trigger), and not by
-- the one who proposed it, was answered with no.
create function move_refused() returns trigger
    language plpgsql security definer set search_path = ''
as $$
begin
    if pg_trigger_depth() = 1 and old.by_id <> nullif(current_setting('undring.person'), '')::uuid then
        perform public.tell_change(old.owner_id, old.visit_id, old.by_id, 'MOVE_REFUSED', v.updated_at)
        from public.visit v where v.owner_id = old.owner_id and v.id = old.visit_id;
    end if;
    return null;
end
$$;
-- +goose StatementEnd
create trigger move_refused after delete on visit_move for each row execute function move_refused();
revoke execute on function move_refused from public;

-- +goose StatementBegin
create or replace function visit_tells() returns trigger
    language plpgsql security definer set search_path = ''
as $$
declare
    what constant text := case
        when new.event = 'CANCEL' then 'CALLED_OFF'
        when new.event = 'DECLINE' then 'DECLINED'
        when new.event = 'WITHDRAW' and new.from_state in ('PROPOSED', 'AGREED', 'OBSERVED', 'FEEDBACK_GIVEN', 'ANSWERED') then 'WITHDRAWN'
    end;
begin
    if new.event = 'MOVE' then
        perform public.tell_change(new.owner_id, new.visit_id, m.by_id, 'MOVED', new.at)
        from public.visit_move m where m.owner_id = new.owner_id and m.visit_id = new.visit_id;
    end if;
    delete from public.visit_move m where m.owner_id = new.owner_id and m.visit_id = new.visit_id; -- answered, or of no use any more
    if new.event = 'FORGET' then
        delete from public.visit_notice n where n.owner_id = new.owner_id and n.visit_id = new.visit_id;
    elsif what is not null then
        perform public.tell_change(new.owner_id, new.visit_id,
            case new.actor_id when v.observer_id then v.observed_id else v.observer_id end, what, new.at)
        from public.visit v where v.owner_id = new.owner_id and v.id = new.visit_id;
    end if;
    return null;
end
$$;
-- +goose StatementEnd

-- The time of feedback goes with the lesson's: by whoever says yes to a move.
-- +goose StatementBegin
create or replace function visit_guard_more() returns trigger
    language plpgsql set search_path = ''
as $$
declare
    me constant uuid := current_setting('undring.person')::uuid;
begin
    if current_user = 'undring_owner' then
        return new; -- a step, see visit_step
    end if;
    if (old.observer_agreed_at, old.observer_agreed_to) is distinct from (new.observer_agreed_at, new.observer_agreed_to) and me <> old.observer_id
       or (old.observed_agreed_at, old.observed_agreed_to) is distinct from (new.observed_agreed_at, new.observed_agreed_to) and me <> old.observed_id
       or old.acknowledged_at is distinct from new.acknowledged_at and me <> old.observed_id then
        perform public.refuse('not_your_move');
    end if;
    if old.feedback_due_at is distinct from new.feedback_due_at and old.state not in ('NONE', 'PROPOSED') and not (
            old.state = 'AGREED' and exists ( -- to a move that the other one has proposed
                select from public.visit_move m where m.owner_id = old.owner_id and m.visit_id = old.id and m.by_id <> me))
       or old.answer_due_at is distinct from new.answer_due_at and old.state not in ('OBSERVED', 'FEEDBACK_GIVEN', 'ANSWERED')
       or old.takeaway_due_at is distinct from new.takeaway_due_at and old.state not in ('FEEDBACK_GIVEN', 'ANSWERED', 'CLOSED') then
        perform public.refuse('wrong_state');
    end if;
    return new;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create or replace function visit_step() returns trigger
    language plpgsql security definer set search_path = ''
as $$
declare
    v   public.visit;
    who text;
    m   public.visit_move;
    asked uuid; -- whom a move waits for
begin
    select * into v from public.visit where owner_id = new.owner_id and id = new.visit_id for update;
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
