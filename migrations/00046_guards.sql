-- What may be written at birth: the columns that the application inserts, and guards on
-- insert as on update. Before, a row could be born as what the guards would never have
-- let it become: a question as answered, a correction as accepted, a yes of the other's.

-- +goose Up
revoke insert on visit, visit_event, note, round, feedback_point, question, reply, conversation, correction, action from undring_app;
grant insert (owner_id, id, school_id, observer_id, observed_id, peers, occasion_id, twin_id, round_id, awaits_id,
    start_at, end_at, place, co_taught, talk_at, talk_minutes, talk_arena, focus_question, suggested_focus, intention, focus_area_id,
    observer_agreed_at, observer_agreed_to, observed_agreed_at, observed_agreed_to, revision, created_at, updated_at) on visit to undring_app;
grant insert (owner_id, visit_id, seq, event, from_state, to_state, actor_id, at) on visit_event to undring_app;
grant insert (owner_id, id, visit_id, observer_id, observed_id, kind, text, observed_at, tag, about_focus, created_at, updated_at) on note to undring_app;
grant insert (owner_id, id, school_id, first_id, second_id, third_id, joined_ids, created_at) on round to undring_app;
grant insert (owner_id, id, visit_id, observer_id, observed_id, position, text, note_ids, saw_note_id, created_at) on feedback_point to undring_app;
grant insert (owner_id, id, visit_id, observer_id, observed_id, asker_id, addressee_id, position, text, language,
    wondering, stand_by, note_ids, source, due_at, opened, created_at) on question to undring_app;
grant insert (owner_id, id, visit_id, observer_id, observed_id, about_id, author_id, position, text, created_at) on reply to undring_app;
grant insert (owner_id, id, visit_id, observer_id, observed_id, recorded_by, talked_at, minutes, summary, created_at) on conversation to undring_app;
grant insert (owner_id, note_id, visit_id, observer_id, observed_id, text, created_at) on correction to undring_app;
grant insert (owner_id, id, visit_id, observer_id, observed_id, person_id, slot, text, lesson, due_on, focus_area_id, created_at) on action to undring_app;

-- +goose StatementBegin
-- A visit begins as a proposal by one of the two: nobody says yes for the other, the
-- card is the observed's, and a suggestion the observer's.
create function visit_begins() returns trigger
    language plpgsql set search_path = ''
as $$
declare
    me constant uuid := current_setting('undring.person')::uuid;
begin
    if current_user = 'undring_owner' then
        return new;
    end if;
    if (new.observer_agreed_at is not null or new.observer_agreed_to <> '') and me <> new.observer_id
       or (new.observed_agreed_at is not null or new.observed_agreed_to <> '') and me <> new.observed_id
       or (new.focus_question <> '' or new.intention <> '') and me <> new.observed_id
       or new.suggested_focus <> '' and me <> new.observer_id
       or new.awaits_id is not distinct from me then
        perform public.refuse('not_your_move');
    end if;
    return new;
end
$$;
-- +goose StatementEnd
create trigger visit_begins before insert on visit for each row execute function visit_begins();

-- +goose StatementBegin
-- What one of the two may change of the visit's own row besides what visit_guard holds:
-- the day by which something is owed moves with the step that makes it so, nobody takes
-- back the other's yes, and who has read it says so.
create function visit_guard_more() returns trigger
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
    if old.feedback_due_at is distinct from new.feedback_due_at and old.state not in ('NONE', 'PROPOSED')
       or old.answer_due_at is distinct from new.answer_due_at and old.state not in ('OBSERVED', 'FEEDBACK_GIVEN', 'ANSWERED')
       or old.takeaway_due_at is distinct from new.takeaway_due_at and old.state not in ('FEEDBACK_GIVEN', 'ANSWERED', 'CLOSED') then
        perform public.refuse('wrong_state');
    end if;
    return new;
end
$$;
-- +goose StatementEnd
create trigger visit_guard_more before update on visit for each row execute function visit_guard_more();

-- +goose StatementBegin
-- What hangs on something hangs on something of the same visit: a correction on a note
-- that was shared, a reply on a point or a question.
create function hangs_on_its_visit() returns trigger
    language plpgsql set search_path = ''
