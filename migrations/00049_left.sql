-- When one of the two leaves the school, the one who stays can end the visit alone, is
-- late with nothing in it, and agrees to nothing with somebody who is not there.

-- +goose Up
-- +goose StatementBegin
-- Whether somebody neither teaches nor leads at a school any more. Row level security of
-- memberships lets everybody of the owner ask.
create function has_left(which_school uuid, who uuid) returns boolean
    language plpgsql stable set search_path = ''
as $$
begin
    return not exists (
        select from public.membership m
        where m.owner_id = current_setting('undring.owner')::uuid and m.school_id = which_school and m.person_id = who
          and m.active and m.role in ('TEACHER', 'LEADER'));
end
$$;
-- +goose StatementEnd

-- Who has ended it, where one did it alone.
alter table visit add column ended_alone_by uuid;
alter table visit drop constraint takeaway_missing;
alter table visit add constraint takeaway_missing check (state <> 'CLOSED'
    or (coalesce(observer_takeaway, 0) = edition or ended_alone_by is not distinct from observed_id)
    and (coalesce(observed_takeaway, 0) = edition or ended_alone_by is not distinct from observer_id)) not valid;

insert into visit_arrow (from_state, event, to_state, mover) values
    ('PROPOSED',       'END_ALONE',   'CANCELLED',               'EITHER'),
    ('AGREED',         'END_ALONE',   'CANCELLED',               'EITHER'),
    ('OBSERVED',       'END_ALONE',   'CLOSED_WITHOUT_EXCHANGE', 'EITHER'),
    ('FEEDBACK_GIVEN', 'END_ALONE',   'CLOSED_WITHOUT_EXCHANGE', 'EITHER'),
    ('ANSWERED',       'END_ALONE',   'CLOSED_WITHOUT_EXCHANGE', 'EITHER'),
    ('ANSWERED',       'CLOSE_ALONE', 'CLOSED',                  'EITHER');

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
create or replace function overdue_visit(who uuid, in_role text, moment timestamptz) returns uuid
    language plpgsql stable set search_path = ''
as $$
begin
    return (
    select v.id
    from public.visit v
    where v.owner_id = current_setting('undring.owner')::uuid
      and v.state in ('OBSERVED', 'FEEDBACK_GIVEN', 'ANSWERED')
      and (v.observer_id = who and in_role = 'OBSERVER' or v.observed_id = who and in_role = 'OBSERVED')
      and v.exit_wished_by is distinct from who
      and not public.has_left(v.school_id, case who when v.observer_id then v.observed_id else v.observer_id end)
      and (
        v.state = 'OBSERVED' and in_role = 'OBSERVER' and v.feedback_due_at < moment
        or v.state = 'FEEDBACK_GIVEN' and exists (
            select from public.question q
            where q.owner_id = v.owner_id and q.visit_id = v.id
              and q.addressee_id = who and q.state = 'OPEN' and q.due_at < moment)
        or v.state = 'FEEDBACK_GIVEN' and in_role = 'OBSERVED' and v.answer_due_at < moment
            and (not v.opened or not exists (
                select from public.question q
                where q.owner_id = v.owner_id and q.visit_id = v.id and q.opens_gate
                  and q.state in ('ANSWERED', 'TALKED', 'TALKED_UNCONFIRMED')))
        or v.state = 'ANSWERED' and v.takeaway_due_at < moment
            and coalesce(case in_role when 'OBSERVER' then v.observer_takeaway else v.observed_takeaway end, 0) < v.edition)
    order by v.start_at
    limit 1);
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- Who leaves or comes back changes what is to be done in their visits: both phones hear
-- of it.
create function feed_leaving() returns trigger
    language plpgsql security definer set search_path = ''
as $$
declare
    one record;
begin
    if coalesce(current_setting('undring.owner', true), '') = '' then -- changed by hand, past the program
        perform set_config('undring.owner', new.owner_id::text, true);
    end if;
    for one in
        select v.id, v.observer_id, v.observed_id from public.visit v
        where v.owner_id = new.owner_id and v.school_id = new.school_id and v.observer_id = new.person_id
          and v.state in ('PROPOSED', 'AGREED', 'OBSERVED', 'FEEDBACK_GIVEN', 'ANSWERED', 'CLOSED')
        union
        select v.id, v.observer_id, v.observed_id from public.visit v
        where v.owner_id = new.owner_id and v.school_id = new.school_id and v.observed_id = new.person_id
          and v.state in ('PROPOSED', 'AGREED', 'OBSERVED', 'FEEDBACK_GIVEN', 'ANSWERED', 'CLOSED')
    loop
        perform public.tell(new.owner_id, array[one.observer_id, one.observed_id], 'OBSERVATION', one.id, false);
    end loop;
    return null;
end
$$;
-- +goose StatementEnd
revoke execute on function feed_leaving from public;
create trigger feed_leaving after update of active on membership for each row
    when (old.active <> new.active and new.role in ('TEACHER', 'LEADER')) execute function feed_leaving();
