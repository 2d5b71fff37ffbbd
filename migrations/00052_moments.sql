-- "Here!": moments of a lesson that one of the two marks by a tap, for words later. They
-- hold no words, belong to whoever made them, and go with the notes that were not shared.

-- +goose Up
create table moment (
    owner_id    uuid not null,
    id          uuid not null,
    visit_id    uuid not null,
    person_id   uuid not null,
    observer_id uuid not null,
    observed_id uuid not null,
    marked_at   timestamptz not null, -- by the visit's clock
    created_at  timestamptz not null,
    constraint moment__id_taken primary key (owner_id, id),
    constraint moment_of_two foreign key (owner_id, visit_id, observer_id, observed_id) references visit (owner_id, id, observer_id, observed_id),
    constraint marker__not_your_move check (person_id in (observer_id, observed_id))
);
create index moment_of_person on moment (owner_id, visit_id, person_id);

-- +goose StatementBegin
do $$
declare
    tenant constant text := 'owner_id = (select current_setting(''undring.owner'')::uuid)';
    me constant text := '(select current_setting(''undring.person'')::uuid)';
begin
    execute 'alter table moment enable row level security';
    execute 'alter table moment force row level security';
    execute format('create policy definer_all on moment to undring_owner using (%s)', tenant);
    execute format('create policy own_read on moment for select to undring_app using (%s and person_id = %s)', tenant, me);
    execute format('create policy own_add on moment for insert to undring_app with check (%s and person_id = %s)', tenant, me);
    execute format('create policy own_remove on moment for delete to undring_app using (%s and person_id = %s)', tenant, me);
end
$$;
-- +goose StatementEnd
grant select, insert, delete on moment to undring_app;
create trigger exchange_guard before insert on moment for each row execute function exchange_guard('AGREED,OBSERVED,FEEDBACK_GIVEN,ANSWERED');

-- +goose StatementBegin
-- A moment is its maker's alone: nobody else's phone hears of it.
create function feed_moment() returns trigger
    language plpgsql security definer set search_path = ''
as $$
declare
    m constant public.moment := coalesce(new, old);
begin
    perform public.tell(m.owner_id, array[m.person_id], 'MOMENT', m.id, tg_op = 'DELETE');
    return null;
end
$$;
-- +goose StatementEnd
revoke execute on function feed_moment from public;
create trigger feed_moment after insert or delete on moment for each row execute function feed_moment();

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
    delete from public.question_opening where owner_id = tenant and visit_id = which;
    delete from public.question where owner_id = tenant and visit_id = which;
    delete from public.feedback_point where owner_id = tenant and visit_id = which;
    delete from public.action where owner_id = tenant and visit_id = which;
    delete from public.note where owner_id = tenant and visit_id = which;
    delete from public.moment where owner_id = tenant and visit_id = which;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- What goes when a visit closes, made from the same.
create or replace function end_words(tenant uuid, which uuid) returns void
    language plpgsql security definer set search_path = ''
as $$
begin
    delete from public.draft where owner_id = tenant and visit_id = which;
    delete from public.note where owner_id = tenant and visit_id = which and not shared;
    delete from public.moment where owner_id = tenant and visit_id = which;
end
$$;
-- +goose StatementEnd
