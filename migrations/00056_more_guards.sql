-- What docs/writes.md showed that the application's role could write past the server's
-- rules: a wait that is no wait, a code used twice, somebody who came before they came,
-- a name that is another's, a question that is late when it is asked.

-- +goose Up

-- +goose StatementBegin
-- Whether a moment is no earlier than what the owner's people were last seen to change.
-- Servers' clocks may be five minutes apart.
create function is_now(moment timestamptz) returns boolean
    language sql stable set search_path = ''
    return coalesce(moment >= public.last_change() - interval '5 minutes', true);
-- +goose StatementEnd
grant execute on function is_now to undring_app;

-- +goose StatementBegin
-- An invitation to somebody who has signed in before, and every change of who somebody
-- is, waits for 72 hours from when it was made.
create function waits_before_it_counts() returns trigger
    language plpgsql set search_path = ''
as $$
begin
    if current_user <> 'undring_app' or public.is_house() then
        return new;
    end if;
    if tg_table_name = 'invitation' then
        if not public.is_now(new.created_at)
           or new.valid_from < new.created_at + interval '72 hours' and public.has_signed_in(new.person_id) then
            perform public.refuse('invalid_field');
        end if;
    elsif not public.is_now(new.created_at) or new.effective_at < new.created_at + interval '72 hours' then
        perform public.refuse('invalid_field');
    end if;
    return new;
end
$$;
-- +goose StatementEnd
create trigger waits_before_it_counts before insert on invitation for each row execute function waits_before_it_counts();
create trigger waits_before_it_counts before insert on identity_change for each row execute function waits_before_it_counts();

-- +goose StatementBegin
-- A code is used once: neither taken back nor used anew.
create function used_once() returns trigger
    language plpgsql set search_path = ''
as $$
begin
    if old.used_at is not null then
        perform public.refuse('wrong_state');
    end if;
    return new;
end
$$;
-- +goose StatementEnd
create trigger used_once before update of used_at on invitation for each row execute function used_once();

-- +goose StatementBegin
-- Nobody has been in the roster for longer than they have: what is told of groups goes by it.
create function came_now() returns trigger
    language plpgsql set search_path = ''
as $$
begin
    if current_user = 'undring_app' and not public.is_house() and not public.is_now(new.since) then
        perform public.refuse('invalid_field');
    end if;
    return new;
end
$$;
-- +goose StatementEnd
create trigger came_now before insert on membership for each row execute function came_now();

-- +goose StatementBegin
-- Who set hours aside, and who undid an import, say so themselves.
create function in_own_name() returns trigger
    language plpgsql set search_path = ''
as $$
declare
    me constant uuid := current_setting('undring.person')::uuid;
begin
    if current_user <> 'undring_app' or public.is_house() then
        return new;
    end if;
    if tg_table_name = 'time_budget' then
        if new.set_by <> me then
            perform public.refuse('role_required');
        end if;
    elsif new.undone_by is distinct from old.undone_by and new.undone_by is distinct from me
       or old.undone_at is not null and new.undone_at is distinct from old.undone_at then
        perform public.refuse('role_required');
    end if;
    return new;
end
$$;
-- +goose StatementEnd
create trigger in_own_name before insert or update on time_budget for each row execute function in_own_name();
create trigger in_own_name before update on roster_import for each row execute function in_own_name();

-- +goose StatementBegin
-- A question is opened with its visit, and is not late when it is asked.
create function question_begins() returns trigger
    language plpgsql set search_path = ''
as $$
begin
    if current_user <> 'undring_app' then
        return new;
    end if;
    if not public.is_now(new.due_at) then
        perform public.refuse('invalid_field');
    end if;
    if new.opened and not exists (select from public.visit v where v.owner_id = new.owner_id and v.id = new.visit_id and v.opened) then
        perform public.refuse('wrong_state');
    end if;
    return new;
end
$$;
-- +goose StatementEnd
create trigger question_begins before insert on question for each row execute function question_begins();

-- +goose StatementBegin
-- What somebody alone may say is nobody else's to change. When a correction was made is a
-- part of it.
create or replace function own_part_guard() returns trigger
    language plpgsql set search_path = ''
as $$
declare
    me constant uuid := current_setting('undring.person')::uuid;
begin
    if tg_table_name = 'correction' then
        if (new.text, new.created_at) is distinct from (old.text, old.created_at) and me <> old.observed_id
           or new.resolution <> '' and new.resolution is distinct from old.resolution and me <> old.observer_id then
            perform public.refuse('not_your_move');
        end if;
        return new;
    end if;
    if (new.did, new.happened, new.questioned, new.next, new.outcome, new.learning)
           is distinct from (old.did, old.happened, old.questioned, old.next, old.outcome, old.learning)
           and me <> old.person_id
       or new.agreed_by is distinct from old.agreed_by and me = old.person_id then
        perform public.refuse('not_your_move');
    end if;
    return new;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- Feedback is read, and said to be, once it was given; see visit_guard_more for the rest.
create function read_when_given() returns trigger
    language plpgsql set search_path = ''
as $$
begin
    if current_user = 'undring_app' and old.state not in ('FEEDBACK_GIVEN', 'ANSWERED', 'CLOSED') then
        perform public.refuse('wrong_state');
    end if;
    return new;
end
$$;
-- +goose StatementEnd
create trigger read_when_given before update of acknowledged_at on visit for each row
    when (old.acknowledged_at is distinct from new.acknowledged_at) execute function read_when_given();
