-- Nothing is asked unheard: what happened to a visit stands until the one whom it
-- concerns has seen it, and a wish can be answered with no.

-- +goose Up
-- What somebody has not seen yet. There is no word of a person in it, and the database
-- alone makes one, so that no way of changing a visit can leave it out.
create table visit_notice (
    owner_id  uuid not null,
    visit_id  uuid not null,
    person_id uuid not null,        -- who is to see it
    other_id  uuid not null,        -- who did it
    revision  bigint not null,      -- the visit's, when it happened
    kind      text not null check (kind in ('CALLED_OFF', 'DECLINED', 'WITHDRAWN', 'EXIT_REFUSED', 'REOPEN_REFUSED')),
    at        timestamptz not null,
    constraint visit_notice_once primary key (owner_id, visit_id, person_id, revision, kind),
    foreign key (owner_id, visit_id) references visit
);

-- +goose StatementBegin
do $$
declare
    tenant constant text := 'owner_id = (select current_setting(''undring.owner'')::uuid)';
    me constant text := '(select current_setting(''undring.person'')::uuid)';
begin
    execute 'alter table visit_notice enable row level security';
    execute 'alter table visit_notice force row level security';
    execute format('create policy definer_all on visit_notice to undring_owner using (%s)', tenant);
    execute format('create policy two_read on visit_notice for select to undring_app using (%s and (person_id = %s or other_id = %s))', tenant, me, me);
    execute format('create policy own_remove on visit_notice for delete to undring_app using (%s and person_id = %s)', tenant, me);
end
$$;
-- +goose StatementEnd
grant select, delete on visit_notice to undring_app;

-- +goose StatementBegin
-- Keeps what one of the two is to see.
create function tell_change(tenant uuid, which uuid, told uuid, what text, moment timestamptz) returns void
    language plpgsql set search_path = ''
as $$
begin
    insert into public.visit_notice (owner_id, visit_id, person_id, other_id, revision, kind, at)
    select v.owner_id, v.id, told, case told when v.observer_id then v.observed_id else v.observer_id end, v.revision, what, moment
    from public.visit v
    where v.owner_id = tenant and v.id = which and told in (v.observer_id, v.observed_id)
    on conflict do nothing;
end
$$;
-- +goose StatementEnd
revoke execute on function tell_change from public;

-- +goose StatementBegin
-- A visit that comes to nothing by one of the two is told to the other. Of one that had
-- ended before there is nothing to tell; once the months are over, nothing is kept.
create function visit_tells() returns trigger
    language plpgsql security definer set search_path = ''
as $$
declare
    what constant text := case
        when new.event = 'CANCEL' then 'CALLED_OFF'
        when new.event = 'DECLINE' then 'DECLINED'
        when new.event = 'WITHDRAW' and new.from_state in ('PROPOSED', 'AGREED', 'OBSERVED', 'FEEDBACK_GIVEN', 'ANSWERED') then 'WITHDRAWN'
    end;
begin
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
-- After visit_step, which has moved the visit: triggers fire by their names.
create trigger visit_tells after insert on visit_event for each row execute function visit_tells();

-- +goose StatementBegin
-- A wish that goes without a step, and not by the one who had it, was answered with no.
create function wish_refused() returns trigger
    language plpgsql security definer set search_path = ''
as $$
declare
    me constant uuid := nullif(current_setting('undring.person'), '')::uuid;
begin
    if old.exit_wished_by <> me and new.exit_wished_by is null then
        perform public.tell_change(new.owner_id, new.id, old.exit_wished_by, 'EXIT_REFUSED', new.updated_at);
    end if;
    if old.reopen_wished_by <> me and new.reopen_wished_by is null then
        perform public.tell_change(new.owner_id, new.id, old.reopen_wished_by, 'REOPEN_REFUSED', new.updated_at);
    end if;
    return null;
end
$$;
-- +goose StatementEnd
create trigger wish_refused after update of exit_wished_by, reopen_wished_by on visit for each row
    when (old.seq = new.seq and (old.exit_wished_by, old.reopen_wished_by) is distinct from (new.exit_wished_by, new.reopen_wished_by))
    execute function wish_refused();

-- +goose StatementBegin
-- What is to be seen, or has been, is a change of the visit as both phones keep it.
create function feed_visit_notice() returns trigger
    language plpgsql security definer set search_path = ''
as $$
declare
    n constant public.visit_notice := coalesce(new, old);
begin
    perform public.tell(n.owner_id, array[n.person_id, n.other_id], 'OBSERVATION', n.visit_id, false);
    return null;
end
$$;
-- +goose StatementEnd
create trigger feed_visit_notice after insert or delete on visit_notice for each row execute function feed_visit_notice();
revoke execute on function visit_tells, wish_refused, feed_visit_notice from public;

-- +goose StatementBegin
-- As before, but for wishes: nobody wishes in the other's name, and either lets a wish go,
-- the one who has it or the one who says no to it.
create or replace function visit_guard() returns trigger
    language plpgsql set search_path = ''
as $$
declare
    me constant uuid := current_setting('undring.person')::uuid;
begin
    if current_user = 'undring_owner' then
        return new; -- a step, see visit_step
    end if;
    if (old.start_at, old.end_at, old.place) is distinct from (new.start_at, new.end_at, new.place) and old.state not in ('NONE', 'PROPOSED') then
        perform public.refuse('wrong_state');
    end if;
    if (old.focus_question, old.intention, old.look_for, old.do_not_note, old.wanted_feedback)
       is distinct from (new.focus_question, new.intention, new.look_for, new.do_not_note, new.wanted_feedback) then
        if me <> old.observed_id then
            perform public.refuse('not_your_move');
        end if;
        if old.state not in ('PROPOSED', 'AGREED') then
            perform public.refuse('wrong_state');
        end if;
    end if;
    if new.observer_agreed_at is not null and new.observer_agreed_at is distinct from old.observer_agreed_at and me <> old.observer_id
       or new.observed_agreed_at is not null and new.observed_agreed_at is distinct from old.observed_agreed_at and me <> old.observed_id then
        perform public.refuse('not_your_move'); -- nobody says yes for the other
    end if;
    if old.exit_wished_by is distinct from new.exit_wished_by and me <> coalesce(new.exit_wished_by, me)
       or old.reopen_wished_by is distinct from new.reopen_wished_by and me <> coalesce(new.reopen_wished_by, me) then
        perform public.refuse('not_your_move');
    end if;
    return new;
end
$$;
-- +goose StatementEnd
