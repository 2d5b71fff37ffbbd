-- What the observed intends and expects is frozen when the lesson begins: how it is put
-- later stands beside it, so that what was seen can be held against what was meant.

-- +goose Up
alter table visit
    add column expectation text not null default '' check (char_length(expectation) <= 1000),
    add column intended_at timestamptz, -- when intention and expectation were written
    add column later_intention text not null default '' check (char_length(later_intention) <= 2000),
    add column later_expectation text not null default '' check (char_length(later_expectation) <= 1000),
    add column later_at timestamptz,
    add constraint later_with_time check (later_at is not null or later_intention = '' and later_expectation = '');
grant insert (expectation, intended_at), update (expectation, intended_at, later_intention, later_expectation, later_at) on visit to undring_app;

-- +goose StatementBegin
-- The card's own words are the observed's. Once the lesson has begun, an intention that
-- is there is changed no more. The hour is that of the change, which never lies before
-- the last one: nobody goes back behind it.
create function intention_guard() returns trigger
    language plpgsql set search_path = ''
as $$
declare
    me constant uuid := current_setting('undring.person')::uuid;
begin
    if current_user = 'undring_owner' then
        return new; -- a step, see visit_step
    end if;
    if tg_op = 'INSERT' then
        if (new.expectation <> '' or new.intended_at is not null) and me <> new.observed_id then
            perform public.refuse('not_your_move');
        end if;
        return new;
    end if;
    if (old.intention, old.expectation, old.intended_at, old.later_intention, old.later_expectation, old.later_at)
       is not distinct from (new.intention, new.expectation, new.intended_at, new.later_intention, new.later_expectation, new.later_at) then
        return new;
    end if;
    if me <> old.observed_id then
        perform public.refuse('not_your_move');
    end if;
    if old.state not in ('PROPOSED', 'AGREED') then
        perform public.refuse('wrong_state');
    end if;
    if (old.intention, old.expectation, old.intended_at) is distinct from (new.intention, new.expectation, new.intended_at)
       and (old.intention <> '' or old.expectation <> '')
       and greatest(old.updated_at, new.updated_at) >= old.start_at then
        perform public.refuse('lesson_started');
    end if;
    return new;
end
$$;
-- +goose StatementEnd
create trigger intention_guard before insert or update on visit for each row execute function intention_guard();

-- +goose StatementBegin
-- The words of a visit, of every room: made from what the rooms declare of their tables.
create or replace function erase_words(tenant uuid, which uuid) returns void
    language plpgsql security definer set search_path = ''
as $$
begin
    update public.visit set
        place = '',
        talk_arena = '',
        focus_question = '',
        intention = '',
        expectation = '',
        later_intention = '',
        later_expectation = '',
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
        acknowledged_at = null,
        intended_at = null,
        later_at = null
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