as $$
begin
    if tg_table_name = 'correction' then
        perform from public.note n where n.owner_id = new.owner_id and n.id = new.note_id and n.visit_id = new.visit_id and n.shared;
    else
        perform from public.feedback_point p where p.owner_id = new.owner_id and p.id = new.about_id and p.visit_id = new.visit_id
            union all
            select from public.question q where q.owner_id = new.owner_id and q.id = new.about_id and q.visit_id = new.visit_id;
    end if;
    if not found then
        perform public.refuse('invalid_field');
    end if;
    return new;
end
$$;
-- +goose StatementEnd
create trigger hangs_on_its_visit before insert on correction for each row execute function hangs_on_its_visit();
create trigger hangs_on_its_visit before insert on reply for each row execute function hangs_on_its_visit();

-- +goose StatementBegin
-- The doer reports, and what is reported stays so.
create function report_guard() returns trigger
    language plpgsql set search_path = ''
as $$
begin
    if current_user <> 'undring_owner' and (old.state, old.reported_at) is distinct from (new.state, new.reported_at)
       and (old.state = 'REPORTED' or new.state = 'REPORTED') then
        if current_setting('undring.person')::uuid <> old.person_id then
            perform public.refuse('not_your_move');
        end if;
        if old.state = 'REPORTED' and new.state <> 'REPORTED' then
            perform public.refuse('wrong_state');
        end if;
    end if;
    return new;
end
$$;
-- +goose StatementEnd
create trigger report_guard before update on action for each row execute function report_guard();

-- +goose StatementBegin
-- One ballot a person: it comes in the transaction that says that its person has
-- answered, and alone.
create function ballot_guard() returns trigger
    language plpgsql security definer set search_path = ''
as $$
declare
    this constant text := pg_current_xact_id()::xid::text;
begin
    perform from public.pulse_answered a
        where a.owner_id = new.owner_id and a.term = new.term
          and a.person_id = current_setting('undring.person')::uuid and a.xmin::text = this;
    if not found or exists (select from public.pulse_answer b where b.owner_id = new.owner_id and b.xmin::text = this) then
        perform public.refuse('pulse_closed');
    end if;
    return new;
end
$$;
-- +goose StatementEnd
revoke execute on function ballot_guard from public;
create policy definer_counts on pulse_answered for select to undring_owner
    using (owner_id = (select current_setting('undring.owner')::uuid) and person_id = (select current_setting('undring.person')::uuid));
create policy definer_counts on pulse_answer for select to undring_owner
    using (owner_id = (select current_setting('undring.owner')::uuid));
create trigger ballot_guard before insert on pulse_answer for each row execute function ballot_guard();

-- +goose StatementBegin
-- When the owner's people were last seen to change something.
create function last_change() returns timestamptz
    language plpgsql stable security definer set search_path = ''
as $$
begin
    return (select max(r.at) from public.request r where r.owner_id = current_setting('undring.owner')::uuid);
end
$$;
-- +goose StatementEnd
revoke execute on function last_change from public;
grant execute on function last_change to undring_app;

-- +goose StatementBegin
-- Nobody sets rules in another's name, or says that they were set before what has
-- happened since. Servers' clocks may be five minutes apart.
create function policy_now() returns trigger
    language plpgsql set search_path = ''
as $$
begin
    if new.set_by is not null and not public.is_house() then
        if new.set_by <> current_setting('undring.person')::uuid then
            perform public.refuse('role_required');
        end if;
        if new.set_at < public.last_change() - interval '5 minutes' then
            perform public.refuse('invalid_field');
        end if;
    end if;
    return new;
end
$$;
-- +goose StatementEnd
create trigger policy_now before insert on exchange_policy for each row execute function policy_now();

-- Whoever represents others at a school reads its policy, and not its hours.
-- +goose StatementBegin
do $$
declare
    t text;
begin
    foreach t in array array['time_budget', 'time_slot'] loop
        execute format('alter policy staff_read on %I using (owner_id = (select current_setting(''undring.owner'')::uuid) and exists (
            select from membership m where m.owner_id = %I.owner_id and m.school_id = %I.school_id
              and m.person_id = (select current_setting(''undring.person'')::uuid) and m.active and m.role <> ''REPRESENTATIVE''))', t, t, t);
    end loop;
end $$;
-- +goose StatementEnd
